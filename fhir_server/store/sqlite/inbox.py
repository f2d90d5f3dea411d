"""The inbox of `adapters.endpoint.Inbox`, in the same file as the resources, so that a message is settled by the commit it caused."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from fhir_server.store.audit_statements import Values
from fhir_server.store.change import InboxSettlement
from fhir_server.store.inbox import (
    ANY,
    COLUMNS,
    DUE,
    KEEP_BEGINNING,
    KEPT,
    LET_BEGINNINGS_GO,
    PURGE,
    TALLY,
    InboxFilter,
    InboxRow,
    InboxStatus,
    replaying,
)
from fhir_server.store.newest import Before, newest
from fhir_server.store.sqlite.transaction import WriteTransaction
from fhir_server.store.sqlite.writer import Writer


class _Reads(Protocol):
    def __call__(self, sql: str, values: tuple[object, ...]) -> list[InboxRow]: ...


class _Asks(Protocol):
    def __call__(self, sql: str, values: Values) -> Awaitable[list[tuple[Any, ...]]]: ...


class SqliteInbox:
    """Writes go through the store's writer (group commit), reads through its readers, long ones (`ask`) in their threads."""

    def __init__(self, writer: Writer, rows: _Reads, ask: _Asks):
        self._writer = writer
        self._rows = rows
        self._ask = ask

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxRow:
        """The new row, or the one that the same sender, key and bytes made before."""
        unique = (channel, sender, key, hashlib.sha256(raw).hexdigest())
        return await self._writer.submit(lambda transaction: _receive(transaction.connection, unique, raw, received))

    async def keep_beginning(self, row: InboxRow) -> None:
        """Keep the beginning of a message that is too large, once, as failed; of a sender, and of all, only the newest such."""

        def work(transaction: WriteTransaction) -> None:
            transaction.connection.execute(KEEP_BEGINNING, row.beginning)
            transaction.connection.execute(LET_BEGINNINGS_GO, (row.sender, row.sender))

        await self._writer.submit(work)

    async def same_key(self, channel: str, sender: str, key: str, before: int) -> list[InboxRow]:
        """Whole messages of the same channel, sender and key with a number below `before`: the same number on other bytes."""
        where = "channel = ? AND sender = ? AND key = ? AND number < ? AND size IS NULL"
        sql = f"SELECT {COLUMNS} FROM inbox WHERE {where} ORDER BY number"
        return self._rows(sql, (channel, sender, key, before))

    @asynccontextmanager
    async def turn(self, row: InboxRow) -> AsyncIterator[list[InboxRow]]:
        """There is one server on a file, which gives turns itself; what is to be processed, the row itself at the end."""
        yield self._rows(DUE, row.due)

    async def settle(self, settlement: InboxSettlement) -> None:
        """Mark a row processed that needs no other change."""
        await self._writer.submit(lambda transaction: transaction.settle(settlement))

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        """Mark a row failed, saying why; one that was processed stays so."""

        def work(transaction: WriteTransaction) -> None:
            change = "UPDATE inbox SET status = 'failed', attempts = attempts + 1, note = ?, reply = ?"
            sql = f"{change} WHERE number = ? AND status <> 'processed'"
            transaction.connection.execute(sql, (note, reply, number))

        await self._writer.submit(work)

    async def read(self, number: int) -> InboxRow | None:
        """The row with this number."""
        return next(iter(self._rows(f"SELECT {COLUMNS} FROM inbox WHERE number = ?", (number,))), None)

    async def replay(self, wanted: InboxFilter = ANY) -> int:
        """Let failed messages be processed once more by the server; how many."""
        return await self._changed(*replaying(wanted))

    async def purge(self, status: InboxStatus, before: int) -> int:
        """Remove processed or failed rows received before; how many."""
        return await self._changed(PURGE, (status, before))

    async def _changed(self, sql: str, values: Values) -> int:
        return await self._writer.submit(lambda transaction: transaction.connection.execute(sql, values).rowcount)

    async def tally(self) -> list[tuple[InboxStatus, int, int]]:
        """Of what is not processed: status, how many, when the oldest was received."""
        return [(row[0], row[1], row[2]) for row in await self._ask(TALLY, ())]

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxRow]:
        """The oldest rows, of one status or all."""
        where = "WHERE status = ?" if status else ""
        sql = f"SELECT {COLUMNS} FROM inbox {where} ORDER BY number LIMIT ?"
        return self._rows(sql, (*((status,) if status else ()), limit))

    async def newest(self, wanted: InboxFilter, page: Before) -> list[InboxRow]:
        """The newest rows, page by page backwards."""
        return [InboxRow(*row) for row in await self._ask(*newest(KEPT, wanted.columns(), page))]


def _receive(connection: sqlite3.Connection, unique: tuple[str, str, str, str], raw: bytes, received: int) -> InboxRow:
    insert = "INSERT INTO inbox (channel, sender, key, digest, received, raw, status) VALUES (?, ?, ?, ?, ?, ?, 'received')"
    sql = f"{insert} ON CONFLICT (channel, sender, key, digest) DO NOTHING RETURNING number"
    if made := connection.execute(sql, (*unique, received, raw)).fetchall():
        return InboxRow(made[0][0], *unique, received, raw, "received", 0, None, None)
    select = f"SELECT {COLUMNS} FROM inbox WHERE channel = ? AND sender = ? AND key = ? AND digest = ?"
    return InboxRow(*connection.execute(select, unique).fetchone())
