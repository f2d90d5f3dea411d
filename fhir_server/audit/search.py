"""A search of AuditEvents (https://hl7.org/fhir/R4/auditevent.html#search) as a search of the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast, get_args
from zoneinfo import ZoneInfo

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.temporal import parse_temporal
from fhir_server.store.audit import Action, AuditEntry, AuditSearch, Outcome

Keeps = Callable[[AuditEntry], bool]
PARAMETERS = ("date", "patient", "agent", "altid", "entity", "action", "outcome", "subtype", "_sort", "_count")
SORTS = {"-date": False, "date": True}


def trail_search(pairs: Sequence[tuple[str, str]], zone: ZoneInfo) -> AuditSearch:
    """`pairs` without those that shape the answer; MALFORMED where one cannot be read. Dates without offset are meant in `zone`."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.partition(":")[0] not in PARAMETERS:
            raise _refused(name, f"the audit trail is searched by {', '.join(PARAMETERS)}")
        given.setdefault(name, []).append(value)
    since, until = _period(given.get("date", []), zone)
    return AuditSearch(
        patient=_patient(given),
        since=since,
        until=until,
        actions=cast("frozenset[Action] | None", _codes(given, "action", get_args(Action))),
        outcomes=_outcomes(given),
        keeps=_all([*_entities(given), *_agents(given), *_subtypes(given)]),
        oldest_first=_sort(given),
    )


def _refused(name: str, why: str) -> FhirError:
    return fault(Category.MALFORMED, "not-supported", f"{name[:64]} is not possible here: {why}.")


def _period(values: Iterable[str], zone: ZoneInfo) -> tuple[int | None, int | None]:
    """From the first microsecond to the one behind the last."""
    since: int | None = None
    until: int | None = None
    for value in values:
        prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
        try:
            first, last = parse_temporal(text.replace(" ", "+")).interval(zone)
        except ValueError as error:
            raise fault(Category.MALFORMED, "value", f"date={value[:40]} is no date: {error}") from None
        lower, upper = _bounds(prefix, first, last + 1)
        since = lower if since is None else max(since, lower or since)
        until = upper if until is None else min(until, upper or until)
    return since, until


def _bounds(prefix: str, first: int, behind: int) -> tuple[int | None, int | None]:
    bounds = {"eq": (first, behind), "ge": (first, None), "gt": (behind, None), "le": (None, behind), "lt": (None, first)}
    if prefix not in bounds:
        raise _refused(f"date={prefix}...", "the prefixes are eq, ge, gt, le and lt")
    return bounds[prefix]


def _patient(given: dict[str, list[str]]) -> str | None:
    """One person; the trail has an index of that, so `entity=Patient/x` asks the same."""
    persons = [value for value in given.get("entity", ()) if value.startswith("Patient/") and "," not in value]
    values = {value.removeprefix("Patient/") for value in (*given.get("patient", ()), *persons)}
    if len(values) > 1 or any("," in value for value in values):
        raise _refused("patient", "name one patient")
    return next(iter(values), None)


def _codes(given: dict[str, list[str]], name: str, known: Sequence[str]) -> frozenset[str] | None:
    if name not in given:
        return None
    found = frozenset.intersection(*(frozenset(_code(one) for one in value.split(",")) for value in given[name]))
    if strange := sorted(found - set(known)):
        raise fault(Category.MALFORMED, "value", f"{name}={strange[0][:40]} is none of {', '.join(known)}.")
    return found


def _code(token: str) -> str:
    return token.rpartition("|")[2]


def _outcomes(given: dict[str, list[str]]) -> frozenset[Outcome] | None:
    found = _codes(given, "outcome", [str(one) for one in get_args(Outcome)])
    return None if found is None else cast("frozenset[Outcome]", frozenset(int(one) for one in found))


def _entities(given: dict[str, list[str]]) -> list[Keeps]:
    return [_names_entity(frozenset(value.split(","))) for value in given.get("entity", ())]


def _names_entity(wanted: frozenset[str]) -> Keeps:
    """A patient whose data it was counts too, as in the AuditEvent that is read."""
    return lambda entry: bool(
        wanted & {f"{type_}/{id_}" for type_, id_, _ in entry.entities} or wanted & {f"Patient/{id_}" for id_ in entry.patients}
    )


def _agents(given: dict[str, list[str]]) -> list[Keeps]:
    """By what somebody is in the record (`agent=Practitioner/x`), or by the identifier that he came with (`altid`, `agent:identifier`)."""
    actors = [_is_actor(frozenset(value.split(","))) for value in given.get("agent", ())]
    values = [*given.get("altid", ()), *given.get("agent:identifier", ())]
    return actors + [_is_subject(frozenset(_code(one) for one in value.split(","))) for value in values]


def _is_actor(wanted: frozenset[str]) -> Keeps:
    return lambda entry: bool(wanted & {f"{type_}/{id_}" for type_, id_ in entry.actors})


def _is_subject(wanted: frozenset[str]) -> Keeps:
    return lambda entry: entry.subject in wanted


def _subtypes(given: dict[str, list[str]]) -> list[Keeps]:
    return [_is_interaction(frozenset(_code(one) for one in value.split(","))) for value in given.get("subtype", ())]


def _is_interaction(wanted: frozenset[str]) -> Keeps:
    return lambda entry: entry.interaction.removeprefix("$") in wanted or (entry.interaction.startswith("$") and "operation" in wanted)


def _all(keeps: Sequence[Keeps]) -> Keeps | None:
    return (lambda entry: all(one(entry) for one in keeps)) if keeps else None


def _sort(given: dict[str, list[str]]) -> bool:
    asked = given.get("_sort", ["-date"])[-1]
    if asked not in SORTS:
        raise _refused(f"_sort={asked[:40]}", f"use {' or '.join(SORTS)}")
    return SORTS[asked]
