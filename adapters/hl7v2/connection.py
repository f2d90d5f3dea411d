"""One MLLP connection: its messages are answered one by one in their order.

An answer may have a second part, the application acknowledgement of enhanced mode (HL7 2.5, 2.9.3.2). It goes out on the same
connection when the message is applied, after the accept acknowledgement and between the answers to what came since; its MSA-2 says which
message it is for.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.exchange.answer import Answer
from adapters.exchange.oversized import Oversized
from adapters.hl7v2.mllp import DEFAULT_LIMIT, Fault, FaultKind, Frame, FrameDecoder, frame
from adapters.hl7v2.peer import Peer

Handler = Callable[[bytes, Peer], Awaitable[Answer]]
"""A message and who sends it in, its answer out. It must not raise."""
OversizedHandler = Callable[[Oversized, Peer], Awaitable[bytes | None]]
"""The beginning of a message that is too large and who sends it in, its answer out. It must not raise."""
FaultAnswer = Callable[[Fault, Peer], Awaitable[bytes | None]]
"""Bytes that were no whole frame in, what is answered to them out. It must not raise."""

log = logging.getLogger("passerelle.mllp")
READ_SIZE = 64 * 1024
FATAL = (FaultKind.TOO_LARGE, FaultKind.UNFINISHED)
LAST_WORDS = 1.0
"""Seconds that application acknowledgements still have when the server stops; who misses one gets it by sending the message again."""


class Connection:
    """`limit`: the largest message in bytes; `idle`: seconds that the other side may be silent, or take to accept an answer."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, answer_fault: FaultAnswer,
        *, limit: int = DEFAULT_LIMIT, idle: float = 600.0,
    ):  # fmt: skip
        self._reader, self._writer, self._handler, self._answer_fault = reader, writer, handler, answer_fault
        self._decoder, self._idle = FrameDecoder(limit), idle
        self._peer = peer_of(writer)
        self._waiting: asyncio.Task[Any] | None = None
        self._applications: set[asyncio.Task[None]] = set()
        self._stopping = False

    def stop(self) -> None:
        """Take no more messages; the one that is being answered is finished."""
        self._stopping = True
        if self._waiting:
            self._waiting.cancel()

    async def serve(self) -> None:
        """Until the other side ends, is silent for too long or sends what cannot be gone on from."""
        try:
            await self._messages()
            await self._last_words()
        finally:
            for task in self._applications:
                task.cancel()

    async def _messages(self) -> None:
        while not self._stopping and (data := await self._read()):
            for event in self._decoder.feed(data):
                if self._stopping or not await self._answer(event):
                    return
        for event in self._decoder.end():
            await self._answer(event)

    async def _read(self) -> bytes:
        """The next bytes; empty at the end, after `idle` seconds, or when the server stops (only this wait may be cut short)."""
        self._waiting = asyncio.current_task()
        try:
            async with asyncio.timeout(self._idle):
                return await self._reader.read(READ_SIZE)
        except TimeoutError:
            return b""
        except asyncio.CancelledError:
            if not self._stopping or self._waiting is None:
                raise
            self._waiting.uncancel()
            return b""
        finally:
            self._waiting = None

    async def _answer(self, event: Frame | Fault) -> bool:
        """False where the connection cannot go on."""
        if isinstance(event, Fault):
            await self._write(await self._refuse(event))
            return event.kind not in FATAL
        answer = await self._handler(event.content, self._peer)
        await self._write(answer.reply)
        if answer.application is not None:
            self._await_application(answer.application)
        return True

    async def _write(self, reply: bytes | None) -> None:
        if reply:
            self._writer.write(frame(reply))
            async with asyncio.timeout(self._idle):
                await self._writer.drain()

    async def _refuse(self, fault: Fault) -> bytes | None:
        log.warning("MLLP %s: %d bytes dropped", fault.kind.value, fault.size)
        return await self._answer_fault(fault, self._peer)

    def _await_application(self, application: Awaitable[bytes | None]) -> None:
        task = asyncio.create_task(self._tell(application))
        self._applications.add(task)
        task.add_done_callback(self._applications.discard)

    async def _tell(self, application: Awaitable[bytes | None]) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self._write(await application)

    async def _last_words(self) -> None:
        """The other side has sent all it has, and may still listen."""
        if self._applications:
            await asyncio.wait(set(self._applications), timeout=LAST_WORDS if self._stopping else self._idle)


def peer_of(writer: asyncio.StreamWriter) -> Peer:
    """Whom a connection comes from; the certificate has been verified by the handshake."""
    address = str((writer.get_extra_info("peername") or ("",))[0])
    tls = writer.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if tls is not None else None
    return Peer(address, hashlib.sha256(shown).hexdigest() if shown else "")
