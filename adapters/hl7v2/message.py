"""An HL7 v2 message in the vertical-bar encoding, read lazily and tolerantly (HL7 2.5, 2.5 to 2.7).

Segments are split at once, everything below them when it is asked for. Lines may end in CR, LF or both; separators are those
of MSH; Z segments are segments; the order is kept. Positions count as the standard counts them: MSH-1 is the field separator.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from adapters.hl7v2.charset import BOM, decode
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from fhir_server.model.phrase import phrase

NULL = '""'
"""A field that holds two quotation marks: what the receiver has is to be deleted (HL7 2.5, 2.5.3)."""

MAX_SEGMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Separators:
    """The delimiters that MSH-1 and MSH-2 declare."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


class WhichSegment(NamedTuple):
    """A segment's name, and which of that name it is, from 1."""

    name: str
    occurrence: int


class Repetition:
    """One repetition (`number`, from 1) of a field. Components count from 0 here; the absent ones are empty."""

    __slots__ = ("_components", "_plain", "field", "number", "raw", "segment", "separators")

    def __init__(self, raw: str, separators: Separators, segment: WhichSegment, field: int, number: int):
        self.raw, self.separators, self.segment, self.field, self.number = raw, separators, segment, field, number
        self._components: list[str] | None = None
        self._plain = separators.subcomponent not in raw and separators.escape not in raw

    def component(self, position: int) -> str:
        """As it is written: escapes and subcomponents left in."""
        if self._components is None:
            self._components = self.raw.split(self.separators.component)
        return self._components[position] if position < len(self._components) else ""

    def text(self, position: int = 0, subposition: int = 0) -> str:
        """One subcomponent, escapes resolved."""
        raw = self.component(position)
        if not raw or (self._plain and not subposition):
            return raw
        if self.separators.subcomponent in raw:
            parts = raw.split(self.separators.subcomponent)
            raw = parts[subposition] if subposition < len(parts) else ""
        elif subposition:
            return ""
        return unescape(raw, self.separators) if self.separators.escape in raw else raw

    def subcomponents(self, position: int) -> list[str]:
        """All subcomponents of a component, escapes resolved."""
        return [unescape(part, self.separators) for part in self.component(position).split(self.separators.subcomponent)]


class Segment:
    """One segment; `occurrence` counts those of the same name from 1. Its repetitions do not refer to it, so that a message that was read
    is freed at once, and leaves nothing to Python's collector of cycles."""

    __slots__ = ("_fields", "_repetitions", "_which", "line", "name", "occurrence", "separators")

    def __init__(self, line: str, separators: Separators, occurrence: int):
        self.line, self.separators, self.occurrence = line, separators, occurrence
        self.name = line[:3]
        self._which = WhichSegment(self.name, occurrence)
        self._fields: list[str] | None = None
        self._repetitions: dict[int, list[Repetition]] = {}

    @property
    def fields(self) -> list[str]:
        """The fields as they are written; [0] is the segment's name."""
        if self._fields is None:
            fields = self.line.split(self.separators.field)
            if self.name == "MSH":
                fields.insert(1, self.separators.field)
            self._fields = fields
        return self._fields

    def field(self, number: int) -> str:
        """A field as it is written, empty where it was not sent."""
        fields = self.fields
        return fields[number] if number < len(fields) else ""

    def repetitions(self, number: int) -> list[Repetition]:
        """The repetitions of a field that say something."""
        found = self._repetitions.get(number)
        if found is None:
            found = self._repetitions[number] = self._split(number)
        return found

    def _split(self, number: int) -> list[Repetition]:
        raw = self.field(number)
        if not raw:
            return []
        if self.name == "MSH" and number <= 2:
            return [Repetition(raw, VERBATIM, self._which, number, 1)]
        parts = raw.split(self.separators.repetition)
        return [Repetition(part, self.separators, self._which, number, at) for at, part in enumerate(parts, 1) if part]

    def text(self, number: int, component: int = 1, subcomponent: int = 1) -> str:
        """A value of the first repetition, escapes resolved; positions from 1."""
        found = self.repetitions(number)
        return found[0].text(component - 1, subcomponent - 1) if found else ""

    def place(self, field: int | None = None) -> Place:
        return Place(self.name, self.occurrence, field)


VERBATIM = Separators("\0", "\0", "\0", "\0", "\0")


