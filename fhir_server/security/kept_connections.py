"""HTTP/1.1 over connections that stay open, to one destination, for who sends it thousands of messages.

httpx's own pool looks at all of its connections for each request, which costs some milliseconds where many are open; this one takes a
free connection and gives it back. Answers are small and are read whole (https://www.rfc-editor.org/rfc/rfc9112).
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

import httptools
import httpx

CONNECT_SECONDS = 5.0
MOST_BYTES = 2 * 2**20
_PIECE = 65_536
_IN_BETWEEN = range(100, 200)


class KeptConnections(httpx.AsyncBaseTransport):
    """Stands behind `PinnedTransport`: the host of a request is an address that was checked. At most `most` stay open when free."""

    def __init__(self, tls: ssl.SSLContext | bool = True, most: int = 64):
        self._tls = ssl.create_default_context() if tls is True else tls
        self._most = most
        self._free: dict[tuple[str, str, int], list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """A connection that the other end closed meanwhile is replaced once. httpx's errors where there is no answer."""
        wire = head_of(request) + await request.aread()
        free = self._free.setdefault(_place(request), [])
        if free:
            with suppress(httpx.ReadError):
                return await self._exchange(free, free.pop(), wire)
        return await self._exchange(free, await self._opened(request), wire)

    async def aclose(self) -> None:
        for free in self._free.values():
            while free:
                free.pop().close()

    async def _exchange(self, free: list[_Connection], connection: _Connection, wire: bytes) -> httpx.Response:
        stays = False
        try:
            response, stays = await connection.exchange(wire)
            return response
        finally:
            if stays and len(free) < self._most:
                free.append(connection)
            else:
                connection.close()

    async def _opened(self, request: httpx.Request) -> _Connection:
        scheme, host, port = _place(request)
        tls = (self._tls or ssl.create_default_context()) if scheme == "https" else None
        name = str(request.extensions.get("sni_hostname") or host) if tls else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return _Connection(*await asyncio.open_connection(host, port, ssl=tls, server_hostname=name))
        except TimeoutError:
            raise httpx.ConnectTimeout(f"no connection within {CONNECT_SECONDS:g} seconds") from None
        except OSError as error:
            raise httpx.ConnectError(error.strerror or str(error)) from None


class _Connection:
    """One exchange after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader, self._writer = reader, writer

    async def exchange(self, wire: bytes) -> tuple[httpx.Response, bool]:
        """The answer, and whether the connection may be used again."""
        answer = _Answer()
        try:
            self._writer.write(wire)
            await self._writer.drain()
            while not answer.complete:
                answer.take(await self._reader.read(_PIECE))
        except (OSError, httptools.HttpParserError) as error:
            raise httpx.ReadError(f"the answer cannot be read ({type(error).__name__})") from None
        return httpx.Response(answer.status, headers=answer.headers, content=bytes(answer.body)), answer.stays

    def close(self) -> None:
        self._writer.close()


class _Answer:
    """What httptools tells of an answer while its bytes come."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self.status = 0
        self.complete = self.stays = self._by_end = False
        self._parser = httptools.HttpResponseParser(self)

    def take(self, data: bytes) -> None:
        """ReadError where the connection ended, or the answer is too long."""
        if data:
            self._parser.feed_data(data)
        elif self._by_end:
            self.complete = True
        else:
            raise httpx.ReadError("the connection was closed before an answer came")
        if len(self.body) > MOST_BYTES:
            raise httpx.ReadError(f"the answer is longer than {MOST_BYTES} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        names = {name.lower() for name, _ in self.headers}
        self._by_end = self.status not in _IN_BETWEEN and not names & {b"content-length", b"transfer-encoding"}

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        if self.status in _IN_BETWEEN:
            self.headers.clear()
            return
        self.complete, self.stays = True, self._parser.should_keep_alive()


def head_of(request: httpx.Request) -> bytes:
    """The request line and the header fields, with the empty line; ValueError where one could be read as two."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % field for field in request.headers.raw]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise ValueError("a header field holds a line end")
    return b"\r\n".join([*lines, b"", b""])


def _place(request: httpx.Request) -> tuple[str, str, int]:
    url = request.url
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
