"""Head and body of a small answer leave by one system call.

uvicorn writes the head and then the body; each write wakes the client and costs as much as the whole routing of a read.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1.1 "
_INTERIM = b"HTTP/1.1 1"


class _HeldHead:
    """A transport that keeps the head of an answer until there is something behind it, or the answer is complete."""

    __slots__ = ("_head", "_transport", "_write")

    def __init__(self, transport: asyncio.Transport):
        self._transport = transport
        self._write = transport.write
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._head, data = b"", self._head + data
        if data.startswith(_HEAD) and data.endswith(b"\r\n\r\n") and not data.startswith(_INTERIM):
            self._head = data
        else:
            self._write(data)

    def flush(self) -> None:
        if self._head:
            self._write(self._head)
            self._head = b""

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol for HTTP/1.1 over such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_HeldHead(transport))  # type: ignore[arg-type]

    def on_response_complete(self) -> None:
        self.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()
