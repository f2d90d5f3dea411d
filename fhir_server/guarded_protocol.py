"""HTTP connections that cannot be held for ever: bounds on what a client sends before a request is one, and on how slowly.

uvicorn waits without end for the head of a request and for a client to take its answer, and keeps heads of any length
(https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9). Bodies are bounded where they are read (`rest.body`, `rest.slow_body`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

import msgspec

from fhir_server.one_write import OneWriteProtocol


@dataclass(frozen=True, slots=True)
class Limits:
    """Connections of one process; seconds for the whole head of a request, and for a client to take a part of its answer."""

    connections: int = 1000
    seconds: float = 30.0
    url_bytes: int = 64 * 1024
    head_bytes: int = 128 * 1024
    headers: int = 200


class _Refused(Exception):
    """Ends the parsing of a head."""


class GuardedProtocol(OneWriteProtocol):
    """uvicorn's protocol within `limits`; refusals are an OperationOutcome and the end of the connection."""

    limits: ClassVar[Limits] = Limits()
    _in_head = True
    _is_socket = False
    _head_bytes = 0
    _refusal: tuple[HTTPStatus, str] | None = None
    _head_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections are open; try again later.")
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._is_socket:
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.head_bytes and not self.transport.is_closing():
                self._refuse(*_head_too_long(self.limits))
        if self._in_head or self._is_idle():
            self._await_head()

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.limits.url_bytes:
            sentence = f"The address is longer than {self.limits.url_bytes} bytes; search by POST to _search instead."
            self._stop_parsing(HTTPStatus.REQUEST_URI_TOO_LONG, sentence)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.limits.headers or len(name) + len(value) > self.limits.head_bytes:
            self._stop_parsing(*_head_too_long(self.limits))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_came()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """The connection is another protocol's from now on: no timer of this one may end it, or go on behind it."""
        self._is_socket = True
        self._head_came()
        self.resume_writing()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.limits.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """What uvicorn calls when parsing ended early."""
        self._refuse(*(self._refusal or (HTTPStatus.BAD_REQUEST, "This is no HTTP request.")))

    def _is_idle(self) -> bool:
        """True where an answer is complete and something has come since that begins no request: no timer would end the connection."""
        return self.cycle is not None and self.cycle.response_complete and self._quiet_since is None

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.seconds, self._head_is_late)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._in_head and self._head_bytes:
            sentence = f"The head of the request did not come within {self.limits.seconds:g} seconds."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, sentence)
        else:
            self.transport.close()

    def _stop_parsing(self, status: HTTPStatus, sentence: str) -> None:
        self._refusal = (status, sentence)
        raise _Refused

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self.transport.write(refusal(status, sentence))
        self.transport.close()


def guarded(limits: Limits) -> type[GuardedProtocol]:
    """The protocol within these limits, for `uvicorn.Config(http=...)`."""
    return type("GuardedProtocol", (GuardedProtocol,), {"limits": limits})


def _head_too_long(limits: Limits) -> tuple[HTTPStatus, str]:
    sentence = f"The head of the request has more than {limits.head_bytes} bytes or {limits.headers} headers; send fewer."
    return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, sentence


def refusal(status: HTTPStatus, sentence: str) -> bytes:
    """A whole answer, the last of its connection."""
    issue = {"severity": "error", "code": _CODES.get(status, "structure"), "diagnostics": sentence}
    body = msgspec.json.encode({"resourceType": "OperationOutcome", "issue": [issue]})
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", "content-type: application/fhir+json", f"content-length: {len(body)}"]
    lines += ["connection: close", "cache-control: no-store", "x-content-type-options: nosniff"]
    lines += ["retry-after: 5"] if status is HTTPStatus.SERVICE_UNAVAILABLE else []
    return "\r\n".join([*lines, "", ""]).encode() + body


_CODES = {
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.REQUEST_URI_TOO_LONG: "too-long",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "too-long",
    HTTPStatus.SERVICE_UNAVAILABLE: "throttled",
}
