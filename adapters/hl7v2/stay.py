"""What an ADT message does to the Encounter that is there: a movement counts once, a stay that is closed stays closed.

A movement is ZBE-1 within its visit (IHE PAM France); it is kept as an extension of the Encounter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.mapping.run import Resource, Run
from adapters.mapping.transaction import Matched
from fhir_server.model.issue import Category, fault

MOVEMENT = "https://passerelle.care/fhir/StructureDefinition/encounter-movement"
CLOSED = ("finished", "cancelled", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement; `event` is the trigger that told of it (A01), `action` INSERT, UPDATE or CANCEL."""

    system: str
    value: str
    event: str
    action: str

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.system, self.value, self.event)


def movements(encounter: Mapping[str, Any]) -> list[Movement]:
    """The identified movements of an Encounter, in the order they came."""
    extensions = (one for one in encounter.get("extension", []) if one.get("url") == MOVEMENT)
    return [found for one in extensions if (found := _movement(one.get("extension", []))) is not None]


def _movement(parts: Iterable[Mapping[str, Any]]) -> Movement | None:
    by_url = {part["url"]: part for part in parts}
    identifier = by_url.get("identifier", {}).get("valueIdentifier")
    if not identifier:
        return None
    event = by_url.get("event", {}).get("valueCode", "")
    action = by_url.get("action", {}).get("valueString", "")
    return Movement(identifier.get("system", ""), identifier["value"], event, action)


def already_applied(matched: list[Matched]) -> bool:
    """Whether the Encounter that is there has the movement that the message inserts."""
    for one in _encounters(matched):
        known = {movement.identity for movement in movements(one.existing or {})}
        inserted = [movement for movement in movements(one.entry.resource) if movement.action in ("INSERT", "")]
        if any(movement.identity in known for movement in inserted):
            return True
    return False


def check_subject(matched: list[Matched]) -> None:
    """FhirError(INVALID) where the visit number is another patient's."""
    for one in _encounters(matched):
        if one.existing is not None:
            _same_subject(one.existing, one.entry.resource)


def keep_closed(matched: list[Matched], run: Run) -> None:
    """A closed stay stays closed, whatever comes late."""
    for one in _encounters(matched):
        status = one.existing.get("status") if one.existing else None
        if status in CLOSED and one.entry.resource["status"] not in CLOSED:
            one.entry.resource.pop("status")
            run.note("PV1-19: this stay is closed already and stays closed")


def close_places(matched: list[Matched]) -> None:
    """A stay that ends leaves every place it was in."""
    for one in _encounters(matched):
        end = one.entry.resource.get("period", {}).get("end")
        if one.existing is None or one.entry.resource.get("status") != "finished" or end is None:
            continue
        left = [_left(place, end) for place in one.existing.get("location", [])]
        known = {place["location"].get("reference") for place in left}
        new = [place for place in one.entry.resource.get("location", []) if place["location"].get("reference") not in known]
        if left or new:
            one.entry.resource["location"] = [*left, *new]


def _left(place: dict[str, Any], end: str) -> dict[str, Any]:
    period = place.get("period", {})
    return place if "end" in period else {**place, "status": "completed", "period": {**period, "end": end}}


def _encounters(matched: list[Matched]) -> list[Matched]:
    return [one for one in matched if one.template.type == "Encounter"]


def _same_subject(existing: Resource, said: Resource) -> None:
    if existing.get("subject", {}).get("reference") == said["subject"].get("reference"):
        return
    sentence = (
        "The stay with this visit number is another patient's. Nothing was stored: check PID-3 and PV1-19, then send the message again."
    )
    raise fault(Category.INVALID, "conflict", sentence, "Encounter.identifier")
