"""The registered clients as this process knows them: read anew once another process, or this one, has changed one."""

from __future__ import annotations

from fhir_server.security.client import Clients
from fhir_server.store.registry import Registry


class KnownClients:
    """All of them fit into memory: an operator registers each."""

    def __init__(self, registry: Registry):
        self._registry = registry
        self._known = Clients({})
        self._revision = -1

    async def now(self) -> Clients:
        """The clients as they are."""
        revision = await self._registry.revision()
        if revision != self._revision:
            self._known = Clients.of(await self._registry.clients())
            self._revision = revision
        return self._known