class Message:
    """The segments of a message in order. `Message.parse` never fails on content, only on what is no message at all."""

    __slots__ = ("by_name", "segments", "separators")

    def __init__(self, segments: list[Segment], separators: Separators):
        self.segments, self.separators = segments, separators
        self.by_name: dict[str, list[Segment]] = {}
        for segment in segments:
            self.by_name.setdefault(segment.name, []).append(segment)

    @classmethod
    def parse(cls, raw: bytes) -> Message:
        """Read a message; MessageFault (to be answered AR) where there is no MSH or its character set is not what it says."""
        raw = raw.removeprefix(BOM).strip(b"\r\n \t")
        if raw[:3] != b"MSH" or len(raw) < 8:
            sentence = phrase("The message does not begin with an MSH segment.")
            raise MessageFault(ErrorCode.SEGMENT_SEQUENCE, sentence, Place("MSH"), rejected=True)
        return cls.from_text(decode(raw))

    @classmethod
    def from_text(cls, text: str) -> Message:
        separators = _separators(text)
        lines = [line for line in re.split("[\r\n]+", text) if line.strip()]
        if len(lines) > MAX_SEGMENTS:
            sentence = phrase("The message has more than {most} segments.", most=MAX_SEGMENTS)
            raise MessageFault(ErrorCode.SEGMENT_SEQUENCE, sentence, rejected=True)
        counts: dict[str, int] = {}
        segments = []
        for line in lines:
            name = line[:3]
            counts[name] = occurrence = counts.get(name, 0) + 1
            if name == "MSH" and occurrence > 1:
                raise _glued()
            segments.append(Segment(line, separators, occurrence))
        return cls(segments, separators)

    def first(self, name: str) -> Segment | None:
        found = self.by_name.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list[Segment]:
        return self.by_name.get(name, [])

    @property
    def header(self) -> Segment:
        return self.segments[0]

    def text(self, name: str, number: int, component: int = 1, subcomponent: int = 1) -> str:
        """`message.text("PID", 3, 4, 2)`: the first PID's first PID-3.4.2, empty where it was not sent."""
        segment = self.first(name)
        return segment.text(number, component, subcomponent) if segment else ""


def _glued() -> MessageFault:
    """One acknowledgement cannot speak for two messages: the second would be lost in silence."""
    sentence = phrase("Another message begins inside this one; none was used. Send each message in a frame of its own.")
    return MessageFault(ErrorCode.SEGMENT_SEQUENCE, sentence, Place("MSH", 2), rejected=True)


def _separators(text: str) -> Separators:
    field = text[3]
    encoding = text[4:].split(field, 1)[0].split("\r")[0].split("\n")[0]
    marks = field + encoding
    if len(encoding) < 2 or len(set(marks)) < len(marks) or any(mark.isalnum() or mark.isspace() for mark in marks):
        sentence = phrase("MSH-1 and MSH-2 must be different punctuation marks, as in |^~\\&.")
        raise MessageFault(ErrorCode.DATA_TYPE, sentence, Place("MSH", field=2), rejected=True)
    return Separators(field, *_padded(encoding[:4]))


def _padded(encoding: str) -> tuple[str, str, str, str]:
    """A header may leave out the marks it does not use; one that cannot occur stands for them."""
    marks = encoding.ljust(4, "\0")
    return marks[0], marks[1], marks[2], marks[3]


def unescape(text: str, separators: Separators) -> str:
    r"""Resolve \F\ \S\ \T\ \R\ \E\ \X..\ \.br\; highlighting is left out; an unknown escape stays as it is written."""
    escape = separators.escape
    if escape == "\0" or escape not in text:
        return text
    return _pattern(escape).sub(_resolver(separators), text)


_patterns: dict[str, re.Pattern[str]] = {}


def _pattern(escape: str) -> re.Pattern[str]:
    if escape not in _patterns:
        mark = re.escape(escape)
        _patterns[escape] = re.compile(f"{mark}([^{mark}]*){mark}")
    return _patterns[escape]


def _resolver(separators: Separators) -> Callable[[re.Match[str]], str]:
    fixed = {
        "F": separators.field,
        "S": separators.component,
        "T": separators.subcomponent,
        "R": separators.repetition,
        "E": separators.escape,
        ".br": "\n",
        "H": "",
        "N": "",
    }

    def resolve(match: re.Match[str]) -> str:
        body = match.group(1)
        if body in fixed:
            return fixed[body]
        return _hexadecimal(body) or match.group(0)

    return resolve


def _hexadecimal(body: str) -> str | None:
    """The characters of \\X0D0A\\; None where the body is not hexadecimal pairs of printable characters or line ends."""
    if not re.fullmatch("X(?:[0-9A-Fa-f]{2})+", body):
        return None
    text = bytes.fromhex(body[1:]).decode("latin-1")
    return text if text.replace("\r", "").replace("\n", "").replace("\t", "").isprintable() else None


def escape(text: str, separators: Separators) -> str:
    """A value as it may stand in a field; `unescape(escape(x)) == x` for texts without control characters."""
    text = text.replace(separators.escape, f"{separators.escape}E{separators.escape}")
    marks = {"F": separators.field, "S": separators.component, "T": separators.subcomponent, "R": separators.repetition}
    for letter, mark in marks.items():
        text = text.replace(mark, f"{separators.escape}{letter}{separators.escape}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", f"{separators.escape}.br{separators.escape}")
