"""A store that notes what it shows, and commits with each change the entry that tells of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from fhir_server.audit.note import Note
from fhir_server.search.query import Query
from fhir_server.store.around import StoreAround
from fhir_server.store.change import Commit, Deletion, Result
from fhir_server.store.store import MOST, Store
from fhir_server.store.stored import HistoryPage, Period, SearchPage, Stored

DocumentsOf = Callable[[str], Awaitable[list[Stored]]]
"""The DocumentReferences whose content the Binary with this id is."""


class AuditedStore(StoreAround):
    """Stands around the store as a caller sees it, for one request."""

    def __init__(self, store: Store, note: Note, documents_of: DocumentsOf):
        super().__init__(store)
        self._note = note
        self._documents_of = documents_of

    async def read(self, type_name: str, id_: str) -> Stored | None:
        found = await self._store.read(type_name, id_)
        await self._saw(found)
        return found

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        found = await self._store.vread(type_name, id_, version)
        await self._saw(found)
        return found

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryPage:  # fmt: skip
        page = await self._store.history(type_name, id_, count=count, before=before, since=since, at=at, oldest_first=oldest_first)
        self._note.saw(page.versions)
        return page

    async def search(self, query: Query) -> SearchPage:
        page = await self._store.search(query)
        self._note.saw(page.matches)
        self._note.saw(page.includes)
        return page

    async def as_of(self, seq: int, type_name: str, *, after: int = 0, since: int = 0, until: int = MOST, count: int = 500) -> list[Stored]:
        found = await self._store.as_of(seq, type_name, after=after, since=since, until=until, count=count)
        self._note.saw(found)
        return found

    async def _saw(self, found: Stored | None) -> None:
        """The content of a document seldom says whose it is; the document does."""
        self._note.saw([found] if found else [])
        if found is not None and found.type == "Binary":
            self._note.concerns(await self._documents_of(found.id))

    async def commit(self, commit: Commit) -> list[Result]:
        going = (await self._store.read(one.type, one.id) for one in commit.changes if isinstance(one, Deletion))
        entry = self._note.of_commit(commit.changes, [found async for found in going if found])
        results = await self._store.commit(replace(commit, audit=(*commit.audit, entry)))
        self._note.is_told = True
        return results
