"""Files and batches of messages, without any I/O (HL7 2.5, 2.10.3 and 2.15.2 to 2.15.5, 2.15.10: BHS, BTS, FHS, FTS).

    [FHS] { [BHS] { message } [BTS] } [FTS]

A header without its trailer is a file that was cut off, and a count that is wrong one that is not whole: neither is used at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.hl7v2.charset import BOM
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place

NO_BEGINNING = "The file has something before its first message, which begins with MSH; only FHS and BHS may come first."
BELONGS_NOWHERE = "The file has a segment that belongs to no message: it stands after the end of a batch or of the file."
ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")


@dataclass(frozen=True, slots=True)
class MessageFile:
    """Its messages in order, segments ending in CR; `file_header` and `batch_headers` as they are written, empty where there are none."""

    messages: tuple[bytes, ...]
    file_header: bytes = b""
    batch_headers: tuple[bytes, ...] = ()


def read_messages(raw: bytes) -> MessageFile:
    """The messages of a file; MessageFault says why a file cannot be used."""
    reading = _Reading()
    for line in re.split(rb"[\r\n]+", raw.removeprefix(BOM).strip(b"\r\n \t\x1a")):
        if line:
            reading.take(line)
    return reading.finished()


class _Reading:
    def __init__(self) -> None:
        self.messages: list[bytearray] = []
        self.headers: list[bytes] = []
        self.file_header = b""
        self.in_batch = self.in_message = self.ended = False
        self.batches = self.before = 0

    def take(self, line: bytes) -> None:
        name = line[:3]
        if self.ended:
            raise _fault("There is something after the end of the file (FTS).", "FTS")
        if name == b"MSH":
            self.messages.append(bytearray())
            self.in_message = True
        if name in ENVELOPE:
            self.in_message = False
            getattr(self, f"_{name.decode().lower()}")(line)
        elif not self.in_message:
            raise _fault(BELONGS_NOWHERE if self.messages else NO_BEGINNING, "MSH")
        else:
            self.messages[-1] += line + b"\r"

    def _fhs(self, line: bytes) -> None:
        if self.file_header or self.headers or self.messages:
            raise _fault("A file header (FHS) stands inside the file.", "FHS")
        self.file_header = line

    def _bhs(self, line: bytes) -> None:
        if self.in_batch:
            raise _fault("A batch begins (BHS) before the one before it ended (BTS).", "BHS")
        self.headers.append(line)
        self.in_batch, self.before = True, len(self.messages)

    def _bts(self, line: bytes) -> None:
        if not self.in_batch:
            raise _fault("A batch ends (BTS) that did not begin (BHS).", "BTS")
        _count(line, len(self.messages) - self.before, "messages")
        self.in_batch, self.batches = False, self.batches + 1

    def _fts(self, line: bytes) -> None:
        if not self.file_header or self.in_batch:
            raise _fault("The file ends (FTS) without its beginning (FHS), or inside a batch.", "FTS")
        _count(line, self.batches, "batches")
        self.ended = True

    def finished(self) -> MessageFile:
        if self.in_batch or (self.file_header and not self.ended):
            missing = "BTS" if self.in_batch else "FTS"
            raise _fault(f"The file was cut off: its last segment ({missing}) is missing. Nothing of it was used; send it whole.", missing)
        if not self.messages:
            raise _fault("The file has no message: no segment of it is an MSH.", "MSH")
        return MessageFile(tuple(map(bytes, self.messages)), self.file_header, tuple(self.headers))


def _count(line: bytes, found: int, what: str) -> None:
    """BTS-1 or FTS-1; it may be left out."""
    fields = line.split(line[3:4]) if len(line) > 3 else []
    told = fields[1].strip() if len(fields) > 1 else b""
    if told and told != b"%d" % found:
        name = line[:3].decode()
        shown = told[:20].decode("ascii", "replace")
        raise _fault(f"{name}-1 says {shown} {what}, and there are {found}. Nothing of the file was used.", name, 1)


def _fault(sentence: str, segment: str, field: int | None = None) -> MessageFault:
    return MessageFault(ErrorCode.SEGMENT_SEQUENCE, sentence, Place(segment, field=field), rejected=True)


def answer_file(answers: Sequence[bytes], asked: MessageFile) -> bytes:
    """The acknowledgements as a file of the same form: within headers turned round where the file had some, all in one batch."""
    return b"".join(_enveloped(answers, asked))


def _enveloped(answers: Sequence[bytes], asked: MessageFile) -> Iterator[bytes]:
    if asked.file_header:
        yield _turned(asked.file_header) + b"\r"
    if asked.batch_headers:
        yield _turned(asked.batch_headers[0]) + b"\r"
    yield from answers
    if asked.batch_headers:
        yield b"BTS|%d\r" % len(answers)
    if asked.file_header:
        yield b"FTS|%d\r" % bool(asked.batch_headers)


def _turned(header: bytes) -> bytes:
    """FHS or BHS with sender and receiver changed round, and its own control id (11) as the one it refers to (12)."""
    separator = header[3:4] or b"|"
    fields = header.split(separator)[:12] + [b""] * max(0, 12 - header.count(separator) - 1)
    turned = [*fields[:2], fields[4], fields[5], fields[2], fields[3], b"", b"", b"", b"", b"", fields[10]]
    return separator.join(turned)
