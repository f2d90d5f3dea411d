# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""A query as SQL over the tables of `resource`, `version` and `index_*`.

One clause drives: its index rows are read through the index that answers it, in the order of pk where that is possible, so that a page
ends the scan. The other clauses are probes: does this resource have a row that matches. The store removes the index rows of
deleted resources, and a parameter's key implies the resource type, so index rows stand for live resources of the right type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from fhir_server.search.clause import ChainClause, Clause, IdClause, MissingClause, ParameterClause, UpdatedClause
from fhir_server.search.dialect import SQLITE, Dialect, Sql, Statement, all_of, any_of, joined, one_of
from fhir_server.search.page import After, Key
from fhir_server.search.query import Query
from fhir_server.search.result import Include, Sort
from fhir_server.search.row_match import LAST_CHARACTER, interval_matches, row_matches
from fhir_server.search.selectivity import drives, rank
from fhir_server.search.types.date import BEGINNING, END
from fhir_server.search.types.number import LARGEST

COLUMNS = "pk, type, id, version, updated, method, content, seq"
"""Of each row of `to_sql` and `includes_sql`; the sort values follow (`after_row`)."""

MAX_INCLUDED = 10_000
"""`includes_sql` gives one more row where there are more."""

_TABLES = {name: f"index_{name}" for name in ("string", "token", "reference", "date", "number", "quantity", "uri")}


def to_sql(query: Query, *, limit: int | None = None, only_ids: bool = False, dialect: Dialect = SQLITE) -> Statement:
    """The matches of one page in the asked order, with one row more than `query.count` (or `limit` rows) to tell whether there is a next.

    Rows are COLUMNS, then the sort values; with `only_ids` pk, type, id.
    """
    rows = query.count + 1 if limit is None else limit
    page = _page(query, rows, _Aliases())
    if only_ids:
        text = f"SELECT r.pk, r.type, r.id FROM ({page.text}) p CROSS JOIN resource r WHERE r.pk = p.pk {_order(query.sort, 'p')}"
        return dialect.statement(Sql(text, page.values))
    extra = "".join(f", p.s{number}" for number in range(len(query.sort)))
    tables = f"({page.text}) p CROSS JOIN resource r CROSS JOIN version v"
    text = f"SELECT {_RESULT}{extra} FROM {tables} WHERE r.pk = p.pk AND v.seq = r.seq {_order(query.sort, 'p')}"
    return dialect.statement(Sql(text, page.values))


_RESULT = "r.pk, v.type, v.id, v.version, v.updated, v.method, v.content, v.seq"


def after_row(row: Sequence[Key]) -> After:
    """The page token's content for the page that follows this row of `to_sql`."""
    return After(tuple(row[len(COLUMNS.split(", ")) :]), int(row[0]))


def count_sql(query: Query, *, dialect: Dialect = SQLITE) -> Statement:
    """One row with the number of all matches, whatever the page."""
    selection = _selection(query.resource_type, query.clauses, _Aliases())
    what = "*" if selection.distinct else f"DISTINCT {selection.pk}"
    return dialect.statement(Sql(f"SELECT count({what}) FROM {selection.source} WHERE {selection.where.text}", selection.where.values))


def includes_sql(query: Query, pks: Sequence[int], *, limit: int = MAX_INCLUDED, dialect: Dialect = SQLITE) -> Statement | None:
    """What `_include` and `_revinclude` add to a page of matches with these pks: each resource once, no match again, COLUMNS, by pk.

    None where nothing is to be included. At most `limit` + 1 rows.
    """
    wanted = [_included(one, pks, dialect) for one in query.includes] + [_including(one, query, pks, dialect) for one in query.revincludes]
    if not wanted or not pks:
        return None
    union, matches = joined(" UNION ", wanted), dialect.member("r.pk", pks)
    text = (
        f"SELECT {_RESULT} FROM (SELECT r.pk, r.seq FROM resource r WHERE r.deleted = 0 AND r.pk IN ({union.text}) AND NOT {matches.text}"
        " ORDER BY r.pk LIMIT ?) r CROSS JOIN version v WHERE v.seq = r.seq ORDER BY r.pk"
    )
    return dialect.statement(Sql(text, (*union.values, *matches.values, limit + 1)))


def _included(include: Include, pks: Sequence[int], dialect: Dialect) -> Sql:
    """The resources that the page's references lead to."""
    page = dialect.member("x.pk", pks)
    target, values = (" AND x.type = ?", (include.target,)) if include.target else ("", ())
    text = (
        f"SELECT t.pk FROM index_reference x CROSS JOIN resource t WHERE {page.text} AND x.key = ?{target}"
        " AND t.type = x.type AND t.id = x.id"
    )
    return Sql(text, (*page.values, include.key, *values))


