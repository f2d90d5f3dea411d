"""The inbox of `adapters.endpoint.Inbox`, in the same database as the resources, so that a message is settled by the commit it caused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fhir_server.store.audit_statements import numbered
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
from fhir_server.store.postgresql.connection import Connection, unreadable
from fhir_server.store.postgresql.readers import Readers
from fhir_server.store.postgresql.transaction import WriteTransaction
from fhir_server.store.postgresql.turns import Turns, key_of
from fhir_server.store.postgresql.writer import Writer

_UNIQUE = "channel = $1 AND sender = $2 AND key = $3 AND digest = $4"
_INSERT = f"""INSERT INTO inbox (channel, sender, key, digest, received, raw, status)
SELECT $1, $2, $3, $4, $5, $6, 'received' WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE {_UNIQUE})"""


class PostgresqlInbox:
    """Writes go through the store's writer (group commit), reads through its readers."""

    def __init__(self, writer: Writer, readers: Readers, turns: Turns):
        self._writer = writer
        self._readers = readers
        self._turns = turns

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxRow:
        """The new row, or the one that the same sender, key and bytes made before."""
        unique = (_text(channel), _text(sender), _text(key), hashlib.sha256(raw).hexdigest())
        return await self._writer.submit(lambda transaction: _receive(transaction.connection, unique, raw, received))

    async def keep_beginning(self, row: InboxRow) -> None:
        """Keep the beginning of a message that is too large, once, as failed; of a sender, and of all, only the newest such."""
        kept = replace(row, sender=_text(row.sender), key=_text(row.key))

        async def work(transaction: WriteTransaction) -> None:
            await transaction.connection.execute(numbered(KEEP_BEGINNING), *kept.beginning)
            await transaction.connection.execute(numbered(LET_BEGINNINGS_GO), kept.sender, kept.sender)

        await self._writer.submit(work)

    async def same_key(self, channel: str, sender: str, key: str, before: int) -> list[InboxRow]:
        """Whole messages of the same channel, sender and key with a number below `before`: the same number on other bytes."""
        where = "channel = $1 AND sender = $2 AND key = $3 AND number < $4 AND size IS NULL ORDER BY number"
        return await self._rows(where, _text(channel), _text(sender), _text(key), before)

    @asynccontextmanager
    async def turn(self, row: InboxRow) -> AsyncIterator[list[InboxRow]]:
        """While the block runs nobody else processes messages of this sender; what is to be processed, the row itself at the end."""
        async with self._turns.had(key_of("inbox", row.channel, row.sender)):
            try:
                async with self._readers.lend() as connection:
                    found = await connection.fetch(numbered(DUE), *row.due)
            except Exception as error:
                raise unreadable(error) from error
            yield [InboxRow(*one) for one in found]

    async def settle(self, settlement: InboxSettlement) -> None:
        """Mark a row processed that needs no other change."""
        await self._writer.submit(lambda transaction: transaction.settle(settlement))

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        """Mark a row failed, saying why; one that was processed stays so."""

        async def work(transaction: WriteTransaction) -> None:
            change = "UPDATE inbox SET status = 'failed', attempts = attempts + 1, note = $1, reply = $2"
            await transaction.connection.execute(f"{change} WHERE number = $3 AND status <> 'processed'", _text(note), reply, number)

        await self._writer.submit(work)

    async def read(self, number: int) -> InboxRow | None:
        """The row with this number."""
        return next(iter(await self._rows("number = $1", number)), None)

    async def replay(self, wanted: InboxFilter = ANY) -> int:
        """Let failed messages be processed once more by the server; how many."""
        sql, values = replaying(wanted)
        return await self._changed(sql, *values)

    async def purge(self, status: InboxStatus, before: int) -> int:
        """Remove processed or failed rows received before; how many."""
        return await self._changed(PURGE, status, before)

    async def _changed(self, sql: str, *values: Any) -> int:
        async def work(transaction: WriteTransaction) -> int:
            return len(await transaction.connection.fetch(f"{numbered(sql)} RETURNING number", *values))

        return await self._writer.submit(work)

    async def tally(self) -> list[tuple[InboxStatus, int, int]]:
        """Of what is not processed: status, how many, when the oldest was received."""
        try:
            async with self._readers.lend() as connection:
                return [(row[0], row[1], row[2]) for row in await connection.fetch(TALLY)]
        except Exception as error:
            raise unreadable(error) from error

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxRow]:
        """The oldest rows, of one status or all."""
        return await self._rows("status = coalesce($1, status) ORDER BY number LIMIT $2", status, limit)

    async def newest(self, wanted: InboxFilter, page: Before) -> list[InboxRow]:
        """The newest rows, page by page backwards."""
        sql, values = newest(KEPT, wanted.columns(), page)
        return await self._selected(numbered(sql), *values)

    async def _rows(self, where: str, *values: Any) -> list[InboxRow]:
        return await self._selected(f"SELECT {COLUMNS} FROM inbox WHERE {where}", *values)

    async def _selected(self, sql: str, *values: Any) -> list[InboxRow]:
        try:
            async with self._readers.lend() as connection:
                return [InboxRow(*row) for row in await connection.fetch(sql, *values)]
        except Exception as error:
            raise unreadable(error) from error


async def _receive(connection: Connection, unique: tuple[str, str, str, str], raw: bytes, received: int) -> InboxRow:
    """One writer at a time: what is not there now is not there when it is inserted."""
    await connection.execute(_INSERT, *unique, received, raw)
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM inbox WHERE {_UNIQUE}", *unique)
    assert row is not None
    return InboxRow(*row)


def _text(text: str) -> str:
    """Without U+0000, which PostgreSQL's text does not have."""
    return text.replace("\0", "\ufffd")
