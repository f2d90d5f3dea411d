# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""What `_include` and `_revinclude` add to a page (https://hl7.org/fhir/R4/search.html#include).

A protocol without I/O: `including` gives the statements one after the other and is sent their rows, so that every store follows
references in the same way. Each resource comes once, none that is a match again; `:iterate` meets a circle once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir_server.search.dialect import SQLITE, Dialect, Sql, Statement, all_of, joined
from fhir_server.search.include import Include
from fhir_server.search.query import Query
from fhir_server.search.selection import visible
from fhir_server.search.sight.sight import Sight
from fhir_server.search.sql import result_columns

MAX_INCLUDED = 10_000
"""Resources that a page includes."""

MAX_ROUNDS = 100
"""Steps of `:iterate`."""

MAX_BYTES = 64 * 2**20
"""Content that a page includes."""

AT_ONCE = 500
"""Resources whose content is read by one statement."""

Rows = Sequence[Sequence[Any]]
Row = tuple[Any, ...]


@dataclass(slots=True)
class Included:
    """`rows` as of `fhir_server.search.sql.COLUMNS`, by pk; `is_cut` where there would be more."""

    rows: list[Row] = field(default_factory=list)
    is_cut: bool = False


def including(query: Query, pks: Sequence[int], dialect: Dialect = SQLITE) -> Generator[Statement, Rows, Included]:
    """For a page of matches with these pks; statements are to be answered by all of their rows."""
    if not pks or not (query.includes or query.revincludes):
        return Included()
    found, is_cut = yield from _followed(query, pks, dialect)
    seqs = [seq for _, seq in sorted(found)]
    whole = yield from _contents(seqs[:MAX_INCLUDED], dialect)
    return Included(whole.rows, whole.is_cut or is_cut or len(seqs) > MAX_INCLUDED)


def _followed(query: Query, pks: Sequence[int], dialect: Dialect) -> Generator[Statement, Rows, tuple[set[tuple[int, int]], bool]]:
    """(pk, seq) of all that is to be included, and whether the way was broken off."""
    found = _pairs((yield _step(query.includes, query.revincludes, pks, pks, query.sight, dialect)))
    forth, back = ([one for one in includes if one.iterate] for includes in (query.includes, query.revincludes))
    known, fresh = set(pks), {pk for pk, _ in found}
    for _ in range(MAX_ROUNDS):
        if not fresh or not (forth or back) or len(found) > MAX_INCLUDED:
            return found, False
        known |= fresh
        more = _pairs((yield _step(forth, back, sorted(fresh), pks, query.sight, dialect)))
        found |= more
        fresh = {pk for pk, _ in more} - known
    return found, bool(fresh)


def _pairs(rows: Rows) -> set[tuple[int, int]]:
    return {(row[0], row[1]) for row in rows}


def _contents(seqs: Sequence[int], dialect: Dialect) -> Generator[Statement, Rows, Included]:
    included, size = Included(), 0
    for start in range(0, len(seqs), AT_ONCE):
        if size > MAX_BYTES:
            included.is_cut = True
            return included
        rows = yield _read(seqs[start : start + AT_ONCE], dialect)
        included.rows += [tuple(row) for row in rows]
        size += sum(len(row[6] or b"") for row in rows)
    return included


def _read(seqs: Sequence[int], dialect: Dialect) -> Statement:
    among = dialect.member("v.seq", seqs)
    source = f"version v CROSS JOIN resource r WHERE {among.text} AND r.pk = v.pk"
    return dialect.statement(Sql(f"SELECT {result_columns(dialect)} FROM {source} ORDER BY r.pk, v.seq", among.values))


def _step(
    forth: Iterable[Include], back: Iterable[Include], pks: Sequence[int], matches: Sequence[int], sight: Sight | None, dialect: Dialect
) -> Statement:
    """(pk, seq) of what one step of references leads to, without the matches themselves, of what the asker sees."""
    wanted = [piece for one in forth for piece in _included(one, pks, dialect)] + [
        piece for one in back for piece in _including(one, pks, dialect)
    ]
    union, same = joined(" UNION ", wanted), dialect.member("m.pk", matches)
    others = Sql(f"f.seq NOT IN (SELECT m.seq FROM resource m WHERE {same.text})", same.values)
    kept = all_of([others, *_seen(sight, dialect)])
    text = f"SELECT f.pk, f.seq FROM ({union.text}) f WHERE {kept.text} ORDER BY f.pk LIMIT ?"
    return dialect.statement(Sql(text, (*union.values, *kept.values, MAX_INCLUDED + 1)))


