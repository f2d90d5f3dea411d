# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""References into a hierarchy of resources: `location:below=Location/1` finds what points at that location or at any inside it
(https://hl7.org/fhir/R4/search.html#modifiers).

A hierarchy is what a type's own `partOf` makes: Location, Organization, Encounter, Procedure and others with such a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.clause import Hierarchy
from fhir_server.search.dialect import Sql, any_of
from fhir_server.search.scope import NotUnderstood, Scope
from fhir_server.search.types.reference import ReferenceValue


def hierarchies(parameter: SearchParameter, values: Sequence[ReferenceValue], above: bool, scope: Scope) -> tuple[Hierarchy, ...]:
    """Where the values lead; NotUnderstood where one is of no type that has parts of its own type."""
    return tuple(one for value in values for one in _of_value(parameter, value, above, scope))


def _of_value(parameter: SearchParameter, value: ReferenceValue, above: bool, scope: Scope) -> list[Hierarchy]:
    types = (value.type,) if value.type else tuple(name for name in parameter.targets if name in scope.definitions.schema.resource_types)
    found = [Hierarchy(name, part.key(name), value.id, above) for name in types if (part := _part_of(name, scope))]
    if not found:
        where = value.type or " or ".join(types[:5]) or "a resource of any type"
        sentence = f"{parameter.code}:{'above' if above else 'below'} needs resources that are part of others; {where} has no partOf."
        raise NotUnderstood("not-supported", f"{sentence} It was left out.")
    return found


def _part_of(type_name: str, scope: Scope) -> SearchParameter | None:
    """The parameter for the reference to the resource of the same type that this one is part of."""
    for parameter in scope.parameters(type_name).values():
        if parameter.type == "reference" and parameter.expression == f"{type_name}.partOf" and type_name in parameter.targets:
            return parameter
    return None


Seen = Callable[[str, str], Sql]
"""(pk, type): the asker sees that resource; the empty condition where nothing is hidden from them."""


def hierarchy_matches(alias: str, found: Sequence[Hierarchy], seen: Seen) -> Sql:
    """The reference row leads into one of the hierarchies, by resources that the asker sees."""
    return any_of([_matches(alias, one, seen) for one in found])


def _matches(alias: str, one: Hierarchy, seen: Seen) -> Sql:
    first, step = _and(seen("h0.pk", one.type)), _and(seen("c.pk", one.type))
    start = f"SELECT h0.id FROM resource h0 WHERE h0.type = ? AND h0.id = ?{first.text}"
    union = f"{start} UNION {_UP if one.above else _DOWN}{step.text}"
    text = f"{alias}.type = ? AND {alias}.id IN (WITH RECURSIVE h(id) AS ({union}) SELECT h.id FROM h)"
    steps = (one.type, one.key, one.type) if one.above else (one.key, one.type)
    return Sql(text, (one.type, one.type, one.id, *first.values, *steps, *step.values))


def _and(condition: Sql) -> Sql:
    return Sql(f" AND {condition.text}", condition.values) if condition else condition


_DOWN = "SELECT c.id FROM h JOIN index_reference x ON x.key = ? AND x.id = h.id AND x.type = ? JOIN resource c ON c.pk = x.pk WHERE 1 = 1"
_UP = (
    "SELECT x.id FROM h JOIN resource c ON c.type = ? AND c.id = h.id"
    " JOIN index_reference x ON x.pk = c.pk AND x.key = ? AND x.type = ? WHERE 1 = 1"
)
