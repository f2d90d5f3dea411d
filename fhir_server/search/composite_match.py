# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""When an element matches a composite: SQL over the tables of components, entered by the component that an index answers."""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.search.clause import CompositeClause, ParameterClause, Value
from fhir_server.search.dialect import Sql, all_of, any_of
from fhir_server.search.row_match import row_matches

ENTRANCES = ("token", "reference", "uri", "string")
"""Types of components that are found by an index, the best first; the others are looked up by pk."""


def lead(clause: CompositeClause) -> int:
    """The number of the component that a search enters by."""
    types = [component.type for component in clause.components]
    return next((types.index(one) for one in ENTRANCES if one in types), 0)


def has_entrance(clause: CompositeClause) -> bool:
    """False where no component can be found without knowing the resource."""
    return clause.components[lead(clause)].type in ENTRANCES


def component_table(type_: str) -> str:
    return f"index_component_{type_}"


def composite_matches(alias: str, clause: CompositeClause, next_alias: Callable[[], str], is_probe: bool = False) -> Sql:
    """The row of this alias, of the leading component, belongs to an element that matches one of the clause's values."""
    first = lead(clause)
    leading = tuple(dict.fromkeys(values[first] for values in clause.values))
    entered = row_matches(alias, _one(clause, first, leading), is_probe)
    alternatives = any_of([_alternative(alias, clause, first, values, next_alias) for values in clause.values])
    found = all_of([Sql(f"{alias}.key = ?", (clause.keys[first],)), Sql(f"({entered.text})", entered.values)])
    return all_of([found, Sql(f"({alternatives.text})", alternatives.values)])


def _alternative(alias: str, clause: CompositeClause, first: int, values: tuple[Value, ...], next_alias: Callable[[], str]) -> Sql:
    others = [_beside(alias, clause, number, values[number], next_alias()) for number in range(len(values)) if number != first]
    return all_of([*([row_matches(alias, _one(clause, first, (values[first],)))] if len(clause.values) > 1 else []), *others])


def _beside(alias: str, clause: CompositeClause, number: int, value: Value, other: str) -> Sql:
    """The same element has a matching row of another component."""
    matches = row_matches(other, _one(clause, number, (value,)), True)
    joined = f"{other}.pk = {alias}.pk AND {other}.key = ? AND {other}.element = {alias}.element"
    table = component_table(clause.components[number].type)
    return Sql(f"EXISTS (SELECT 1 FROM {table} {other} WHERE {joined} AND ({matches.text}))", (clause.keys[number], *matches.values))


def _one(clause: CompositeClause, number: int, values: tuple[Value, ...]) -> ParameterClause:
    return ParameterClause(clause.components[number], clause.keys[number], values)
