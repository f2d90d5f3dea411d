"""Bodies that stall or drip are ended: 408 Request Timeout (https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9).

Whoever sends a byte a minute would otherwise hold a request, and what it holds, for as long as they like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fhir_server.model.issue import Category, FhirError, fault

SLOWEST = 1024
"""Bytes a second: what comes faster on the whole is waited for, however large it is."""

WITHOUT_BODY = frozenset(("GET", "HEAD", "OPTIONS", "DELETE"))


class BodyTooSlow(FhirError):
    """A body that did not come in time."""

    def __init__(self, seconds: float):
        sentence = f"The body stopped coming for {seconds:g} seconds, or came slower than {SLOWEST} bytes a second; send it again."
        super().__init__(Category.MALFORMED, fault(Category.MALFORMED, "timeout", sentence).issues)


class SlowBodies:
    """Pure ASGI: `receive` raises BodyTooSlow after waiting `seconds` and the time that what came may take."""

    def __init__(self, app: ASGIApp, seconds: float, clock: Callable[[], float] = monotonic):
        self._app = app
        self._seconds = seconds
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in WITHOUT_BODY:
            receive = _Receiving(receive, self._seconds, self._clock)
        await self._app(scope, receive, send)


class _Receiving:
    """One request's `receive`. When the body is whole, what is waited for is the client's leaving, which may take its time."""

    __slots__ = ("_clock", "_left", "_receive", "_seconds", "_whole")

    def __init__(self, receive: Receive, seconds: float, clock: Callable[[], float]):
        self._receive = receive
        self._seconds = self._left = seconds
        self._clock = clock
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        began = self._clock()
        try:
            async with asyncio.timeout(max(self._left, 0)):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow(self._seconds) from None
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        self._left += len(message.get("body", b"")) / SLOWEST - (self._clock() - began)
        return message
