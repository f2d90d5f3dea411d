"""Sockets that cannot be held for ever: bounds on what a client sends, and on how slowly it takes what it is told.

uvicorn buffers up to the transport's mark and then waits for the client without end; and it closes with 1012 where RFC 6455 has 1001 for
a server that goes away (https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1).
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from fhir_server.guarded_protocol import refusal

GOING_AWAY = 1001

_quiet = logging.getLogger("passerelle.websocket.protocol")
_quiet.setLevel(logging.WARNING)  # below it uvicorn tells of paths and queries as they came


class GuardedSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol; whoever takes nothing for `seconds` while something waits is cut off, and is not read meanwhile."""

    seconds: ClassVar[float] = 30.0
    _write_timer: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **named: Any):
        super().__init__(*args, **named)
        self.logger = _quiet

    def pause_writing(self) -> None:
        super().pause_writing()
        self.transport.pause_reading()  # each ping is answered
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_timer()
        if not self.read_paused:
            self.transport.resume_reading()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """What uvicorn calls when the server stops: 1001, behind what was written already."""
        if not self.handshake_complete or self.close_sent:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY, "reason": ""})
        self.conn.send_close(GOING_AWAY)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """What cannot be read as a handshake is answered: uvicorn would wait for more."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.transport.is_closing():
            self.transport.write(refusal(HTTPStatus.BAD_REQUEST, "This does not open a socket."))
            self.transport.close()

    async def send(self, message: Any) -> None:
        """ClientDisconnected too where the protocol itself has closed the socket meanwhile."""
        await self.writable.wait()
        if self.close_sent and self.initial_response is None:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True  # it was answered; uvicorn would say that it was not

    def _stop_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


def guarded_socket(seconds: float) -> type[GuardedSocket]:
    """The protocol with this bound, for `uvicorn.Config(ws=...)`."""
    return type("GuardedSocket", (GuardedSocket,), {"seconds": seconds})
