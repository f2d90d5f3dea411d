"""The `Store` interface on one SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from fhir_server.search.query import Query
from fhir_server.search.selectivity import finds_few
from fhir_server.search.sight.grant import Grant
from fhir_server.store.audit_chain import Chain
from fhir_server.store.change import Commit, Result
from fhir_server.store.inbox import InboxRow
from fhir_server.store.opening import now
from fhir_server.store.sqlite import reading, searching
from fhir_server.store.sqlite.at_once import AtOnce, TooLong
from fhir_server.store.sqlite.audit_trail import audit_trail
from fhir_server.store.sqlite.connection import cannot_open, connect, unreadable
from fhir_server.store.sqlite.erasures import erasures
from fhir_server.store.sqlite.inbox import SqliteInbox
from fhir_server.store.sqlite.indexing import SqliteIndexing
from fhir_server.store.sqlite.jobs import SqliteJobs
from fhir_server.store.sqlite.migration import migrate
from fhir_server.store.sqlite.outbox import outbox
from fhir_server.store.sqlite.registry import SqliteRegistry
from fhir_server.store.sqlite.subscriptions import subscriptions
from fhir_server.store.sqlite.writer import Writer
from fhir_server.store.store import MOST
from fhir_server.store.stored import HistoryPage, Period, SearchPage, Stored

T = TypeVar("T")
READERS = 4
READ_SECONDS = 60.0
"""A search or history that takes longer is ended: a few such would keep all readers from everybody else."""

LOOK_SECONDS = 1.0

_STEPS = 100_000
"""SQLite looks at the clock once in so many steps of its machine, some milliseconds."""


class SqliteStore:
    """Point reads run where they are asked, some 10 µs each, and so do searches by id or identifier while they are short; other searches
    and history run in a few reader threads."""

    def __init__(self, path: Path, clock: Callable[[], int] = now, audit_key: bytes | None = None):
        self.path = path
        chain = Chain(audit_key)
        try:
            self._reader = connect(path)
            migrate(self._reader)
            self._at_once = AtOnce(path)
            self._writer = Writer(path, clock, chain)
        except (OSError, sqlite3.Error) as error:
            raise cannot_open(path, error) from error
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="passerelle-reader")
        self._local = threading.local()
        self._news = asyncio.Event()
        self._opened: list[sqlite3.Connection] = []
        self._closing = False
        self.inbox = SqliteInbox(self._writer, self._inbox_rows, self._ask)
        self.outbox = outbox(self._writer, self._in_thread)
        self.subscriptions = subscriptions(self._writer, self._in_thread)
        self.audit = audit_trail(chain, self._writer, self._ask)
        self.erasures = erasures(path, self._writer, self._ask)
        self.jobs = SqliteJobs(self._writer, self._in_thread)
        self.indexing = SqliteIndexing(self._writer, self._in_thread)
        self.registry = SqliteRegistry(self._writer, self._reader)

    async def read(self, type_name: str, id_: str) -> Stored | None:
        try:
            return reading.read(self._reader, type_name, id_)
        except sqlite3.Error as error:
            raise unreadable(error) from error

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        try:
            return reading.vread(self._reader, type_name, id_, version)
        except sqlite3.Error as error:
            raise unreadable(error) from error

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryPage:  # fmt: skip
        return await self._in_thread(lambda connection: reading.history(connection, type_name, id_, count, before, since, at, oldest_first))

    async def search(self, query: Query) -> SearchPage:
        return await self._found(query, lambda connection: searching.search(connection, query))

    async def search_each(self, queries: Sequence[Query]) -> list[SearchPage]:
        """One after the other: those that are short are answered where they are asked, and tasks would cost more than they do."""
        return [await self.search(query) for query in queries]

    async def matches(self, query: Query) -> tuple[str, ...]:
        return await self._found(query, lambda connection: searching.matching_ids(connection, query))

    async def commit(self, commit: Commit) -> list[Result]:
        results = await self._writer.submit(lambda transaction: transaction.apply(commit))
        self._news.set()
        self._news = asyncio.Event()
        return results

    async def newest(self) -> int:
        return self.newest_now()

    def newest_now(self) -> int:
        """As `newest`, for callers that cannot wait (a scrape of the metrics)."""
        return int(self._reader.execute("SELECT coalesce(max(seq), 0) FROM version").fetchone()[0])

    async def changes(self, after: int, types: Collection[str], limit: int) -> list[Stored]:
        return await self._in_thread(lambda connection: reading.changes(connection, after, types, limit))

    async def as_of(self, seq: int, type_name: str, *, after: int = 0, since: int = 0, until: int = MOST, count: int = 500) -> list[Stored]:
        return await self._in_thread(lambda connection: reading.as_of(connection, type_name, after, seq, since, until, count))

    async def changed(self, after: int) -> int:
        """Other processes (an import beside the server) do not tell: the file is looked at each second."""
        while (newest := self.newest_now()) <= after:
            news = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait([news], timeout=LOOK_SECONDS)
            finally:
                news.cancel()
        return newest

    async def grants(self, actors: Collection[str], persons: Collection[str] | None = None) -> list[Grant]:
        return await self._in_thread(lambda connection: reading.grants(connection, actors, persons))

    async def newest_of(self, types: Collection[str]) -> int:
        try:
            return reading.newest_of(self._reader, types)
        except sqlite3.Error as error:
            raise unreadable(error) from error

    async def secret(self) -> bytes:
        return bytes(self._reader.execute("SELECT value FROM secret WHERE name = 'pages'").fetchone()[0])

    async def backup(self, target: Path) -> None:
        """By SQLite's online backup: the copy is the database as it stood at one moment, index and inbox included."""
        await self._in_thread(lambda connection: _copy(connection, target))

    async def close(self) -> None:
        await asyncio.to_thread(self._writer.close)
        self._closing = True
        for connection in self._opened:
            connection.interrupt()
        await asyncio.to_thread(self._threads.shutdown)
        for connection in (*self._opened, self._reader):
            connection.close()
        self._at_once.close()

    async def _ask(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return await self._in_thread(lambda connection: connection.execute(sql, values).fetchall())

    async def _found(self, query: Query, work: Callable[[sqlite3.Connection], T]) -> T:
        if not query.sort and finds_few(query.clauses):
            try:
                found = self._at_once.tried(work)
            except sqlite3.Error as error:
                raise unreadable(error) from error
            if not isinstance(found, TooLong):
                return found
        return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._timed, work)
        except sqlite3.Error as error:
            raise unreadable(error) from error

    def _timed(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection, end = self._connection(), time.monotonic() + READ_SECONDS
        connection.set_progress_handler(lambda: self._closing or time.monotonic() > end, _STEPS)
        return work(connection)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self.path)
            self._opened.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        return connection

    def _inbox_rows(self, sql: str, values: tuple[object, ...]) -> list[InboxRow]:
        try:
            return [InboxRow(*row) for row in self._reader.execute(sql, values)]
        except sqlite3.Error as error:
            raise unreadable(error) from error


def _copy(source: sqlite3.Connection, target: Path) -> None:
    copy = connect(target)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
