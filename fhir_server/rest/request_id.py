"""X-Request-Id: one name for a request through every answer and log line (https://hl7.org/fhir/R4/http.html#custom).

Pure ASGI. The id is kept in `scope["request_id"]` and in a context variable that log processors may read.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from uuid import uuid4

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
        identity = _asked(scope) or uuid4().hex.encode()
        scope["request_id"] = identity.decode()
        token = current_request_id.set(scope["request_id"])

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, identity)]
            await send(message)

        try:
            await self.app(scope, receive, tagged)
        finally:
            current_request_id.reset(token)


def _asked(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return value if _SAFE.fullmatch(value) else None
    return None