def _including(include: Include, query: Query, pks: Sequence[int], dialect: Dialect) -> Sql:
    """The resources whose references lead to the page."""
    page = dialect.member("t.pk", pks if include.target in (None, query.resource_type) else ())
    text = f"SELECT x.pk FROM resource t CROSS JOIN index_reference x WHERE {page.text} AND x.key = ? AND x.id = t.id AND x.type = t.type"
    return Sql(text, (*page.values, include.key))


class _Aliases:
    """Names for tables, each used once in a statement."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def next(self) -> str:
        return f"t{next(self._numbers)}"


@dataclass(frozen=True, slots=True)
class _Selection:
    """`SELECT pk FROM source WHERE where`; `distinct` where no pk can come twice; `is_resource` where the source is that table."""

    source: str
    pk: str
    where: Sql
    distinct: bool
    is_resource: bool = False


def _selection(resource_type: str, clauses: Sequence[Clause], aliases: _Aliases) -> _Selection:
    """The resources for which all clauses hold."""
    alias = aliases.next()
    candidates = [clause for clause in clauses if drives(clause)]
    driver = min(candidates, key=rank) if candidates else None
    if isinstance(driver, ParameterClause | ChainClause):
        rest = [_probe(clause, f"{alias}.pk", aliases) for clause in clauses if clause is not driver]
        where = all_of([_rows_match(alias, driver, aliases), *rest])
        return _Selection(f"{_TABLES[driver.parameter.type]} {alias}", f"{alias}.pk", where, _rows_are_unique(driver))
    live = Sql(f"{alias}.type = ? AND {alias}.deleted = 0", (resource_type,))
    where = all_of([live, *(_on_resource(clause, alias, aliases) for clause in clauses)])
    return _Selection(f"resource {alias}", f"{alias}.pk", where, True, True)


def _rows_are_unique(driver: ParameterClause | ChainClause) -> bool:
    """A token with its system, once: the primary key allows a resource no second row."""
    if not isinstance(driver, ParameterClause) or driver.parameter.type != "token" or len(driver.values) > 1:
        return False
    (value,) = driver.values
    return getattr(value, "system", None) is not None and getattr(value, "code", None) is not None


def _rows_match(alias: str, clause: ParameterClause | ChainClause, aliases: _Aliases, is_probe: bool = False) -> Sql:
    """The index row of this alias belongs to the clause's parameter and matches."""
    if isinstance(clause, ParameterClause):
        matches = row_matches(alias, clause, is_probe)
        return Sql(f"{alias}.key = ? AND ({matches.text})", (clause.key, *matches.values))
    targets = joined(" UNION ALL ", [_pks(link.type, link.clause, aliases) for link in clause.links])
    target = aliases.next()
    found = f"SELECT {target}.id, {target}.type FROM resource {target} WHERE {target}.pk IN ({targets.text})"
    return Sql(f"{alias}.key = ? AND ({alias}.id, {alias}.type) IN ({found})", (clause.key, *targets.values))


def _pks(resource_type: str, clause: Clause, aliases: _Aliases) -> Sql:
    """The pks of the resources for which the clause holds."""
    selection = _selection(resource_type, (clause,), aliases)
    return Sql(f"SELECT {selection.pk} FROM {selection.source} WHERE {selection.where.text}", selection.where.values)


def _probe(clause: Clause, pk: str, aliases: _Aliases) -> Sql:
    """True for the resource with this pk if the clause holds."""
    alias = aliases.next()
    if isinstance(clause, IdClause | UpdatedClause):
        condition, table = _on_resource(clause, alias, aliases), "resource"
    elif isinstance(clause, MissingClause):
        condition, table = Sql(f"{alias}.key = ?", (clause.key,)), _TABLES[clause.parameter.type]
    else:
        condition, table = _rows_match(alias, clause, aliases, is_probe=True), _TABLES[clause.parameter.type]
    negation = "NOT " if _denies(clause) else ""
    return Sql(f"{negation}EXISTS (SELECT 1 FROM {table} {alias} WHERE {alias}.pk = {pk} AND {condition.text})", condition.values)


def _denies(clause: Clause) -> bool:
    """True where the clause asks that there be no such row."""
    if isinstance(clause, MissingClause):
        return clause.missing
    return isinstance(clause, ParameterClause) and clause.modifier == "not"


