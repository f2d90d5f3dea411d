"""Send HL7 v2 messages by MLLP, in the clear or over TLS, and wait for their answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import ssl
from collections import deque
from dataclasses import dataclass, field

from adapters.hl7v2.acknowledgement import Header, acknowledgement_code
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import Frame, FrameDecoder, frame
from fhir_server.model.issue import Category, FhirError, fault

READ_SIZE = 65536
log = logging.getLogger("passerelle.mllp")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a partner listens. `tls`: what is trusted and shown there (`adapters.hl7v2.tls.client_context`), in the clear without it;
    `name`: the name that the partner's certificate must have, where it is not `host`."""

    host: str = "127.0.0.1"
    port: int = 2575
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


async def send(
    content: bytes, host: str = "127.0.0.1", port: int = 2575, patience: float = 30.0, *, tls: ssl.SSLContext | None = None
) -> bytes:
    """The answer to `content`, as bytes without its frame; FhirError where no whole answer came within `patience` seconds."""
    client = MllpClient(Place(host, port, tls), patience)
    try:
        return await client.exchange(content)
    finally:
        await client.close()


def as_sent(file_content: bytes) -> bytes:
    """A message out of a text file: segments end in CR, blank lines at the ends are left out."""
    return re.sub(rb"\r?\n|\r", b"\r", file_content.strip(b"\r\n")) + b"\r"


class MllpClient:
    """A connection to one partner that is kept, and made anew once it broke. One message at a time, in the order they were given.

    `patience`: seconds to wait for an answer. Every failure is a FhirError with Category.BUSY: the partner may have the message or not, and
    may be sent it again.
    """

    def __init__(self, place: Place, patience: float = 30.0):
        self.place, self.patience = place, patience
        self._line: _Line | None = None
        self._turn = asyncio.Lock()

    async def exchange(self, message: bytes) -> bytes:
        """The first answer: the accept acknowledgement where the message asks for one (MSH-15), else the application's."""
        async with self._turn:
            return await self._within_patience(message, len(_awaited(message)[:1]))

    async def exchange_all(self, message: bytes) -> bytes:
        """The last answer: the application's (MSH-16), which in enhanced mode follows the accept acknowledgement on this connection. A
        refusal by the first (CE, CR) is the last."""
        async with self._turn:
            return await self._within_patience(message, len(_awaited(message)))

    async def close(self) -> None:
        """End the connection, if there is one."""
        if self._line is not None:
            self._line.close()
            self._line = None

    async def _within_patience(self, message: bytes, answers: int) -> bytes:
        try:
            async with asyncio.timeout(self.patience):
                return await self._answered(message, answers)
        except TimeoutError:
            await self.close()  # its answer must not be taken for the next message's
            sentence = f"No answer from {self.place} within {self.patience:g} s; the message may be sent again."
            raise fault(Category.BUSY, "timeout", sentence) from None
        except OSError as error:
            await self.close()
            reason = getattr(error, "verify_message", None) or error.strerror or error
            raise fault(Category.BUSY, "transient", f"No MLLP connection to {self.place}: {reason}.") from None
        except (FhirError, asyncio.CancelledError):
            await self.close()
            raise

    async def _answered(self, message: bytes, answers: int) -> bytes:
        line = await self._open()
        await line.send(message)
        answer = b""
        for _ in range(answers):
            answer = await line.answer_to(Header.of_bytes(message).control_id)
            if _is_last(answer):
                break
        return answer

    async def _open(self) -> _Line:
        if self._line is None or not await self._line.is_free():
            await self.close()
            tls, name = self.place.tls, (self.place.name or self.place.host) if self.place.tls else None
            reader, writer = await asyncio.open_connection(self.place.host, self.place.port, ssl=tls, server_hostname=name)
            self._line = _Line(reader, writer)
        return self._line


def _awaited(message: bytes) -> list[str]:
    """The answers that a message asks for, whatever comes of it; one that asks for none is answered only in error, if at all."""
    header = Header.of_bytes(message)
    if not header.enhanced:
        return ["application"]
    wanted = (("accept", header.accept_wanted(True)), ("application", header.application_wanted(True)))
    return [name for name, wants in wanted if wants]


def _is_last(answer: bytes) -> bool:
    """After a refusal, and after what cannot be read, no other answer is waited for."""
    try:
        return acknowledgement_code(answer) in ("CE", "CR")
    except FhirError:
        return True


class _Line:
    """One connection and the frames that came over it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader, self._writer = reader, writer
        self._decoder, self._frames = FrameDecoder(), deque[bytes]()

    async def is_free(self) -> bool:
        """True where the next message may be sent. What has come unasked answers nothing that is sent now, and is left out.

        False once the other side has closed (partners end connections that were silent for long), or is in the middle of an answer.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                while data := await self._reader.read(READ_SIZE):
                    self._take(data)
        if self._frames:
            log.warning("%d answers that nobody waited for were left out", len(self._frames))
            self._frames.clear()
        return not (self._decoder.inside or self._reader.at_eof() or self._writer.is_closing())

    def close(self) -> None:
        self._writer.close()

    async def send(self, message: bytes) -> None:
        self._writer.write(frame(message))
        await self._writer.drain()

    async def answer_to(self, control_id: str) -> bytes:
        """The next answer that names the message (MSA-2); others are late ones to messages before, and told in the log."""
        while True:
            answer = await self._next()
            if _names(answer, control_id):
                return answer
            log.warning("an answer to another message than the last was left out")

    async def _next(self) -> bytes:
        while not self._frames:
            data = await self._reader.read(READ_SIZE)
            if not data:
                sentence = "The connection was closed before an answer came; the message may be sent again."
                raise fault(Category.BUSY, "incomplete", sentence)
            self._take(data)
        return self._frames.popleft()

    def _take(self, data: bytes) -> None:
        """A frame with nothing in it is no answer."""
        self._frames += [event.content for event in self._decoder.feed(data) if isinstance(event, Frame) and event.content]


def _names(answer: bytes, control_id: str) -> bool:
    """True also for an answer that names none: some partners leave MSA-2 out."""
    try:
        named = Message.parse(answer).text("MSA", 2)
    except FhirError:
        return True  # let it be read by whoever asked, and refused
    return named in ("", control_id)
