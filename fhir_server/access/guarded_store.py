"""The store as one caller sees it: what they may not see is not there, what they may not do is refused.

Every interaction, operation and job of a caller stands on it, so none can forget to ask. A refusal never depends on what is hidden:
either it is decided by scopes and types alone, or it is what would be said if the resource were not there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from fhir_server.access.access import Access
from fhir_server.access.desk import AccessDesk
from fhir_server.access.seeing import MarksOf, Seeing
from fhir_server.access.writing import Writing
from fhir_server.model.issue import Category, fault
from fhir_server.search.query import Query
from fhir_server.security.caller import Caller
from fhir_server.security.scope import Permission
from fhir_server.store.around import StoreAround
from fhir_server.store.change import Commit, Result
from fhir_server.store.store import MOST, Store
from fhir_server.store.stored import HistoryPage, Period, SearchPage, Stored

SCANNED = 10_000
"""Versions that a page of history looks through, at most, for those that the caller sees."""

LOOKED_AT = 200
"""So many at once, where the first were not enough."""


class GuardedStore(StoreAround):
    """See `fhir_server.store.Store`; made for one request."""

    def __init__(self, store: Store, desk: AccessDesk, marks_of: MarksOf, caller: Caller):
        super().__init__(store)
        self.caller = caller
        self._desk = desk
        self._marks_of = marks_of

    async def read(self, type_name: str, id_: str) -> Stored | None:
        seeing = await self._seeing(type_name, "r")
        stored = await self._store.read(type_name, id_)
        return stored if stored is not None and await seeing.sees(stored) else None

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        seeing = await self._seeing(type_name, "r")
        stored = await self._store.vread(type_name, id_, version)
        return stored if stored is not None and await seeing.sees_still(stored) else None

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryPage:  # fmt: skip
        """Without a total, for that would count what is hidden; of one resource there is one, since it is seen to its end. That of a
        type, or of all, shows what nobody named: it takes the scope of a search, as SMART has it."""
        permission: Permission = "r" if id_ else "s"
        seeing = await self._seeing(type_name or "", permission)
        seen: list[Stored] = []
        scanned, place, step = 0, before, count
        while len(seen) <= count and scanned < SCANNED:
            page = await self._store.history(type_name, id_, count=step, before=place, since=since, at=at, oldest_first=oldest_first)
            seen += [one for one in page.versions if await seeing.sees_still(one, permission)]
            scanned, place, step = scanned + len(page.versions), page.next, max(count, LOOKED_AT)
            if place is None:
                break
        shown = seen[:count]
        more = len(seen) > count
        total = len(seen) if before is None and place is None and not more else None
        return HistoryPage(shown, shown[-1].seq if more else place, total)

    async def search(self, query: Query) -> SearchPage:
        return await self._store.search(await self._seen(query))

    async def matches(self, query: Query) -> tuple[str, ...]:
        return await self._store.matches(await self._seen(query))

    async def _seen(self, query: Query) -> Query:
        access = await self._access()
        for type_name in query.searched_types:
            access.require(type_name, "s")
        return replace(query, sight=access.sight("s"))

    async def commit(self, commit: Commit) -> list[Result]:
        access = await self._access()
        writing = Writing(self._store, Seeing(self._store, access, self._marks_of), access)
        return await writing.commit(replace(commit, by=self.caller.client))

    async def changes(self, after: int, types: Collection[str], limit: int) -> list[Stored]:
        """`limit` counts what is hidden too."""
        seeing, found = await self._seeing("", "r"), await self._store.changes(after, types, limit)
        return [one for one in found if await seeing.sees_still(one)]

    async def as_of(self, seq: int, type_name: str, *, after: int = 0, since: int = 0, until: int = MOST, count: int = 500) -> list[Stored]:
        """Pages on until something is seen, so that an empty page is the end."""
        seeing = await self._seeing(type_name, "r")
        while found := await self._store.as_of(seq, type_name, after=after, since=since, until=until, count=count):
            if seen := [one for one in found if await seeing.sees_still(one)]:
                return seen
            after = found[-1].seq
        return []

    async def backup(self, target: Path) -> None:
        raise fault(Category.FORBIDDEN, "forbidden", f"A backup ({target.name}) is the operator's to make.")

    async def _access(self) -> Access:
        return await self._desk.access(self.caller)

    async def _seeing(self, type_name: str, permission: Permission) -> Seeing:
        access = await self._access()
        access.require(type_name, permission)
        return Seeing(self._store, access, self._marks_of)
