"""What an ADT message does to the Encounter that is there: its movement goes to the log, and the log says how the stay stands.

A movement is ZBE-1 within its visit (IHE PAM France). `tell` changes the matched entries in place, before they become a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.endpoint import FhirEndpoint
from adapters.exchange.identity import surviving
from adapters.hl7v2.double_hour import in_second_hour
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.message import Message
from adapters.hl7v2.movement import MOVEMENT, Word, movements, words
from adapters.hl7v2.sender import PARIS
from adapters.hl7v2.stay_state import ATTENDING, COMPUTED, StayState, stay_state
from adapters.hl7v2.trigger import Kind
from adapters.mapping.run import Resource, Run
from adapters.mapping.transaction import Matched
from fhir_server.model.issue import Category, fault
from fhir_server.model.phrase import phrase

STAYS_CLOSED = "PV1-19: this stay is closed already and stays closed"
UNKNOWN_MOVEMENT = phrase("ZBE-1: no movement with this number was known; what was said of it is kept and counts when the movement comes")


def already_told(matched: Iterable[Matched]) -> bool:
    """Whether the Encounter that is there knows all that the message says of its movement."""
    for one in _encounters(matched):
        said, known = words(one.entry.resource), words(one.existing or {})
        if said and all(any(old.is_repeated_by(new) for old in known) for new in said):
            return True
    return False


def tells_of_unknown(matched: Iterable[Matched]) -> bool:
    """Whether the message cancels or corrects a movement that never came, or has not come yet."""
    for one in _encounters(matched):
        known = {word.identity for word in words(one.existing or {})}
        if any(word.action != "INSERT" and word.identity not in known for word in words(one.entry.resource)):
            return True
    return False


def stays_closed(matched: Iterable[Matched]) -> bool:
    """Whether a closed stay stays closed though the message, once `tell` has put it in, brings another movement than a discharge."""
    for one in _encounters(matched):
        closed = (one.existing or {}).get("status") == one.entry.resource.get("status") == "finished"
        if closed and any(word.identity[2] is not Kind.DISCHARGE for word in words(one.entry.resource)[-1:]):
            return True
    return False


def tell(matched: Iterable[Matched], message: Message, run: Run) -> None:
    """Put the message's movement into the log of its stay, and the state that the log comes to into the stay.

    MessageFault where the stay would end before it began, also where an hour that occurs twice is the second.
    """
    for one in _encounters(matched):
        known, said = words(one.existing or {}), words(one.entry.resource)
        if not (log := [*known, *said]):
            one.entry.resource.setdefault("status", (one.existing or {}).get("status", "unknown"))
        else:
            state = stay_state(movements(log))
            if state.impossible:
                log, state = _later(known, said, message, run)
            _keep_log(one.entry.resource, log)
            _set_state(one, state)


def _later(known: list[Word], said: list[Word], message: Message, run: Run) -> tuple[list[Word], StayState]:
    """The log and the state with the discharge of the message in the second of two hours."""
    zone = run.settings.zone if run.settings else PARIS
    read = [in_second_hour(word, message, zone) for word in said]
    log = [*known, *(word for word, _ in read)]
    _check_dates(state := stay_state(movements(log)))
    fields = dict.fromkeys(field for _, fields in read for field in fields)
    run.notes[:] = [note for note in run.notes if note.partition(":")[0] not in fields]
    for field in fields:
        run.note(f"{field}: this hour occurs twice in {zone.key}; the second is meant, for the first is before the admission")
    return log, state


def _keep_log(said: Resource, log: list[Word]) -> None:
    others = [extension for extension in said.get("extension", []) if extension.get("url") != MOVEMENT]
    said["extension"] = [*others, *(word.extension() for word in log)]


def _set_state(one: Matched, state: StayState) -> None:
    existing = one.existing or {}
    elements = {
        **state.elements,
        "participant": [*_others(existing, one.entry.resource), *state.attending],
        "hospitalization": _hospitalization(existing, one.entry.resource, state),
    }
    for name in (*COMPUTED, "participant", "hospitalization"):
        _set(one, name, elements.get(name))


def _set(one: Matched, name: str, value: Any) -> None:
    if value:
        one.entry.resource[name] = value
    elif name != "class":  # a stay always has one: the message's, where no movement says any
        one.entry.resource.pop(name, None)
        one.entry.deleted[name] = [{}]


def _others(existing: Resource, said: Resource) -> list[dict[str, Any]]:
    """Participants who are not attending: those who are there, then those that the message adds."""
    kept = [one for one in existing.get("participant", []) if ATTENDING not in _participation(one)[1]]
    known = [_participation(one) for one in kept]
    return kept + [one for one in said.get("participant", []) if _participation(one) not in known]


def _participation(participant: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    codes = tuple(coding.get("code", "") for type_ in participant.get("type", []) for coding in type_.get("coding", []))
    return str(participant.get("individual", {}).get("reference") or participant.get("individual", {}).get("display")), codes


def _hospitalization(existing: Resource, said: Resource, state: StayState) -> dict[str, Any]:
    told = {**existing.get("hospitalization", {}), **said.get("hospitalization", {})}
    return {name: value for name, value in told.items() if name not in ("dischargeDisposition", "destination")} | state.hospitalization


def _check_dates(state: StayState) -> None:
    if state.impossible:
        sentence = phrase("The stay would end before it began: check the times of admission and discharge (ZBE-2, PV1-44, PV1-45).")
        raise MessageFault(ErrorCode.DATA_TYPE, sentence, Place("ZBE", field=2))


async def check_subject(matched: Iterable[Matched], endpoint: FhirEndpoint) -> None:
    """FhirError(INVALID) where the visit number is another patient's; of one who was merged since, the stay stays where it is."""
    for one in _encounters(matched):
        if one.existing is not None:
            await _same_subject(one.existing, one.entry.resource, endpoint)


def _encounters(matched: Iterable[Matched]) -> list[Matched]:
    return [one for one in matched if one.template.type == "Encounter"]


async def _same_subject(existing: Resource, said: Resource, endpoint: FhirEndpoint) -> None:
    there, told = existing.get("subject", {}).get("reference"), said["subject"].get("reference")
    if there == told:
        return
    patient = await endpoint.read("Patient", str(there).removeprefix("Patient/"))
    if patient is None or f"Patient/{(await surviving(patient, endpoint))['id']}" != told:
        raise fault(Category.INVALID, "conflict", ANOTHER_PATIENT, "Encounter.identifier")
    said["subject"] = existing["subject"]


ANOTHER_PATIENT = phrase(
    "The stay with this visit number is another patient's. Nothing was stored: check PID-3 and PV1-19, then send the message again."
)
