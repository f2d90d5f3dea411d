"""JWKS that others publish: fetched when first needed, when they grow old, and once more for a key that is not known, as keys rotate."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fhir_server.security.discovery import discovery_url, jwks_url_of
from fhir_server.security.jwk_set import JwkSet, UnusableKeys, read_jwk_set

AGAIN = 60.0
"""Seconds before the same address is asked again for a key that it did not have, or after it failed."""
SHORTEST, USUAL, LONGEST = 60.0, 3600.0, 24 * 3600.0
"""Bounds of how long keys are used without asking, whatever `Cache-Control` says, and what is taken where it says nothing."""
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered with status 200."""

    body: bytes
    cache_control: str = ""


Fetch = Callable[[str], Awaitable[Fetched]]
"""Gets a URL that is allowed, without following redirects; OSError where it cannot."""


@dataclass(slots=True)
class _Known:
    keys: JwkSet | None = None
    failure: str = ""
    good_until: float = 0.0
    ends: float = 0.0
    asked: float = float("-inf")


class RemoteKeys:
    """One for a process. The clock counts seconds and never goes back."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float]):
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def published(self, url: str, kid: str) -> JwkSet:
        """The keys at a JWKS URL; asked again where they are old, or lack this one. UnusableKeys where there are none."""
        return await self._keys(url, kid, lambda: self._fetch(url))

    async def of_issuer(self, issuer: str, kid: str) -> JwkSet:
        """The keys of an OpenID issuer, whose discovery document says where they are."""
        return await self._keys(issuer, kid, lambda: self._discovered(issuer))

    async def _discovered(self, issuer: str) -> Fetched:
        document = await self._fetch(discovery_url(issuer))
        return await self._fetch(jwks_url_of(document.body, issuer))

    async def _keys(self, name: str, kid: str, fetch: Callable[[], Awaitable[Fetched]]) -> JwkSet:
        known = self._known.get(name)
        if known and known.keys and known.keys.has(kid) and self._clock() < known.good_until:
            return known.keys  # who waits for another key keeps nobody waiting who has one
        async with self._turns.setdefault(name, asyncio.Lock()):
            known = self._known.setdefault(name, _Known())
            if self._is_to_be_asked(known, kid):
                await self._ask(known, fetch)
            if known.keys is None or self._clock() >= known.ends:
                raise UnusableKeys(known.failure)
            return known.keys

    def _is_to_be_asked(self, known: _Known, kid: str) -> bool:
        now = self._clock()
        wanted = known.keys is None or now >= known.good_until or not known.keys.has(kid)
        return wanted and now >= known.asked + AGAIN

    async def _ask(self, known: _Known, fetch: Callable[[], Awaitable[Fetched]]) -> None:
        """What fails leaves the keys that were there, until they are LONGEST old."""
        known.asked = self._clock()
        try:
            fetched = await fetch()
            known.keys = read_jwk_set(fetched.body)
        except OSError as error:
            known.failure = f"its keys cannot be fetched now ({type(error).__name__}); try again in a minute"
            return
        except UnusableKeys as error:
            known.failure = str(error)
            return
        known.good_until, known.ends = known.asked + lifetime(fetched.cache_control), known.asked + LONGEST


def lifetime(cache_control: str) -> float:
    """Seconds that keys with this `Cache-Control` are used without asking."""
    text = cache_control.lower()
    found = _MAX_AGE.search(text)
    seconds = 0.0 if "no-store" in text or "no-cache" in text else float(found[1]) if found else USUAL
    return min(max(seconds, SHORTEST), LONGEST)
