"""The MLLP listener: a thin shell that joins connections to a handler of messages.

Each connection's messages are answered one by one in their order. A stop finishes the messages that were begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from adapters.hl7v2.mllp import DEFAULT_LIMIT, Fault, FaultKind, Frame, FrameDecoder, frame

Handler = Callable[[bytes], Awaitable[bytes | None]]
"""A message in, its answer out (None: the sender wants none). It must not raise."""
Admit = Callable[[bytes, str], Awaitable[bytes | None]]
"""A message and the address it comes from: None where it may be handled, else the answer that refuses it (empty: none). Never raises."""
FaultAnswer = Callable[[Fault], bytes | None]


async def admit_all(_message: bytes, _address: str) -> bytes | None:
    """Where nobody is refused."""
    return None


log = logging.getLogger("passerelle.mllp")
READ_SIZE = 64 * 1024
FATAL = (FaultKind.TOO_LARGE, FaultKind.UNFINISHED)


class MllpServer:
    """`await server.start(); ...; await server.stop()`.

    `idle`: seconds of silence after which a connection is closed; `limit`: the largest message in bytes;
    `connections`: how many at once, more are closed at once.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        host: str = "127.0.0.1",
        port: int = 2575,
        limit: int = DEFAULT_LIMIT,
        idle: float = 600.0,
        connections: int = 200,
        answer_fault: FaultAnswer = lambda _: None,
        admit: Admit = admit_all,
    ):
        self.handler, self.host, self.port, self.limit, self.idle, self.connections = handler, host, port, limit, idle, connections
        self.answer_fault, self.admit = answer_fault, admit
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def start(self) -> None:
        """Listen; `port` is the real one afterwards (0 chooses a free one). OSError where the port is taken."""
        self._stopping = False
        self._server = await asyncio.start_server(self._connected, self.host, self.port, limit=READ_SIZE)
        self.port = self._server.sockets[0].getsockname()[1]
        log.info("MLLP listener on %s:%d", self.host, self.port)

    async def stop(self, grace: float = 30.0) -> None:
        """Take no more connections or messages, finish those that run (at most `grace` seconds), close the rest."""
        self._stopping = True
        if self._server:
            self._server.close()
        for task in self._waiting:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._stopping or len(self._tasks) >= self.connections:
            log.warning("connection refused: %s", "stopping" if self._stopping else "too many connections")
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.CancelledError) as error:
            log.info("connection ended: %s", type(error).__name__)
        except Exception:
            log.exception("connection closed after an error")
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = FrameDecoder(self.limit)
        while not self._stopping and (data := await self._read(reader)):
            for event in decoder.feed(data):
                if self._stopping or not await self._answer(event, writer):
                    return
        for event in decoder.end():
            await self._answer(event, writer)

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """The next bytes; empty at the end, after `idle` seconds, or when the server stops (only this wait may be cut short)."""
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            return await asyncio.wait_for(reader.read(READ_SIZE), self.idle)
        except TimeoutError:
            return b""
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            return b""
        finally:
            self._waiting.discard(task)

    async def _answer(self, event: Frame | Fault, writer: asyncio.StreamWriter) -> bool:
        """False where the connection cannot go on."""
        reply = await self._handled(event.content, writer) if isinstance(event, Frame) else self._refuse(event)
        if reply is not None:
            writer.write(frame(reply))
            await asyncio.wait_for(writer.drain(), self.idle)
        return isinstance(event, Frame) or event.kind not in FATAL

    async def _handled(self, message: bytes, writer: asyncio.StreamWriter) -> bytes | None:
        address = str((writer.get_extra_info("peername") or ("",))[0])
        if (refused := await self.admit(message, address)) is not None:
            return refused or None
        return await self.handler(message)

    def _refuse(self, fault: Fault) -> bytes | None:
        log.warning("MLLP %s: %d bytes dropped", fault.kind.value, fault.size)
        return self.answer_fault(fault)
