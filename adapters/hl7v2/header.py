"""What the header of a message has to say before anything else of it is looked at (HL7 2.5, 2.9.2.1 and 2.15.9): otherwise AR."""

from __future__ import annotations

from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.message import Segment
from fhir_server.model.phrase import phrase

REQUIRED = {
    7: phrase("date and time of the message"),
    9: phrase("message type"),
    10: phrase("control id"),
    11: phrase("processing id"),
    12: phrase("version"),
}
PROCESSING = ("P", "T", "D")
"""Table 0103: production, training, debugging."""

READ_WHOLE = (3, 4, 5, 6, 7, 10, 11, 12, 15, 16, 17, 18, 19)
"""What tells the sender's site and zone, where and how to answer, and how the message is to be read."""
READ_IN_PART = {9: (1, 2)}


def check_header(header: Segment) -> None:
    """MessageFault, to be answered AR, naming the field of MSH that is missing or says what is not taken here."""
    for number, what in REQUIRED.items():
        if not header.text(number):
            raise _refusal(
                ErrorCode.REQUIRED_FIELD_MISSING,
                phrase("{place} ({what}) is required and was not sent.", place=f"MSH-{number}", what=what),
                number,
            )
    if header.text(11) not in PROCESSING:
        sentence = phrase("MSH-11 (processing id) must be one of {codes}.", codes=", ".join(PROCESSING))
        raise _refusal(ErrorCode.UNSUPPORTED_PROCESSING_ID, sentence, 11)
    if not header.text(12).startswith("2."):
        raise _refusal(ErrorCode.UNSUPPORTED_VERSION, phrase("Only HL7 version 2 is read here: MSH-12 begins with 2."), 12)


def is_read(field: int, component: int) -> bool:
    """Whether the program reads this of MSH, whatever the maps say."""
    return field in READ_WHOLE or component in READ_IN_PART.get(field, ())


def _refusal(code: ErrorCode, sentence: str, number: int) -> MessageFault:
    return MessageFault(code, sentence, Place("MSH", field=number), rejected=True)
