"""Known faults of real senders, mended before a message is mapped, each with a note (be lenient in what you take).

One so far: the ADT^A03 template of the national PAM France samples has an empty field too many in ZBE, so that the action (INSERT) is
in ZBE-5 and everything after it one place late.
"""

from __future__ import annotations

from adapters.hl7v2.message import Message, Segment

ACTIONS = ("INSERT", "UPDATE", "CANCEL")
ZBE_SHIFTED = "ZBE: the action is in ZBE-5, so the empty field before it was left out and the rest read one place earlier"
ZBE_END = "ZBE-3: PAM France forbids an end of movement here; it is not used"


def mended(message: Message) -> tuple[Message, list[str]]:
    """The message as it was meant and what was mended; the same message where nothing was."""
    notes: list[str] = []
    segments = [_segment(segment, notes) for segment in message.segments]
    return (Message(segments, message.separators), notes) if notes else (message, notes)


def _segment(segment: Segment, notes: list[str]) -> Segment:
    if segment.name != "ZBE":
        return segment
    if segment.field(5) in ACTIONS and not segment.field(4):
        notes.append(ZBE_SHIFTED)
        segment = _without_field(segment, 4)
    if segment.field(3):
        notes.append(ZBE_END)
    return segment


def _without_field(segment: Segment, number: int) -> Segment:
    fields = segment.fields[:number] + segment.fields[number + 1 :]
    return Segment(segment.separators.field.join(fields), segment.separators, segment.occurrence)
