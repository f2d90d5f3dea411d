"""HTTP/1.1 over connections that stay open, to one destination, for who sends it thousands of messages.

A library's pool looks at all of its connections for each request and makes objects of every part of it, which costs more than all else that
a delivery needs; this one takes a free connection, writes bytes and gives it back. Answers are small and are read whole
(https://www.rfc-editor.org/rfc/rfc9112).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

import httptools
import httpx

CONNECT_SECONDS = 5.0
MOST_BYTES = 2**20
_IN_BETWEEN = range(100, 200)


class Place(NamedTuple):
    """Where to connect: an IP address that was checked, and the name that its certificate is to have."""

    scheme: str
    address: str
    port: int
    name: str


class WholeAnswer(NamedTuple):
    """Header names in lower case; a field that came twice is one, with a comma."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class KeptConnections:
    """At most `most` stay open when free. Errors are httpx's, as those of all else that this server asks."""

    def __init__(self, tls: ssl.SSLContext | bool = True, most: int = 64):
        self._tls = ssl.create_default_context() if tls is True else tls
        self._most = most
        self._free: dict[Place, list[_Connection]] = {}

    async def exchange(self, place: Place, wire: bytes) -> WholeAnswer:
        """The answer to a whole request. A connection that the other end closed meanwhile is replaced once."""
        free = self._free.setdefault(place, [])
        if (connection := _usable(free)) is not None:
            with suppress(httpx.ReadError):
                return await self._exchanged(free, connection, wire)
        return await self._exchanged(free, await self._opened(place), wire)

    async def close(self) -> None:
        for free in self._free.values():
            while free:
                free.pop().close()

    async def _exchanged(self, free: list[_Connection], connection: _Connection, wire: bytes) -> WholeAnswer:
        try:
            return await connection.exchange(wire)
        finally:
            if connection.usable and len(free) < self._most:
                free.append(connection)
            else:
                connection.close()

    async def _opened(self, place: Place) -> _Connection:
        tls = (self._tls or ssl.create_default_context()) if place.scheme == "https" else None
        name = place.name if tls else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(_Connection, place.address, place.port, ssl=tls, server_hostname=name)
        except TimeoutError:
            raise httpx.ConnectTimeout(f"no connection within {CONNECT_SECONDS:g} seconds") from None
        except OSError as error:
            raise httpx.ConnectError(error.strerror or str(error)) from None
        return connection


def _usable(free: list[_Connection]) -> _Connection | None:
    """The one given back last, so that few stay busy."""
    while free:
        if (connection := free.pop()).usable:
            return connection
        connection.close()
    return None


class _Connection(asyncio.Protocol):
    """One exchange after the other. What comes without having been asked for, or an end, makes it unusable."""

    def __init__(self) -> None:
        self.usable = self._surplus = False
        self._answer: _Answer | None = None
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self.usable = True

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.complete:
            self.usable, self._surplus = False, True
            return
        try:
            self._answer.take(data)
        except (httpx.ReadError, httptools.HttpParserError) as error:
            self._fail(error)
        if self._answer.complete:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        self.usable = False
        if self._answer is not None and self._answer.ended():
            self._end()
        else:
            self._fail(error)

    async def exchange(self, wire: bytes) -> WholeAnswer:
        """ReadError where no whole answer came; whoever is cancelled meanwhile leaves the connection unusable."""
        self.usable, self._answer = False, _Answer()
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(wire)
        await self._done
        answer = self._answer
        unsent = self._transport.is_closing() or self._transport.get_write_buffer_size()
        self.usable = answer.stays and not (unsent or self._surplus)
        return WholeAnswer(answer.status, answer.headers, bytes(answer.body))

    def close(self) -> None:
        self._transport.close()

    def _end(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _fail(self, error: Exception | None) -> None:
        if self._done is None or self._done.done():
            return
        closed = "the connection was closed before an answer came"
        sentence = closed if error is None else f"the answer cannot be read ({type(error).__name__})"
        self._done.set_exception(error if isinstance(error, httpx.ReadError) else httpx.ReadError(sentence))


class _Answer:
    """What httptools tells of an answer while its bytes come."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.status = 0
        self.complete = self.stays = self._by_end = False
        self._parser = httptools.HttpResponseParser(self)

    def take(self, data: bytes) -> None:
        """ReadError where the answer is too long, HttpParserError where it is none."""
        self._parser.feed_data(data)
        if len(self.body) > MOST_BYTES:
            raise httpx.ReadError(f"the answer is longer than {MOST_BYTES} bytes")

    def ended(self) -> bool:
        """The other end has closed; True where that ends the answer."""
        self.complete = self.complete or self._by_end
        return self.complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.complete:  # a second answer, which nobody asked for
            return
        key, said = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {said}" if key in self.headers else said

    def on_headers_complete(self) -> None:
        if self.complete:
            self.stays = False
            return
        self.status = self._parser.get_status_code()
        measured = "content-length" in self.headers or "transfer-encoding" in self.headers
        self._by_end = self.status not in _IN_BETWEEN and not measured

    def on_body(self, data: bytes) -> None:
        if not self.complete:
            self.body += data

    def on_message_complete(self) -> None:
        if self.complete:
            return
        if self.status in _IN_BETWEEN:
            self.headers.clear()
            return
        self.complete, self.stays = True, self._parser.should_keep_alive()


def request_bytes(method: str, target: str, fields: Mapping[str, str], body: bytes) -> bytes:
    """A request as it is sent; ValueError where a field could be read as two."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), f"content-length: {len(body)}"]
    head = "\n".join(lines)
    if head.count("\n") >= len(lines) or "\r" in head or "\0" in head:
        raise ValueError("a header field holds a line end")
    return head.replace("\n", "\r\n").encode("ascii") + b"\r\n\r\n" + body
