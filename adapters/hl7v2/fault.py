"""What is wrong with a message, said so that the sender can mend it (HL7 2.5, 2.15.5 the ERR segment, tables 0357 and 0516)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fhir_server.model.issue import Category, FhirError, Issue


class ErrorCode(Enum):
    """HL7 table 0357: code and meaning."""

    SEGMENT_SEQUENCE = ("100", "Segment sequence error")
    REQUIRED_FIELD_MISSING = ("101", "Required field missing")
    DATA_TYPE = ("102", "Data type error")
    TABLE_VALUE = ("103", "Table value not found")
    UNSUPPORTED_MESSAGE_TYPE = ("200", "Unsupported message type")
    UNSUPPORTED_EVENT = ("201", "Unsupported event code")
    UNSUPPORTED_PROCESSING_ID = ("202", "Unsupported processing id")
    UNSUPPORTED_VERSION = ("203", "Unsupported version id")
    UNKNOWN_KEY = ("204", "Unknown key identifier")
    DUPLICATE_KEY = ("205", "Duplicate key identifier")
    RECORD_LOCKED = ("206", "Application record locked")
    INTERNAL = ("207", "Application internal error")

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def meaning(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a message: segment `PID`, its occurrence from 1, field, repetition and component from 1 (None: the whole)."""

    segment: str
    occurrence: int = 1
    field: int | None = None
    repetition: int | None = None
    component: int | None = None

    def __str__(self) -> str:
        number = f"[{self.occurrence}]" if self.occurrence > 1 else ""
        repetition = f"[{self.repetition}]" if self.repetition and self.repetition > 1 else ""
        tail = "".join(("" if self.field is None else f"-{self.field}", repetition, "" if self.component is None else f".{self.component}"))
        return f"{self.segment}{number}{tail}"


class MessageFault(FhirError):
    """A message, or a part of it, that cannot be used. `rejected`: the kind of message is refused (AR), not this one's content (AE)."""

    def __init__(self, code: ErrorCode, sentence: str, place: Place | None = None, *, rejected: bool = False):
        self.code, self.place, self.rejected = code, place, rejected
        super().__init__(Category.INVALID, (Issue("error", "processing", sentence, str(place) if place else None),))