def _on_resource(clause: Clause, alias: str, aliases: _Aliases) -> Sql:
    """The clause as a condition on a row of the table `resource`."""
    if isinstance(clause, IdClause):
        among = one_of(f"{alias}.id", clause.ids)
        return Sql(f"NOT ({among.text})", among.values) if clause.negated else among
    if isinstance(clause, UpdatedClause):
        either = any_of([interval_matches(f"{alias}.updated", f"{alias}.updated", value) for value in clause.values])
        return Sql(f"({either.text})", either.values)
    return _probe(clause, f"{alias}.pk", aliases)


def _page(query: Query, rows: int, aliases: _Aliases) -> Sql:
    """pk and sort values (s0, s1, ...) of the page's rows."""
    selection = _selection(query.resource_type, query.clauses, aliases)
    source, pk, where = selection.source, selection.pk, selection.where
    if not query.sort:
        after = Sql(f"{pk} > ?", (query.after.pk,)) if query.after else Sql("")
        where = all_of([where, after])
        distinct = "" if selection.distinct else "DISTINCT "
        return Sql(f"SELECT {distinct}{pk} AS pk FROM {source} WHERE {where.text} ORDER BY {pk} LIMIT ?", (*where.values, rows))
    if not selection.distinct:
        source, where = f"(SELECT DISTINCT {pk} AS pk FROM {source} WHERE {where.text}) d", Sql("1 = 1", where.values)
        pk = "d.pk"
    return _sorted_page(query, source, pk, where, selection, rows)


def _sorted_page(query: Query, source: str, pk: str, where: Sql, selection: _Selection, rows: int) -> Sql:
    keys = [_sort_value(sort, pk, selection) for sort in query.sort]
    columns = "".join(f", {key.text} AS s{number}" for number, key in enumerate(keys))
    key_values = tuple(value for key in keys for value in key.values)
    inner = f"SELECT {pk} AS pk{columns} FROM {source} WHERE {where.text}"
    after = _after(query.sort, query.after) if query.after else Sql("1 = 1")
    text = f"SELECT * FROM ({inner}) k WHERE {after.text} {_order(query.sort, 'k')} LIMIT ?"
    return Sql(text, (*key_values, *where.values, *after.values, rows))


_SORT_COLUMNS = {
    "string": "x.value", "token": "nullif(x.code, '')", "reference": "nullif(x.id, '')", "uri": "x.value",
    "date": "x.low", "number": "x.low", "quantity": "x.low",
}  # fmt: skip


def _sort_value(sort: Sort, pk: str, selection: _Selection) -> Sql:
    if sort.by in ("_id", "_lastUpdated"):
        column = "id" if sort.by == "_id" else "updated"
        if selection.is_resource:
            return Sql(f"{pk.partition('.')[0]}.{column}")
        return Sql(f"(SELECT x.{column} FROM resource x WHERE x.pk = {pk})")
    extreme = f"{'max' if sort.descending else 'min'}({_SORT_COLUMNS[sort.by]})"
    return Sql(f"coalesce((SELECT {extreme} FROM {_TABLES[sort.by]} x WHERE x.pk = {pk} AND x.key = ?), ?)", (sort.key, _last(sort)))


def _last(sort: Sort) -> Key:
    """What resources without a value are sorted by: after all others."""
    if sort.by in ("number", "quantity"):
        return -LARGEST if sort.descending else LARGEST
    if sort.by == "date":
        return BEGINNING - 1 if sort.descending else END + 1
    return "" if sort.descending else LAST_CHARACTER


def _order(sort: Sequence[Sort], alias: str) -> str:
    """The pk goes the way of the first key, so that an index may be read backwards."""
    keys = [f"{alias}.s{number}{' DESC' if one.descending else ''}" for number, one in enumerate(sort)]
    return "ORDER BY " + ", ".join([*keys, f"{alias}.pk{' DESC' if sort and sort[0].descending else ''}"])


def _after(sort: Sequence[Sort], after: After) -> Sql:
    """Behind the last row of the page before, in the order of `_order`."""
    columns = [*(f"k.s{number}" for number in range(len(sort))), "k.pk"]
    descending = [*(one.descending for one in sort), sort[0].descending]
    values = (*after.keys, after.pk)
    if len(set(descending)) == 1:
        return Sql(f"({', '.join(columns)}) {'<' if descending[0] else '>'} ({', '.join('?' * len(values))})", values)
    return any_of(list(_beyond(columns, descending, values)))


def _beyond(columns: Sequence[str], descending: Sequence[bool], values: Sequence[Key]) -> Iterator[Sql]:
    for number, column in enumerate(columns):
        equal = [Sql(f"{before} = ?", (value,)) for before, value in zip(columns[:number], values, strict=False)]
        yield all_of([*equal, Sql(f"{column} {'<' if descending[number] else '>'} ?", (values[number],))])
