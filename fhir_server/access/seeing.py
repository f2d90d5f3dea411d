"""Whether a caller sees a version of a resource: judged by what it says itself, and by the store where that does not tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir_server.access.access import Access
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.search.clause import IdClause
from fhir_server.search.query import Query
from fhir_server.search.sight.sight import Sight
from fhir_server.security.scope import Permission
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored

MarksOf = Callable[[Resource, str], list[str]]
BY_INDEX = frozenset(("Binary",))
"""Types whose content is not read to be judged, for it may be large: the marks of the current version count for all."""


@dataclass(frozen=True, slots=True)
class Seeing:
    """The eyes of one caller; `marks_of` makes the marks of a resource in hand."""

    store: Store
    access: Access
    marks_of: MarksOf

    async def sees(self, stored: Stored, permission: Permission = "r") -> bool:
        """Whether this version is seen; a deletion is, where what was deleted was."""
        rule = self.access.sight(permission).rule(stored.type)
        if rule.is_free:
            return True
        if stored.type in BY_INDEX:
            return await self._by_index(stored, permission)
        content = stored.content if stored.content is not None else await self._before(stored)
        if content is None or not rule.admits(stored.id, self.marks_of(decode_json(content), stored.id)):
            return False
        return not rule.needs_store or await self._by_index(stored, permission)

    async def sees_still(self, stored: Stored, permission: Permission = "r") -> bool:
        """Whether this version is seen, and what stands now as well: what was hidden or moved to somebody else is so with its past.

        By the search of a scope only what stands is seen: the index does not tell what it would have found before.
        """
        rule = self.access.sight(permission).rule(stored.type)
        if not await self.sees(stored, permission):
            return False
        if rule.is_free or stored.type in BY_INDEX:
            return True
        current = await self.store.read(stored.type, stored.id)
        return current is None or current.version == stored.version or (not rule.filters and await self.sees(current, permission))

    async def _before(self, deletion: Stored) -> bytes | None:
        found = await self.store.vread(deletion.type, deletion.id, deletion.version - 1)
        return found.content if found else None

    async def _by_index(self, stored: Stored, permission: Permission) -> bool:
        return await self.finds(stored.type, stored.id, self.access.sight(permission))

    async def finds(self, type_name: str, id_: str, sight: Sight) -> bool:
        """Whether the current version is seen."""
        return bool(await self.store.matches(Query(type_name, (IdClause((id_,)),), sight=sight)))
