"""X-Request-Id: one name for a request through every answer and log line (https://hl7.org/fhir/R4/http.html#custom).

It is kept in `scope["request_id"]` and in a context variable that log processors may read. The FHIR application does this by
itself; `RequestId` is for applications that do not.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from random import getrandbits

from starlette.types import ASGIApp, Message, Receive, Scope, Send

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
HEADER = b"x-request-id"
_SAFE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,64}")


class RequestId:
    """Echoes the client's id where it is short and plain, else makes one."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "request_id" in scope:
            await self.app(scope, receive, send)
            return
        identity = identify(scope).encode()
        token = current_request_id.set(scope["request_id"])

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, identity)]
            await send(message)

        try:
            await self.app(scope, receive, tagged)
        finally:
            current_request_id.reset(token)


def identify(scope: Scope) -> str:
    """The request's id, the client's or a new one, now in the scope."""
    identity: str = _asked(scope) or f"{getrandbits(128):032x}"
    scope["request_id"] = identity
    return identity


def _asked(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return value.decode() if _SAFE.fullmatch(value) else None
    return None
