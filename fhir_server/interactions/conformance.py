"""Stored conformance resources count at once: what a commit did to them is told to the definitions before the answer goes out,
once at the start for those that are stored already, and a moment later for what other processes commit to the same store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import canonical_types
from fhir_server.store.change import Result
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored

if TYPE_CHECKING:
    from fhir_server.interactions.interactions import Interactions

PAGE = "1000"
FOLLOWED = 100
"""Changes taken over at once."""
PAUSE = 0.2
"""Seconds: under load the store is asked so often, not after each commit."""


class ConformanceFeed:
    """Between a store and the definitions of its server; give it to `Interactions`."""

    def __init__(self, definitions: Definitions):
        self.stored = definitions.stored
        self.types = canonical_types(definitions.schema)

    def committed(self, results: Sequence[Result]) -> None:
        """Take over what a commit changed; for other types this costs one look-up in a set."""
        for result in results:
            if result.stored is not None and result.stored.type in self.types:
                self._put(result.stored)

    async def load(self, interactions: Interactions) -> int:
        """Take over all that is stored; how many that are."""
        return sum([await self._load(interactions, type_name) for type_name in sorted(self.types)])

    @contextlib.asynccontextmanager
    async def following(self, store: Store, interactions: Interactions) -> AsyncIterator[None]:
        """Take over what is stored, then whatever any process commits, until left."""
        after = await store.newest()
        await self.load(interactions)
        task = asyncio.create_task(self._follow(store, after), name="passerelle-conformance")
        try:
            yield
        finally:
            while not task.done():  # in Python 3.11 `wait_for` may swallow a cancellation
                task.cancel()
                await asyncio.wait([task], timeout=1)

    async def _follow(self, store: Store, after: int) -> None:
        while True:
            with contextlib.suppress(Exception):  # the store cannot be read now: asked again
                after = await self._take_over(store, after)
            await asyncio.sleep(PAUSE)

    async def _take_over(self, store: Store, after: int) -> int:
        """The number of the change sequence up to which all is known."""
        newest = await store.changed(after)
        found = await store.changes(after, self.types, FOLLOWED)
        for stored in found:
            self._put(stored)
        return found[-1].seq if len(found) == FOLLOWED else newest

    async def _load(self, interactions: Interactions, type_name: str) -> int:
        count, page = 0, [("_count", PAGE), ("_total", "none")]
        while True:
            found = await interactions.search(type_name, page)
            for stored in found.matches:
                self._put(stored)
            count += len(found.matches)
            if found.next is None:
                return count
            page = [*page[:2], ("_page", found.next)]

    def _put(self, stored: Stored) -> None:
        self.stored.put(stored.type, stored.id, stored.seq, stored.content)
