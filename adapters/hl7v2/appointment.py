"""What an appointment message does beside its map: when it ends, and that what is cancelled stays so.

An Appointment has both a start and an end, or neither where it is cancelled (https://hl7.org/fhir/R4/appointment.html, app-2 and app-3).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.mapping.run import Resource, Run
from adapters.mapping.transaction import Matched
from fhir_server.model.phrase import phrase

CANCELLED = ("cancelled", "entered-in-error")
STAYS = "SCH-2: this appointment was cancelled before and stays cancelled"
UNKNOWN = phrase("No appointment with this number was received, so it cannot be cancelled. Nothing was stored: check SCH-1 and SCH-2.")


def keep_appointment(matched: list[Matched], run: Run) -> None:
    """FhirError where the appointment has no time, or is cancelled without ever having been made."""
    for one in (one for one in matched if one.template.type == "Appointment"):
        said = one.entry.resource
        if one.existing is None and said["status"] in CANCELLED:
            raise MessageFault(ErrorCode.UNKNOWN_KEY, UNKNOWN, Place("SCH", 1, 2))
        if one.existing is not None and one.existing["status"] in CANCELLED and said["status"] not in CANCELLED:
            said["status"] = one.existing["status"]
            run.note(STAYS)
        _give_an_end(said)


def _give_an_end(said: Resource) -> None:
    start, end, minutes = said.get("start"), said.get("end"), said.get("minutesDuration")
    if start and not end and minutes:
        said["end"] = (datetime.fromisoformat(start) + timedelta(minutes=minutes)).isoformat()
    if said["status"] in CANCELLED:
        return
    if "start" not in said:
        raise _missing(phrase("SCH-11: the appointment's start is required: SCH-11.4, TQ1-7, AIS-4, AIP-6 or AIL-6."))
    if "end" not in said:
        raise _missing(phrase("SCH-11: the appointment's end or its duration in minutes is required: SCH-11.5, TQ1-8, SCH-9 or AIS-7."))


def _missing(what: str) -> MessageFault:
    return MessageFault(ErrorCode.REQUIRED_FIELD_MISSING, what, Place("SCH", 1, 11))
