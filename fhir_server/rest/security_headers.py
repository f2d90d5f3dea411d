"""Headers that every answer carries: nothing in it may run, be framed, be guessed at, be kept by a cache or be told to another site.

What is stored came from others: a Binary, a narrative, a name. A browser that opens one shows it and does no more
(https://hl7.org/fhir/R4/security.html#narrative, https://www.w3.org/TR/CSP3/#directive-sandbox).
"""

from __future__ import annotations

from operator import itemgetter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fhir_server.rest.response import Header

NOTHING_RUNS: list[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
NOT_KEPT: Header = (b"cache-control", b"no-store")
ONLY_TLS: Header = (b"strict-transport-security", b"max-age=31536000")
"""Said only where the request came by TLS: elsewhere browsers have to ignore it (https://www.rfc-editor.org/rfc/rfc6797#section-7.2)."""


_PLAIN = [*NOTHING_RUNS, NOT_KEPT]
_BY_TLS = [*_PLAIN, ONLY_TLS]
_NAMES = frozenset(name for name, _ in _BY_TLS)
_name = itemgetter(0)


def secured(headers: list[Header], scope: Scope) -> list[Header]:
    """The headers, and of those above the ones that are not among them."""
    wanted = _BY_TLS if scope.get("scheme") == "https" else _PLAIN
    if _NAMES.isdisjoint(map(_name, headers)):  # as nearly always
        return headers + wanted
    there = {name for name, _ in headers}
    return [*headers, *(header for header in wanted if header[0] not in there)]


class Secured:
    """Pure ASGI: the same for applications that do not do it by themselves."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = secured([(name.lower(), value) for name, value in message.get("headers", ())], scope)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
