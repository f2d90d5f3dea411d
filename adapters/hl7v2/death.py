"""A death that a discharge told, and that the hospital takes back with it: a cancelled (A13) or corrected (Z99) discharge.

The word for it is the stay's log: PID-30 says N of everybody, also where another hospital told of the death.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.hl7v2.message import Message
from adapters.mapping.run import Resource
from adapters.mapping.transaction import Matched

DISCHARGE_DESTINATION = "https://passerelle.care/fhir/CodeSystem/discharge-destination"


def take_back_death(matched: Sequence[Matched], message: Message) -> None:
    """Call it when the message is in the log of its stay. A death that the record knows the time of, or that the message tells, stays."""
    if message.text("PID", 30) == "Y" or message.text("PID", 29):
        return
    if any(_ended_by_death(one.existing) and not _ended_by_death(one.entry.resource) for one in matched if _is(one, "Encounter")):
        for one in matched:
            if _is(one, "Patient") and (one.existing or {}).get("deceasedBoolean") is True:
                one.entry.resource["deceasedBoolean"] = False


def _is(one: Matched, type_name: str) -> bool:
    return one.template.type == type_name


def _ended_by_death(stay: Resource | None) -> bool:
    disposition = ((stay or {}).get("hospitalization") or {}).get("dischargeDisposition") or {}
    return any(one.get("system") == DISCHARGE_DESTINATION and one.get("code") == "death" for one in disposition.get("coding") or ())
