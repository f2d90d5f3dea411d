"""The trigger events of IHE PAM France that move a person through a stay: what each does, and which ones take it back.

IHE ITI-31 with its national extension (ITI TF-4, 4.2): an event inserts a movement, a sister event cancels it, Z99 corrects it.
"""

from __future__ import annotations

from enum import StrEnum

from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.message import Message
from fhir_server.model.phrase import alternatives, phrase


class Kind(StrEnum):
    """What a movement does to a stay."""

    PENDING_ADMISSION = "pending-admission"
    PRE_ADMISSION = "pre-admission"
    ADMISSION = "admission"
    CLASS_CHANGE = "class-change"
    TRANSFER = "transfer"
    PENDING_TRANSFER = "pending-transfer"
    ATTENDING_CHANGE = "attending-change"
    LEAVE = "leave"
    RETURN = "return"
    PENDING_DISCHARGE = "pending-discharge"
    DISCHARGE = "discharge"


INSERTING = {
    "A01": Kind.ADMISSION,
    "A02": Kind.TRANSFER,
    "A03": Kind.DISCHARGE,
    "A04": Kind.ADMISSION,
    "A05": Kind.PRE_ADMISSION,
    "A06": Kind.CLASS_CHANGE,
    "A07": Kind.CLASS_CHANGE,
    "A14": Kind.PENDING_ADMISSION,
    "A15": Kind.PENDING_TRANSFER,
    "A16": Kind.PENDING_DISCHARGE,
    "A21": Kind.LEAVE,
    "A22": Kind.RETURN,
    "A54": Kind.ATTENDING_CHANGE,
}
CANCELLING = {
    "A11": (Kind.ADMISSION, Kind.PRE_ADMISSION, Kind.PENDING_ADMISSION),
    "A12": (Kind.TRANSFER,),
    "A13": (Kind.DISCHARGE,),
    "A25": (Kind.PENDING_DISCHARGE,),
    "A26": (Kind.PENDING_TRANSFER,),
    "A27": (Kind.PENDING_ADMISSION,),
    "A38": (Kind.PRE_ADMISSION,),
    "A52": (Kind.LEAVE,),
    "A53": (Kind.RETURN,),
    "A55": (Kind.ATTENDING_CHANGE,),
}
"""What each cancelling event may take back, the usual one first; ZBE-6 says which where there are several."""
CORRECTING = "Z99"
READ = (1, 4, 6)
"""The fields of ZBE that are read here, whatever the maps say."""
MOVING = frozenset((*INSERTING, *CANCELLING, CORRECTING))


def movement_kind(event: str, original: str) -> Kind | None:
    """The kind of the movement that a message tells of (`original`: ZBE-6); None where that cannot be said."""
    if event in INSERTING:
        return INSERTING[event]
    if event in CANCELLING:
        return INSERTING.get(original, CANCELLING[event][0])
    return INSERTING.get(original)


def movement_action(event: str, said: str) -> str:
    """ZBE-4, or what the event means without it."""
    if event in CANCELLING:
        return "CANCEL"
    return "UPDATE" if event == CORRECTING else said or "INSERT"


def check_movement(message: Message) -> None:
    """MessageFault where ZBE contradicts the event of the message, or does not say which movement it takes back or corrects."""
    event = message.header.text(9, 2)
    if event not in MOVING:
        return
    _check_action(event, message.text("ZBE", 4), message.text("ZBE", 6))
    if event not in INSERTING:
        _check_named(event, message)


def _check_action(event: str, action: str, original: str) -> None:
    allowed = _allowed_actions(event, original)
    if action and action not in allowed:
        sentence = phrase("ZBE-4 must be {allowed} with this event.", allowed=alternatives(allowed))
        raise MessageFault(ErrorCode.TABLE_VALUE, sentence, Place("ZBE", field=4))


def _allowed_actions(event: str, original: str) -> tuple[str, ...]:
    if event in CANCELLING:
        return ("CANCEL",)
    if event == CORRECTING:
        return ("UPDATE",)
    if INSERTING[event] is Kind.CLASS_CHANGE and original:
        return ("INSERT", "UPDATE", "CANCEL")  # A06 and A07 take each other back
    return ("INSERT", "UPDATE")


def _check_named(event: str, message: Message) -> None:
    if not message.text("ZBE", 1):
        sentence = phrase("ZBE-1 is required: it says which movement is cancelled or corrected.")
        raise MessageFault(ErrorCode.REQUIRED_FIELD_MISSING, sentence, Place("ZBE", field=1))
    original = message.text("ZBE", 6)
    if event == CORRECTING and not original:
        sentence = phrase("ZBE-6 is required with Z99: it says which event the movement came with.")
        raise MessageFault(ErrorCode.REQUIRED_FIELD_MISSING, sentence, Place("ZBE", field=6))
    if original and movement_kind(event, original) not in CANCELLING.get(event, tuple(INSERTING.values())):
        sentence = phrase("ZBE-6 names an event that {event} does not go with.", event=event)
        raise MessageFault(ErrorCode.TABLE_VALUE, sentence, Place("ZBE", field=6))
