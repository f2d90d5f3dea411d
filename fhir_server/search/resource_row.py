# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""Conditions on a row of the table `resource`: whether it counts, and the clauses that its own columns answer."""

from __future__ import annotations

from fhir_server.search.clause import IdClause, TypeClause, UpdatedClause
from fhir_server.search.dialect import KEPT, Dialect, Sql, all_of, any_of, one_of
from fhir_server.search.draft import Draft, Types
from fhir_server.search.row_match import interval_matches

ColumnClause = IdClause | UpdatedClause | TypeClause
"""Clauses that the columns of the table answer."""

_FEW = 20
"""Ids that are bound one by one."""


def live(alias: str, types: Types) -> Sql:
    """The row is of one of the types and not deleted."""
    among = one_of(f"{alias}.type", types) if types else Sql("")
    return all_of([among, Sql(f"{alias}.deleted = 0")])


def is_of(types: Types, pk: str, draft: Draft) -> Sql:
    """The resource with this pk is of one of the types."""
    alias = draft.alias()
    counts = live(alias, types)
    return Sql(f"EXISTS (SELECT 1 FROM resource {alias} WHERE {alias}.pk = {pk} AND {counts.text}{KEPT})", counts.values)


def columns_match(clause: ColumnClause, alias: str, dialect: Dialect) -> Sql:
    """The row of this alias matches the clause."""
    if isinstance(clause, IdClause):
        return _has_id(clause, alias, dialect)
    if isinstance(clause, TypeClause):
        return one_of(f"{alias}.type", clause.types)
    either = any_of([interval_matches(f"{alias}.updated", f"{alias}.updated", value) for value in clause.values])
    return Sql(f"({either.text})", either.values)


def _has_id(clause: IdClause, alias: str, dialect: Dialect) -> Sql:
    few = len(clause.ids) <= _FEW
    among = one_of(f"{alias}.id", clause.ids) if few else dialect.among(f"{alias}.id", frozenset(clause.ids))
    return Sql(f"NOT ({among.text})", among.values) if clause.negated else among
