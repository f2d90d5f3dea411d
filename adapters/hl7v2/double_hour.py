"""A discharge in the hour that occurs twice in autumn: where the first one would be before the admission, the second is meant.

Only a time that was sent without an offset may be read so, and only that of the message at hand.
"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from adapters.hl7v2.message import Message
from adapters.hl7v2.movement import Part, Word
from adapters.hl7v2.timestamp import TimestampError, second_occurrence, timestamp
from adapters.hl7v2.trigger import Kind

FIELDS = {"start": (("ZBE", 2), ("EVN", 6)), "discharge": (("PV1", 45),)}
"""Where the times of a discharge may come from."""


def in_second_hour(word: Word, message: Message, zone: ZoneInfo) -> tuple[Word, list[str]]:
    """The word with each time in doubt in the second hour, and the fields that were; the same word and none where nothing is in doubt."""
    if word.identity[2] is not Kind.DISCHARGE or word.action == "CANCEL":
        return word, []
    moved = [_moved(part, message, zone) for part in word.parts]
    return replace(word, parts=tuple(part for part, _ in moved)), [field for _, field in moved if field]


def _moved(part: Part, message: Message, zone: ZoneInfo) -> tuple[Part, str]:
    """The part in the second hour and the field it came from; as it is, and "", where it means one moment only."""
    for segment, field in FIELDS.get(part["url"], ()):
        first, second = _occurrences(message.text(segment, field), zone)
        if second and first == part.get("valueDateTime"):
            return {**part, "valueDateTime": second}, f"{segment}-{field}"
    return part, ""


def _occurrences(text: str, zone: ZoneInfo) -> tuple[str, str | None]:
    try:
        return timestamp(text, zone).value, second_occurrence(text, zone)
    except TimestampError:  # not sent, or not what the map has read
        return "", None
