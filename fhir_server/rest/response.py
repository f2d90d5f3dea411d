"""What a handler gives back: a status, headers and bytes. Sending them is `application`'s affair."""

from __future__ import annotations

from collections.abc import Iterable

Header = tuple[bytes, bytes]


class Response:
    """One whole answer; `headers` are lower-case names, without content-length, which is written from `body`."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Iterable[Header] = (), body: bytes = b""):
        self.status = status
        self.headers = list(headers)
        self.body = body