def _seen(sight: Sight | None, dialect: Dialect) -> list[Sql]:
    """Marks are those of the current version, so who does not see everything is given no other."""
    if sight is None:
        return []
    return [Sql("EXISTS (SELECT 1 FROM resource c WHERE c.pk = f.pk AND c.seq = f.seq)"), visible("f.pk", sight, dialect)]


def _keys(include: Include, dialect: Dialect) -> Sql:
    """The references are of these parameters; of all where none is named."""
    if not include.keys:
        return Sql("1 = 1")
    if len(include.keys) == 1:
        return Sql("x.key = ?", include.keys)
    return dialect.member("x.key", include.keys)


def _targets(include: Include, column: str) -> Sql:
    return Sql(f" AND {column} = ?", (include.target,)) if include.target else Sql("")


def _included(include: Include, pks: Sequence[int], dialect: Dialect) -> list[Sql]:
    """The resources that the references of these lead to: the version that is named, where there is one."""
    page, keys, target = dialect.member("x.pk", pks), _keys(include, dialect), _targets(include, "x.type")
    named = "x.version <> '' AND CAST(v.version AS text) = x.version AND v.content IS NOT NULL"
    version = f"SELECT v.seq FROM version v WHERE v.pk = t.pk AND {named}"
    text = (
        f"SELECT t.pk AS pk, coalesce(({version}), t.seq) AS seq FROM index_reference x CROSS JOIN resource t"
        f" WHERE {page.text} AND {keys.text}{target.text} AND t.type = x.type AND t.id = x.id AND t.deleted = 0"
    )
    local = Sql(text, (*page.values, *keys.values, *target.values))
    return [local, _canonical(include, "x.pk", pks, "t", dialect)] if include.urls else [local]


def _including(include: Include, pks: Sequence[int], dialect: Dialect) -> list[Sql]:
    """The resources whose references lead to these."""
    page, keys, target = dialect.member("t.pk", pks), _keys(include, dialect), _targets(include, "t.type")
    text = (
        "SELECT s.pk AS pk, s.seq AS seq FROM resource t CROSS JOIN index_reference x CROSS JOIN resource s"
        f" WHERE {page.text}{target.text} AND {keys.text} AND x.id = t.id AND x.type = t.type AND s.pk = x.pk"
    )
    local = Sql(text, (*page.values, *target.values, *keys.values))
    return [local, _canonical(include, "u.pk", pks, "s", dialect)] if include.urls else [local]


def _canonical(include: Include, known: str, pks: Sequence[int], wanted: str, dialect: Dialect) -> Sql:
    """The same along canonical URLs, with their version where they have one (https://hl7.org/fhir/R4/references.html#canonical)."""
    page, keys, urls = dialect.member(known, pks), _keys(include, dialect), dialect.member("u.key", include.urls)
    first, second = ("x", "u") if known == "x.pk" else ("u", "x")
    text = (
        f"SELECT {wanted}.pk AS pk, {wanted}.seq AS seq FROM index_{_TABLE[first]} {first} CROSS JOIN index_{_TABLE[second]} {second}"
        f" CROSS JOIN resource {wanted} WHERE {page.text} AND {keys.text} AND x.type = '' AND {urls.text} AND {_SAME_URL}"
        f" AND {wanted}.pk = {second}.pk"
    )
    return Sql(text, (*page.values, *keys.values, *urls.values))


_TABLE = {"x": "reference", "u": "uri"}
_SAME_URL = (
    "u.value = x.id AND (x.version = '' OR EXISTS"
    " (SELECT 1 FROM index_uri w WHERE w.pk = u.pk AND w.key = u.key AND w.value = x.id || '|' || x.version))"
)
