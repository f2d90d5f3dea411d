"""The MLLP listener: a thin shell that joins connections, in the clear or over TLS, to a handler of messages.

A stop finishes the messages that were begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from typing import Any

from adapters.hl7v2.connection import READ_SIZE, Connection, FaultAnswer, Handler
from adapters.hl7v2.handshake import Handshake, Refusals
from adapters.hl7v2.mllp import DEFAULT_LIMIT, Fault
from adapters.hl7v2.peer import Peer

log = logging.getLogger("passerelle.mllp")


async def answer_nothing(_fault: Fault, _peer: Peer) -> None:
    """Whoever sent bytes that were no whole frame hears nothing."""


class MllpServer:
    """`await server.start(); ...; await server.stop()`.

    `idle`: seconds of silence after which a connection is closed; `limit`: the largest message in bytes;
    `connections`: how many at once, more are closed at once; `tls`: what is shown and asked for, in the clear without it;
    `refusals`: told of handshakes that fail.
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
        answer_fault: FaultAnswer = answer_nothing,
        tls: ssl.SSLContext | None = None,
        refusals: Refusals | None = None,
    ):
        self.handler, self.host, self.port, self.limit, self.idle, self.connections = handler, host, port, limit, idle, connections
        self.answer_fault, self.tls = answer_fault, tls
        self._refusals = refusals or Refusals()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._open: dict[asyncio.Task[None], Connection] = {}
        self._stopping = False

    async def start(self) -> None:
        """Listen; `port` is the real one afterwards (0 chooses a free one). OSError where the port is taken."""
        self._stopping = False
        self._servers = [await self._serving(host=self.host, port=self.port)]
        self.port = self._servers[0].sockets[0].getsockname()[1]
        log.info("MLLP listener on %s:%d%s", self.host, self.port, " over TLS" if self.tls else "")

    async def renew(self, tls: ssl.SSLContext) -> None:
        """Show and ask for other certificates from the next connection on. Those that are open stay, and none is refused meanwhile:
        the old and the new listener take from the same queue of the system."""
        self.tls, before = tls, self._servers
        sockets = [listening for server in before for listening in server.sockets]
        self._servers = [await self._serving(sock=socket.socket(fileno=os.dup(one.fileno()))) for one in sockets]
        for server in before:
            server.close()

    async def _serving(self, **where: Any) -> asyncio.Server:
        tls, loop = self.tls, asyncio.get_running_loop()
        if tls is None:
            return await loop.create_server(self._streams, **where)
        return await loop.create_server(lambda: Handshake(tls, self._streams, self._refusals, self._handshakes), **where)

    def _streams(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(limit=READ_SIZE), self._connected)

    async def stop(self, grace: float = 30.0) -> None:
        """Take no more connections or messages, finish those that run (at most `grace` seconds), close the rest."""
        self._stopping = True
        for server in self._servers:
            server.close()
        for handshake in self._handshakes:
            handshake.cancel()
        for connection in self._open.values():
            connection.stop()
        if self._open:
            await asyncio.wait(self._open, timeout=grace)
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open, timeout=5)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._stopping or len(self._open) >= self.connections:
            log.warning("connection refused: %s", "stopping" if self._stopping else "too many connections")
            writer.close()
            return
        connection = Connection(reader, writer, self.handler, self.answer_fault, limit=self.limit, idle=self.idle)
        self._open[task] = connection
        try:
            await connection.serve()
        except (ConnectionError, TimeoutError, ssl.SSLError, asyncio.CancelledError) as error:
            log.info("connection ended: %s", type(error).__name__)
        except Exception:
            log.exception("connection closed after an error")
        finally:
            self._open.pop(task, None)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
