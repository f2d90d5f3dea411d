"""Whether a request may be served now: the rate of its caller (https://www.rfc-editor.org/rfc/rfc6585#section-4)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.security.caller import NOBODY, OPEN
from fhir_server.security.token_bucket import TokenBuckets

Admit = Callable[[Scope], None]
"""Raises TooManyRequests where the request has to wait."""

EXEMPT = ("/health/", "/metrics")
"""What watches the server must see it while it is asked too much."""


NAMELESS = (OPEN.subject, NOBODY.subject)


class TooManyRequests(FhirError):
    """429, with the seconds to wait."""

    def __init__(self, seconds: float):
        self.seconds = max(1, ceil(seconds))
        sentence = f"This caller has asked too often; ask again in {self.seconds} seconds (the setting requests_per_minute)."
        super().__init__(Category.BUSY, fault(Category.BUSY, "throttled", sentence).issues)


def everyone(_: Scope) -> None:
    """No limit."""


def rate_limited(buckets: TokenBuckets) -> Admit:
    """At most what the buckets let through of each caller."""

    def admit(scope: Scope) -> None:
        if seconds := buckets.take(caller_key(scope)):
            raise TooManyRequests(seconds)

    return admit


def caller_key(scope: Scope) -> str:
    """Who asks: the caller whom authentication put into the scope, else the address (of IPv6 the network, which one machine has whole)."""
    caller = scope.get("caller")
    if caller is not None and caller.subject not in NAMELESS:
        return f"caller {caller.subject}"
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return f"address {host}"
    return f"address {int(address) >> 64:x}" if isinstance(address, IPv6Address) and not address.ipv4_mapped else f"address {address}"


class Admitted:
    """Pure ASGI for the pages; the FHIR base asks by itself, and answers with an OperationOutcome."""

    def __init__(self, app: ASGIApp, admit: Admit):
        self._app = app
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "http" and not scope["path"].startswith(EXEMPT):
                self._admit(scope)
        except TooManyRequests as error:
            refused = PlainTextResponse(str(error), 429, headers={"retry-after": str(error.seconds)})
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)
