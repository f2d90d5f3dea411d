"""The outbox in the same database as the resources. Workers claim and settle without waiting for the lock of those who write resources."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from fhir_server.store.outbox import OutboxEntry
from fhir_server.store.outbox_statements import Work
from fhir_server.store.postgresql.carrying_out import carried_out
from fhir_server.store.postgresql.connection import WRITER, Connection, connect, in_our_words, unreadable
from fhir_server.store.postgresql.readers import Readers
from fhir_server.store.postgresql.writer import Writer
from fhir_server.store.stored_outbox import StoredOutbox

T = TypeVar("T")


class PostgresqlOutbox(StoredOutbox):
    """On a connection of its own, opened when first needed."""

    def __init__(self, url: str, writer: Writer, readers: Readers):
        super().__init__(self._added, self._done, self._asked)
        self._url = url
        self._writer = writer
        self._readers = readers
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close()

    async def _added(self, entries: Sequence[OutboxEntry]) -> None:
        await self._writer.submit(lambda transaction: transaction.send(entries))

    async def _done(self, work: Work[T], /) -> T:
        try:
            async with self._turn:
                connection = await self._connected()
                async with connection.transaction():
                    return await carried_out(connection, work)
        except Exception as error:
            raise in_our_words(error) from error

    async def _asked(self, work: Work[T], /) -> T:
        try:
            async with self._readers.lend() as connection:
                return await carried_out(connection, work)
        except Exception as error:
            raise unreadable(error) from error

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, WRITER)
        return self._connection
