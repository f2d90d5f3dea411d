"""The keys that this server signs tokens with, shared by its processes through the registry; a new one each month."""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.security.access_token import SIGNS, STAYS, SigningKey, new_signing_key, public_keys, signing_now
from fhir_server.security.jwk_set import JwkSet
from fhir_server.store.registry import Registry

AGAIN = 1.0
"""Seconds before the registry is asked again for a key that it did not have."""


class SigningKeys:
    """One for a process; another process may have made the newest."""

    def __init__(self, registry: Registry, clock: Callable[[], float]):
        self._registry = registry
        self._clock = clock
        self._keys: list[SigningKey] = []
        self._read = float("-inf")

    async def signing(self) -> SigningKey:
        """The key to sign with, made if another is due."""
        now = self._clock()
        if (key := signing_now(self._keys, now)) is None:
            await self._renew(now)
            key = signing_now(self._keys, now)
        if key is None:
            key = new_signing_key(now)
            await self._registry.add_signing_key(key, int(now - SIGNS - STAYS))
            await self._renew(now)
        return key

    async def published(self, kid: str | None = None) -> JwkSet:
        """The public keys; read anew where they lack this one."""
        now = self._clock()
        if (kid is None or all(key.kid != kid for key in self._keys)) and now >= self._read + AGAIN:
            await self._renew(now)
        return public_keys(self._keys, now)

    async def _renew(self, now: float) -> None:
        self._keys, self._read = await self._registry.signing_keys(), now
