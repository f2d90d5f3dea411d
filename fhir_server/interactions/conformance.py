"""Stored conformance resources count at once: what a commit did to them is told to the definitions before the answer goes out,
and once at the start for those that are stored already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import canonical_types
from fhir_server.store.change import Result
from fhir_server.store.stored import Stored

if TYPE_CHECKING:
    from fhir_server.interactions.interactions import Interactions

PAGE = "1000"


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
