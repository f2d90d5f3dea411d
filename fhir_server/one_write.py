"""A small answer leaves by one system call, and its head is made in one pass.

uvicorn writes the head and then the body; each write wakes the client and costs as much as the whole routing of a read. What an
application sends in another way (a stream, a length that does not fit, a header about the connection) is left to uvicorn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from fhir_server.keep_alive import KeepAliveProtocol

Headers = Sequence[tuple[bytes, bytes]]

_NOT_OURS = frozenset((b"connection", b"transfer-encoding"))
_NAME = re.compile(rb"[a-z0-9-]+")
_CONTROL = bytes({*range(32), 127} - {ord("\t")})


class OneWriteProtocol(KeepAliveProtocol):
    """uvicorn's protocol for HTTP/1.1, with such answers."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, _OneWrite(app, cycle))  # type: ignore[arg-type]


class _OneWrite:
    """The application, for one request: the start of its answer waits here for what follows."""

    __slots__ = ("_app", "_cycle", "_start")

    def __init__(self, app: ASGIApp, cycle: RequestResponseCycle):
        self._app = app
        self._cycle = cycle
        self._start: Message | None = None

    def __call__(self, scope: Scope, receive: Receive, _: Send) -> Any:
        return self._app(scope, receive, self.send)

    async def send(self, message: Message) -> None:
        start = self._start
        if start is None:
            if message["type"] == "http.response.start":
                self._start = message
                return
        else:
            self._start = None
            if self._is_written(start, message):
                return
            await self._cycle.send(start)  # type: ignore[arg-type]
        await self._cycle.send(message)  # type: ignore[arg-type]

    def _is_written(self, start: Message, last: Message) -> bool:
        """True where the answer is whole with this message, and is on its way now."""
        cycle, status, body = self._cycle, start["status"], last.get("body", b"")
        if last.get("more_body") or cycle.disconnected or cycle.flow.write_paused or not cycle.keep_alive:
            return False
        has_body = status not in (204, 304) and cycle.scope["method"] != "HEAD"
        head = _head(status, [*cycle.default_headers, *start.get("headers", ())], len(body) if has_body else None)
        if head is None or (body and not has_body):
            return False
        cycle.response_started, cycle.response_complete, cycle.waiting_for_100_continue = True, True, False
        cycle.message_event.set()
        cycle.transport.write(head + body)
        cycle.on_response()
        return True


def _head(status: int, headers: Headers, length: int | None) -> bytes | None:
    """The bytes up to the body; None where uvicorn is to look at them: the body is not of `length`, or a header is not as ours are."""
    if length is not None and (b"content-length", b"%d" % length) not in headers:
        return None
    try:
        lines = [_begin(name) + value for name, value in headers]
    except ValueError:
        return None
    head = b"\r\n".join((STATUS_LINE[status][:-2], *lines, b"", b""))
    ends = len(lines) + 2  # of lines: what else is a control character came with a value
    return head if len(head) - len(head.translate(None, _CONTROL)) == 2 * ends else None


@lru_cache(maxsize=256)
def _begin(name: bytes) -> bytes:
    """What stands before the value; ValueError where the name speaks of the connection, or is none that we write."""
    if name in _NOT_OURS or not _NAME.fullmatch(name):
        raise ValueError(name)
    return name + b": "
