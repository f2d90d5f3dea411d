"""What a stay opens, moves and takes back, whoever tells of it: the call after discharge, and the notices.

A message of a hospital tells of an event. What is written in FHIR may tell of long ago, as old records that are brought in do: that opens
nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from fhir_server.coordination.death import has_died
from fhir_server.coordination.follow_up import CALL_WITHIN_DAYS, call_after, is_stay, stay_key, who_follows
from fhir_server.coordination.reconcile import Reader, Scope
from fhir_server.coordination.stay_notice import IN_HOSPITAL, notices
from fhir_server.model.json_format import Resource
from fhir_server.model.temporal import parse_temporal


class RecordReader(Reader, Protocol):
    """Finds and reads what is stored."""

    async def read(self, type_name: str, id_: str) -> Resource | None:
        """The current version, or None."""


def asks(encounter: Resource | None) -> bool:
    """Whether somebody is to be told of a stay as it stands, or called after it."""
    return encounter is not None and is_stay(encounter) and encounter.get("status") in (*IN_HOSPITAL, "finished")


def is_recent(encounter: Resource, now: datetime) -> bool:
    """Whether a stay ended, or began where it goes on, within the days in which somebody may still call; also where it names no day."""
    period = encounter.get("period") or {}
    moment = period.get("end") or period.get("start")
    if not moment:
        return True
    latest = parse_temporal(moment).interval(now.tzinfo or UTC)[1]
    return latest >= (now - timedelta(days=CALL_WITHIN_DAYS)).timestamp() * 1_000_000


async def opened(
    encounter: Resource, before: Resource | None, patient: Resource, known: str | None, reader: Reader, now: datetime
) -> list[dict[str, Any]]:
    """The Bundle entries that make calls and notices of a stay what they should be; `before`: the stay as it stood; `known`: the id of a
    patient who was known before, for one who comes at the same time is followed by nobody. `now` has the zone of dates without an
    offset."""
    url, scope = f"Encounter/{encounter['id']}", _scope(encounter, before, patient)
    followers = await who_follows(encounter, [known, *linked(patient)], reader, now) if known else []
    call = await call_after(encounter, url, known, followers, reader, scope, has_died(patient)) if known else None
    return [*([call] if call else []), *await notices(encounter, url, patient, followers, reader, scope)]


def _scope(encounter: Resource, before: Resource | None, patient: Resource) -> Scope:
    """What is about the stay or its person, also under the number that the stay had before."""
    about = {f"Encounter/{encounter['id']}", *(f"Patient/{id_}" for id_ in (patient["id"], *linked(patient)))}
    key, former = stay_key(encounter), stay_key(before) if before else ""
    return Scope(frozenset(about), key, former if former != key else "")


def linked(patient: Resource) -> list[str]:
    """The ids of the other records of a merged person (Patient.link)."""
    references = (str((link.get("other") or {}).get("reference") or "") for link in patient.get("link", []))
    return [reference.removeprefix("Patient/") for reference in references if reference.startswith("Patient/")]
