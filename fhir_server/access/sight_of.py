"""From a caller and their circle to a sight: one rule for each resource type, for one permission."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from fhir_server.access.circle import Circle
from fhir_server.access.permission import scopes_for
from fhir_server.access.resource_class import ABOUT_PERSONS, OPEN, SUBSCRIPTION, TRAIL
from fhir_server.search.clause import Clause
from fhir_server.search.sight.marks import ABOUT, HIDDEN, OWNER, TENANT
from fhir_server.search.sight.sight import Rule, Sight
from fhir_server.security.caller import Caller
from fhir_server.security.scope import Permission, Scope

Filters = Callable[[str, tuple[tuple[str, str], ...]], tuple[Clause, ...] | None]
"""The clauses of a scope's query on a type; None where it cannot be read, and the scope gives nothing."""

_NOBODY: frozenset[str] = frozenset()


def sight_of(caller: Caller, circle: Circle, permission: Permission, types: Iterable[str], filters: Filters) -> Sight:
    """What the caller sees of each type; what their scopes do not have is not seen at all."""
    found = ((name, _rule(caller, circle, permission, name, filters)) for name in types)
    return Sight({name: rule for name, rule in found if rule is not None})


def _rule(caller: Caller, circle: Circle, permission: Permission, type_name: str, filters: Filters) -> Rule | None:
    scopes = list(scopes_for(caller, type_name, permission))
    alternatives = _alternatives(scopes, type_name, filters)
    if alternatives is None or (type_name == TRAIL and "data-protection-officer" not in caller.roles):
        return None
    return replace(_seen(caller, circle, type_name), filters=alternatives)


def _alternatives(scopes: list[Scope], type_name: str, filters: Filters) -> tuple[tuple[Clause, ...], ...] | None:
    """None for no scope at all; empty where one has no query."""
    if any(not scope.filters for scope in scopes):
        return ()
    read = (filters(type_name, scope.filters) for scope in scopes)
    return tuple(one for one in read if one is not None) or None


def _seen(caller: Caller, circle: Circle, type_name: str) -> Rule:
    if type_name in OPEN:
        return Rule(everything=True)
    tenant = TENANT + caller.tenant if caller.tenant else ""
    if type_name == TRAIL or (caller.whole and not caller.patient):
        return Rule(everything=True, tenant=tenant)
    if type_name == SUBSCRIPTION:  # a person's subject is never the id of a client
        return Rule(marks=frozenset([OWNER + caller.subject]), tenant=tenant)
    if caller.patient:
        return _of_patient(caller.patient, tenant, type_name)
    return _of_circle(circle, _hiding(caller), tenant, type_name)


def _of_patient(patient: str, tenant: str, type_name: str) -> Rule:
    """R4's compartment of one person, exactly, with the contents of its documents."""
    return Rule(marks=frozenset([patient]), hiding=frozenset([f"{HIDDEN}patient"]), tenant=tenant, holder=_holder(type_name))


def _of_circle(circle: Circle, hiding: frozenset[str], tenant: str, type_name: str) -> Rule:
    persons = circle.persons | circle.typed.get(type_name, _NOBODY)
    denied = circle.denied | circle.denied_typed.get(type_name, _NOBODY)
    return Rule(
        marks=_belonging(persons - denied, type_name), ids=circle.ids.get(type_name, _NOBODY),
        hiding=hiding | _belonging(denied, type_name),
        hidden=circle.denied_ids.get(type_name, _NOBODY), tenant=tenant, holder=_holder(type_name),
    )  # fmt: skip


def _belonging(persons: frozenset[str], type_name: str) -> frozenset[str]:
    """The marks of what belongs to these persons; of a type that R4's compartment has not, of what is about them."""
    return frozenset(ABOUT + one for one in persons) if type_name in ABOUT_PERSONS else persons


def _hiding(caller: Caller) -> frozenset[str]:
    """A family carer is kept from what is hidden from them, all others from what is hidden from professionals."""
    are_carers = bool(caller.actors) and all(type_name == "RelatedPerson" for type_name, _ in caller.actors)
    return frozenset([f"{HIDDEN}representative" if are_carers else f"{HIDDEN}professional"])


def _holder(type_name: str) -> str:
    return "DocumentReference" if type_name == "Binary" else ""
