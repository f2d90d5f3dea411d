# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""The resources for which clauses hold, as a source of pks.

One clause drives: its index rows are read through the index that answers it, in the order of pk where that is possible, so that a page
ends the scan. The other clauses are probes. The store removes the index rows of deleted resources, and a parameter's key implies the
resource type, so index rows stand for live resources of the right type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhir_server.search.clause import AndClause, Clause, MarkClause, OrClause, ParameterClause, ReverseChainClause, TextClause, Value
from fhir_server.search.dialect import Dialect, Sql, all_of, joined, one_of
from fhir_server.search.draft import Draft, Types
from fhir_server.search.probe import marked, probe, probe_of_row, unguarded_probes
from fhir_server.search.resource_row import is_of, live
from fhir_server.search.row_clause import RowClause, rows_match, table_of
from fhir_server.search.row_match import row_matches
from fhir_server.search.selectivity import driver_of
from fhir_server.search.sight.sight import Sight
from fhir_server.search.words import text_matches, text_pk


@dataclass(frozen=True, slots=True)
class Selection:
    """`SELECT pk FROM source WHERE where`; `distinct` where no pk can come twice; `is_resource` where the source is that table."""

    source: str
    pk: str
    where: Sql
    distinct: bool
    is_resource: bool = False


class Selecting(Draft):
    """A draft whose conditions may select other resources."""

    def pks(self, types: Types, clause: Clause) -> Sql:
        self.depth += 1
        selected = selection(types, (clause,), self)
        self.depth -= 1
        found = Sql(f"SELECT {selected.pk} AS pk FROM {selected.source} WHERE {selected.where.text}", selected.where.values)
        return self.before(found) if self.depth else found

    def seen(self, pk: str, types: Types) -> Sql:
        return all_of(unguarded_probes(self.guard(types), pk, types, self))


def visible(pk: str, sight: Sight, dialect: Dialect) -> Sql:
    """The asker sees the resource, of any type, with this pk."""
    return Selecting(dialect, sight).seen(pk, ())


def flat(clauses: Sequence[Clause]) -> Iterator[Clause]:
    """What must all hold, without groups."""
    for clause in clauses:
        if isinstance(clause, AndClause):
            yield from flat(clause.clauses)
        else:
            yield clause


_Driving = RowClause | TextClause | MarkClause | OrClause | ReverseChainClause
"""Clauses with an index of their own."""


def selection(types: Types, clauses: Sequence[Clause], draft: Draft) -> Selection:
    """The resources of these types (none: of any) for which all clauses hold, of those that the asker sees."""
    asked, guard = list(flat(clauses)), list(flat(draft.guard(types)))
    alias = draft.alias()
    driver = driver_of(asked) or driver_of(guard)
    if not isinstance(driver, _Driving):
        return _of_resources(alias, types, asked, guard, draft)
    driven = _driven(driver, alias, types, guard, draft)
    pk = _not_entered_by(driven.pk, draft.dialect) if isinstance(driver, TextClause) else driven.pk
    others = [probe(clause, pk, types, draft) for clause in asked if clause is not driver]
    hidden = unguarded_probes([clause for clause in guard if clause is not driver], pk, types, draft)
    return Selection(driven.source, driven.pk, all_of([driven.where, *others, *hidden]), driven.distinct)


def _of_resources(alias: str, types: Types, asked: Sequence[Clause], guard: Sequence[Clause], draft: Draft) -> Selection:
    """All resources of the types, each asked for every clause."""
    with draft.unguarded():
        kept = [probe_of_row(clause, alias, types, draft) for clause in guard]
    where = all_of([live(alias, types), *(probe_of_row(clause, alias, types, draft) for clause in asked), *kept])
    return Selection(f"resource {alias}", f"{alias}.pk", where, True, True)


def _driven(driver: _Driving, alias: str, types: Types, guard: Sequence[Clause], draft: Draft) -> Selection:
    """The resources for which the clause that drives holds."""
    if isinstance(driver, RowClause):
        return Selection(f"{table_of(driver)} {alias}", f"{alias}.pk", rows_match(alias, driver, draft), _rows_are_unique(driver))
    if isinstance(driver, TextClause):
        pk = text_pk(alias, draft.dialect)
        return Selection(f"index_text {alias}", pk, all_of([text_matches(alias, driver, draft.dialect), is_of(types, pk, draft)]), True)
    pk = f"{alias}.pk"
    if isinstance(driver, MarkClause):
        where = all_of([marked(alias, driver, draft), is_of(types, pk, draft)])
        return Selection(f"index_mark {alias}", pk, where, len(driver.marks) == 1)
    with draft.unguarded(driver in guard):
        union = _alternatives(types, driver, draft) if isinstance(driver, OrClause) else _pointed_at(types, driver, draft)
    return Selection(f"({union.text}) {alias}", pk, Sql("1 = 1", union.values), True)


def _rows_are_unique(driver: RowClause) -> bool:
    """A token with its system, once: the primary key allows a resource no second row."""
    if not isinstance(driver, ParameterClause) or driver.parameter.type != "token" or len(driver.values) != 1:
        return False
    (value,) = driver.values
    return getattr(value, "system", None) is not None and getattr(value, "code", None) is not None


def _not_entered_by(pk: str, dialect: Dialect) -> str:
    """The pk as SQLite cannot enter by: where words are searched, MATCH must be what it enters by."""
    return f"+{pk}" if dialect.name == "sqlite" else pk


def _alternatives(types: Types, clause: OrClause, draft: Draft) -> Sql:
    """The pks of the resources for which one of the clauses holds, each once."""
    alike: dict[tuple[Value, ...], list[ParameterClause]] = defaultdict(list)
    apart: list[Clause] = []
    for one in clause.clauses:
        if isinstance(one, ParameterClause) and one.parameter.type == "reference" and one.modifier is None:
            alike[one.values].append(one)
        else:
            apart.append(one)
    return joined(" UNION ", [_referring(group, draft) for group in alike.values()] + [draft.pks(types, one) for one in apart])


def _referring(group: Sequence[ParameterClause], draft: Draft) -> Sql:
    """The pks of the resources that refer to the same by one of the parameters: a compartment has a hundred of them."""
    alias = draft.alias()
    keys, matches = one_of(f"{alias}.key", [one.key for one in group]), row_matches(alias, group[0])
    text = f"SELECT DISTINCT {alias}.pk AS pk FROM index_reference {alias} WHERE {keys.text} AND ({matches.text})"
    return Sql(text, (*keys.values, *matches.values))


def _pointed_at(types: Types, clause: ReverseChainClause, draft: Draft) -> Sql:
    """The pks of the resources that a resource, for which the clause's condition holds, points at."""
    source, reference, target = draft.alias(), draft.alias(), draft.alias()
    counts, sources = live(target, types), draft.pks((clause.type,), clause.clause)
    text = (  # DISTINCT, so that PostgreSQL begins with the sources and does not look for each reference among them
        f"SELECT DISTINCT {target}.pk FROM (SELECT DISTINCT pk FROM ({sources.text}) x) {source}"
        f" CROSS JOIN index_reference {reference} CROSS JOIN resource {target}"
        f" WHERE {reference}.pk = {source}.pk AND {reference}.key = ?"
        f" AND {target}.type = {reference}.type AND {target}.id = {reference}.id AND {counts.text}"
    )
    return Sql(text, (*sources.values, clause.key, *counts.values))
