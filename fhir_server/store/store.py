"""The interface of a store, on SQLite and on PostgreSQL. Every method is durable or consistent when it returns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

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
from fhir_server.store.stored import HistoryPage, Period, SearchPage, Stored
from fhir_server.store.subscription import Subscriptions

MOST = 2**62


class Store(Protocol):
    """Resources, their versions and their search index. Raises FhirError (STORAGE, BUSY, CONFLICT, PRECONDITION)."""

    @property
    def inbox(self) -> Inbox:
        """Messages as they came, settled by the commits they cause."""

    @property
    def outbox(self) -> Outbox:
        """Messages to others, written by the commits that they tell of (`Commit.sends`)."""

    @property
    def subscriptions(self) -> Subscriptions:
        """Who asked to be told of changes (`Commit.subscribers`), and what each is told of."""

    @property
    def jobs(self) -> Jobs:
        """Asynchronous requests and their files."""

    @property
    def indexing(self) -> Indexing:
        """What the index rows were made from, and their renewal."""

    @property
    def registry(self) -> Registry:
        """Who may call, and what tokens are signed with."""

    @property
    def audit(self) -> AuditTrail:
        """Who did what, chained; a commit's entries are part of it (`Commit.audit`)."""

    @property
    def erasures(self) -> Erasures:
        """Contents that go for good, and what is told of them afterwards."""

    async def read(self, type_name: str, id_: str) -> Stored | None:
        """The newest version, a deletion included; None where nothing ever was."""

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        """One version."""

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryPage:  # fmt: skip
        """Versions of one resource, one type or all, newest first; `since` in microseconds, `before` a seq (exclusive: where the page
        before ended, in either order). `at` keeps those that were current at some time of the period (its first and last microsecond)."""

    async def search(self, query: Query) -> SearchPage:
        """The page that the query asks for."""

    async def search_each(self, queries: Sequence[Query]) -> list[SearchPage]:
        """The pages that several queries ask for, each as it stands when it is read."""

    async def matches(self, query: Query) -> tuple[str, ...]:
        """The ids of the first two matches, sorted: enough to tell none, one, several."""

    async def commit(self, commit: Commit) -> list[Result]:
        """All changes or none, in order; StaleCondition where a condition no longer holds."""

    async def newest(self) -> int:
        """The newest number of the change sequence, 0 for an empty store."""

    def newest_now(self) -> int:
        """As `newest`, for callers that cannot wait (a scrape of the metrics): as far as this process knows."""

    async def changes(self, after: int, types: Collection[str], limit: int) -> list[Stored]:
        """The first versions of these types behind `after` in the change sequence, deletions included, oldest first, `limit` at most."""

    async def as_of(self, seq: int, type_name: str, *, after: int = 0, since: int = 0, until: int = MOST, count: int = 500) -> list[Stored]:
        """What was current of a type when the change sequence stood at `seq`, deletions included, in the order of the sequence behind
        `after`: `count` versions at most, fewer where their contents grow large; empty at the end. Only what was changed after `since`
        and, of the state then, not after `until` (microseconds)."""

    async def changed(self, after: int) -> int:
        """The newest number of the change sequence, once it is beyond `after`, whichever process made it so."""

    async def grants(self, actors: Collection[str], persons: Collection[str] | None = None) -> list[Grant]:
        """What the record grants these actors (`Type/id`), whenever it does; of these persons only, where they are given."""

    async def newest_of(self, types: Collection[str]) -> int:
        """The newest number of the change sequence among these types, 0 for none: what depends on them alone stands until it grows."""

    async def secret(self) -> bytes:
        """What this database signs links with: random, made with its tables, the same for all processes."""

    async def backup(self, target: Path) -> None:
        """A consistent copy of the whole store, made while others read and write."""

    async def close(self) -> None:
        """Finish what was accepted, then let go of files and threads."""
