"""The `Store` interface on a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar

from fhir_server.model.issue import FhirError
from fhir_server.search.query import Query
from fhir_server.search.sight.grant import Grant
from fhir_server.store.audit_chain import Chain
from fhir_server.store.audit_statements import numbered
from fhir_server.store.change import Commit, Result
from fhir_server.store.postgresql import backup, reading, searching
from fhir_server.store.postgresql.audit_trail import audit_trail
from fhir_server.store.postgresql.audit_writer import AuditWriter
from fhir_server.store.postgresql.connection import OLDEST, WRITER, Connection, cannot_open, connect, too_old, unreadable
from fhir_server.store.postgresql.erasures import erasures
from fhir_server.store.postgresql.inbox import PostgresqlInbox
from fhir_server.store.postgresql.indexing import PostgresqlIndexing
from fhir_server.store.postgresql.jobs import PostgresqlJobs
from fhir_server.store.postgresql.listening import Listening
from fhir_server.store.postgresql.migration import migrate
from fhir_server.store.postgresql.outbox import PostgresqlOutbox
from fhir_server.store.postgresql.readers import Readers
from fhir_server.store.postgresql.registry import PostgresqlRegistry
from fhir_server.store.postgresql.subscriptions import subscriptions
from fhir_server.store.postgresql.turns import Turns
from fhir_server.store.postgresql.writer import Writer
from fhir_server.store.store import MOST
from fhir_server.store.stored import HistoryPage, Period, SearchPage, Stored

T = TypeVar("T")


class PostgresqlStore:
    """Made by `open`; belongs to the event loop that opened it."""

    def __init__(self, url: str, connection: Connection, clock: Callable[[], int], newest: int, chain: Chain):
        self.url = url
        self._newest = newest
        self._readers = Readers(url)
        self._writer = Writer(url, connection, clock, chain)
        self._listening = Listening(url, self.newest)
        self._turns = Turns(url)
        self.inbox = PostgresqlInbox(self._writer, self._readers, self._turns)
        self.outbox = PostgresqlOutbox(url, self._writer, self._readers)
        self.subscriptions = subscriptions(self._writer, self._readers)
        self._audit_writer = AuditWriter(url, Chain(chain.key), clock)
        self.audit = audit_trail(chain, self._audit_writer, self._writer, self._ask)
        self.erasures = erasures(url, self._writer, self._ask)
        self.jobs = PostgresqlJobs(url, self._readers)
        self.indexing = PostgresqlIndexing(self._writer, self._asked)
        self.registry = PostgresqlRegistry(url)

    @classmethod
    async def open(cls, url: str, clock: Callable[[], int], audit_key: bytes | None = None) -> PostgresqlStore:
        """Connect, bring the tables up to this release, start the writer. FhirError (STORAGE) where that cannot be done."""
        try:
            connection = await connect(url, WRITER)
            version = connection.get_server_version()
            if version.major < OLDEST:
                raise too_old(f"{version.major}.{version.minor}")
            await migrate(connection)
            return cls(url, connection, clock, await reading.newest(connection), Chain(audit_key))
        except FhirError:
            raise
        except Exception as error:
            raise cannot_open(url, error) from error

    async def read(self, type_name: str, id_: str) -> Stored | None:
        return await self._asked(lambda connection: reading.read(connection, type_name, id_))

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        return await self._asked(lambda connection: reading.vread(connection, type_name, id_, version))

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryPage:  # fmt: skip
        return await self._asked(lambda connection: reading.history(connection, type_name, id_, count, before, since, at, oldest_first))

    async def search(self, query: Query) -> SearchPage:
        return await self._asked(lambda connection: searching.search(connection, query))

    async def search_each(self, queries: Sequence[Query]) -> list[SearchPage]:
        """Side by side, as far as there are connections."""
        return await asyncio.gather(*(self.search(query) for query in queries))

    async def matches(self, query: Query) -> tuple[str, ...]:
        return await self._asked(lambda connection: searching.matching_ids(connection, query))

    async def commit(self, commit: Commit) -> list[Result]:
        results = await self._writer.submit(lambda transaction: transaction.apply(commit), commit.changes)
        self._newest = max(self._newest, *(result.stored.seq for result in results if result.stored), 0)
        return results

    async def newest(self) -> int:
        self._newest = await self._asked(reading.newest)
        return self._newest

    def newest_now(self) -> int:
        return self._newest

    async def changes(self, after: int, types: Collection[str], limit: int) -> list[Stored]:
        return await self._asked(lambda connection: reading.changes(connection, after, list(types), limit))

    async def as_of(self, seq: int, type_name: str, *, after: int = 0, since: int = 0, until: int = MOST, count: int = 500) -> list[Stored]:
        return await self._asked(lambda connection: reading.as_of(connection, type_name, after, seq, since, until, count))

    async def changed(self, after: int) -> int:
        return await self._listening.changed(after)

    async def grants(self, actors: Collection[str], persons: Collection[str] | None = None) -> list[Grant]:
        return await self._asked(lambda connection: reading.grants(connection, actors, persons))

    async def newest_of(self, types: Collection[str]) -> int:
        return await self._asked(lambda connection: reading.newest_of(connection, list(types)))

    async def secret(self) -> bytes:
        return await self._asked(reading.secret)

    async def backup(self, target: Path) -> None:
        """By `pg_dump`, in its custom format: the database as it stood at one moment, index and inbox included."""
        await asyncio.to_thread(backup.dump, self.url, target)

    async def close(self) -> None:
        await self._audit_writer.close()
        await self._writer.close()
        await self._listening.close()
        await self.jobs.close()
        await self.outbox.close()
        await self._turns.close()
        await self.registry.close()
        await self._readers.close()

    async def _ask(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """With `?` for each value, as the statements have it that both stores share."""

        async def question(connection: Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await connection.fetch(numbered(sql), *values)]

        return await self._asked(question)

    async def _asked(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            connection = await self._readers.take()
            try:
                return await question(connection)
            finally:
                self._readers.give(connection)
        except Exception as error:
            raise unreadable(error) from error
