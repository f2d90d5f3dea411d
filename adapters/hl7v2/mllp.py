"""MLLP frames out of a stream of bytes, without any I/O (HL7 Transport Specification: MLLP, release 1).

A frame is VT, the message, FS CR. Anything that is not a whole frame is a `Fault`, never a message: two messages are never
glued together, and what was cut off is dropped and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from adapters.exchange.oversized import HEAD

VT, FS, CR, LF = 0x0B, 0x1C, 0x0D, 0x0A
START, END = b"\x0b", b"\x1c\r"
DEFAULT_LIMIT = 16 * 1024 * 1024
NOISE = frozenset(b"\r\n \t\0")
MAX_NOISE = 64 * 1024
SHOWN = 400


class FaultKind(Enum):
    NOISE = "noise"  # bytes outside a frame that are more than line ends
    INTERRUPTED = "interrupted"  # a frame began before the one before it had ended
    UNFINISHED = "unfinished"  # the connection ended inside a frame
    TOO_LARGE = "too-large"
    BROKEN_END = "broken-end"  # FS that no CR follows, inside a frame


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole message."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that were not a whole frame: how many, and how they began (at most 400 bytes: enough for the header; `HEAD` of what is too
    large, which is kept)."""

    kind: FaultKind
    size: int
    beginning: bytes = b""


Event = Frame | Fault


def frame(content: bytes) -> bytes:
    """A message as it goes over the wire."""
    return START + content + END


class FrameDecoder:
    """Feed it bytes as they come, in pieces of any size; it yields whole frames and faults in order."""

    def __init__(self, limit: int = DEFAULT_LIMIT):
        self.limit = limit
        self._inside = False
        self._buffer = bytearray()
        self._size = 0
        self._after_fs = False
        self._noise = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        position = 0
        while position < len(data):
            if self._after_fs:
                position, events = self._finish(data, position)
            elif self._inside:
                position, events = self._collect(data, position)
            else:
                position, events = self._seek(data, position)
            yield from events

    def end(self) -> Iterator[Event]:
        """The stream has ended: what is left over is a fault."""
        if self._inside:
            yield self._drop(FaultKind.UNFINISHED)
        if self._noise:
            yield self._noise_fault()

    @property
    def inside(self) -> bool:
        return self._inside

    def _seek(self, data: bytes, position: int) -> tuple[int, list[Event]]:
        """Outside a frame: on to the next VT."""
        start = data.find(START, position)
        between = data[position : start if start >= 0 else len(data)]
        self._remember_noise(between)
        events: list[Event] = [self._noise_fault()] if self._noise and (start >= 0 or self._noise > MAX_NOISE) else []
        if start < 0:
            return len(data), events
        self._inside = True
        return start + 1, events

    def _remember_noise(self, between: bytes) -> None:
        if self._noise or not NOISE.issuperset(between):
            self._noise += len(between)
            self._buffer += between[: SHOWN - len(self._buffer)] if len(self._buffer) < SHOWN else b""

    def _noise_fault(self) -> Fault:
        fault = Fault(FaultKind.NOISE, self._noise, bytes(self._buffer[:SHOWN]))
        self._noise = 0
        self._buffer = bytearray()
        return fault

    def _collect(self, data: bytes, position: int) -> tuple[int, list[Event]]:
        """Inside a frame: on to FS, or to a VT that should not be there."""
        end, start = data.find(b"\x1c", position), data.find(START, position)
        if start >= 0 and (end < 0 or start < end):
            self._append(data[position:start])
            fault = self._drop(FaultKind.INTERRUPTED)
            self._inside = True
            return start + 1, [fault]
        stop = end if end >= 0 else len(data)
        self._append(data[position:stop])
        self._after_fs = end >= 0
        return stop + (end >= 0), []

    def _finish(self, data: bytes, position: int) -> tuple[int, list[Event]]:
        """After FS: CR ends the frame; some senders leave it out or write LF, and then a VT or the next frame shows it."""
        self._after_fs = False
        follower = data[position]
        if follower in (CR, LF):
            return position + 1, [self._complete()]
        if follower == VT:
            return position, [self._complete()]
        return position, [self._drop(FaultKind.BROKEN_END)]

    def _append(self, piece: bytes) -> None:
        self._size += len(piece)
        room = self.limit if self._size <= self.limit else min(HEAD, self.limit)
        if self._size > self.limit:
            del self._buffer[room:]
        if len(self._buffer) < room:
            self._buffer += piece[: room - len(self._buffer)]

    def _complete(self) -> Event:
        if self._size > self.limit:
            return self._drop(FaultKind.TOO_LARGE)
        content = bytes(self._buffer)
        self._reset()
        return Frame(content)

    def _drop(self, kind: FaultKind) -> Fault:
        kind = FaultKind.TOO_LARGE if self._size > self.limit else kind
        fault = Fault(kind, self._size, bytes(self._buffer[: HEAD if kind is FaultKind.TOO_LARGE else SHOWN]))
        self._reset()
        return fault

    def _reset(self) -> None:
        self._inside = self._after_fs = False
        self._buffer = bytearray()
        self._size = 0
