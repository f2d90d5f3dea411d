"""What a handler gives back: a status, headers and bytes. Sending them is `application`'s affair."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

Header = tuple[bytes, bytes]


class Response:
    """One whole answer; `headers` are lower-case names, without content-length, which is written from `body`.

    A `stream` goes out in place of the body, piece by piece; its content-length, where it is known, is among the headers.
    """

    __slots__ = ("body", "headers", "status", "stream")

    def __init__(self, status: int, headers: Iterable[Header] = (), body: bytes = b"", stream: AsyncIterator[bytes] | None = None):
        self.status = status
        self.headers = list(headers)
        self.body = body
        self.stream = stream
