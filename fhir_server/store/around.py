"""A store that stands around another: what it does not say itself, the inner one does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from fhir_server.search.query import Query
from fhir_server.search.sight.grant import Grant
from fhir_server.store.audit import AuditTrail
from fhir_server.store.change import Commit, Result
from fhir_server.store.erasure import Erasures
from fhir_server.store.inbox import Inbox
from fhir_server.store.indexing import Indexing
from fhir_server.store.job import Jobs
from fhir_server.store.outbox import Outbox
from fhir_server.store.registry import Registry
from fhir_server.store.store import MOST, Store
from fhir_server.store.stored import HistoryPage, Period, SearchPage, Stored
from fhir_server.store.subscription import Subscriptions


class StoreAround:
    """See `fhir_server.store.Store`. The inner store belongs to who made it, so closing this one leaves it open."""

    def __init__(self, store: Store):
        self._store = store

    @property
    def inbox(self) -> Inbox:
        return self._store.inbox

    @property
    def outbox(self) -> Outbox:
        return self._store.outbox

    @property
    def subscriptions(self) -> Subscriptions:
        return self._store.subscriptions

    @property
    def jobs(self) -> Jobs:
        return self._store.jobs

    @property
    def indexing(self) -> Indexing:
        return self._store.indexing

    @property
    def registry(self) -> Registry:
        return self._store.registry

    @property
    def audit(self) -> AuditTrail:
        return self._store.audit

    @property
    def erasures(self) -> Erasures:
        return self._store.erasures

    async def read(self, type_name: str, id_: str) -> Stored | None:
        return await self._store.read(type_name, id_)

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        return await self._store.vread(type_name, id_, version)

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryPage:  # fmt: skip
        return await self._store.history(type_name, id_, count=count, before=before, since=since, at=at, oldest_first=oldest_first)

    async def search(self, query: Query) -> SearchPage:
        return await self._store.search(query)

    async def search_each(self, queries: Sequence[Query]) -> list[SearchPage]:
        """By this store's own `search`: what it hides or notes, it hides or notes of each."""
        return [await self.search(query) for query in queries]

    async def matches(self, query: Query) -> tuple[str, ...]:
        return await self._store.matches(query)

    async def commit(self, commit: Commit) -> list[Result]:
        return await self._store.commit(commit)

    async def newest(self) -> int:
        return await self._store.newest()

    def newest_now(self) -> int:
        return self._store.newest_now()

    async def changes(self, after: int, types: Collection[str], limit: int) -> list[Stored]:
        return await self._store.changes(after, types, limit)

    async def as_of(self, seq: int, type_name: str, *, after: int = 0, since: int = 0, until: int = MOST, count: int = 500) -> list[Stored]:
        return await self._store.as_of(seq, type_name, after=after, since=since, until=until, count=count)

    async def changed(self, after: int) -> int:
        return await self._store.changed(after)

    async def grants(self, actors: Collection[str], persons: Collection[str] | None = None) -> list[Grant]:
        return await self._store.grants(actors, persons)

    async def newest_of(self, types: Collection[str]) -> int:
        return await self._store.newest_of(types)

    async def secret(self) -> bytes:
        return await self._store.secret()

    async def backup(self, target: Path) -> None:
        await self._store.backup(target)

    async def close(self) -> None:
        """Nothing: see above."""
