"""Tokens that bind a socket to Subscriptions
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-get-ws-binding-token.html).

A browser cannot send a header with a socket, so who asked over HTTP shows there, by a token, that they did. It is random, good for one
binding within a minute and for nothing else; the store has its digest only, so that any process of the server takes it, and once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import msgspec

from fhir_server.security.caller import Caller, recognised
from fhir_server.store.subscription import Subscriptions, Token

SECONDS = 60
_RANDOM_BYTES = 32
_LONGEST = 200


class Bound(msgspec.Struct, frozen=True):
    """What a token lets its holder listen to, and as whom."""

    caller: Caller
    subscriptions: tuple[str, ...]


async def issued(bound: Bound, kept: Subscriptions, clock: Callable[[], int]) -> tuple[str, int]:
    """A token, and when it ends in microseconds since 1970-01-01 UTC."""
    token, now = secrets.token_urlsafe(_RANDOM_BYTES), clock()
    ends = now + SECONDS * 1_000_000
    await kept.keep_token(Token(_digest(token), msgspec.json.encode(bound), ends), now)
    return token, ends


async def redeemed(token: str, kept: Subscriptions, clock: Callable[[], int]) -> Bound | None:
    """What it binds; None where it is not known, has ended, or was used."""
    found = await kept.take_token(_digest(token), clock()) if len(token) <= _LONGEST else None
    if found is None:
        return None
    bound = msgspec.json.decode(found, type=Bound)
    return msgspec.structs.replace(bound, caller=recognised(bound.caller))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
