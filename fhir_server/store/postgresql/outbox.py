"""The outbox in the same database as the resources. Workers claim and settle without waiting for the lock of those who write resources."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
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
    """On two connections of its own: claims are not waited for until they are on the disk."""

    def __init__(self, url: str, writer: Writer, readers: Readers):
        self._writer = writer
        self._readers = readers
        self._durable, self._quick = _Line(url, WRITER), _Line(url, WRITER | {"synchronous_commit": "off"})
        super().__init__(self._added, self._durable.done, self._asked, self._quick.done)

    async def close(self) -> None:
        for line in (self._durable, self._quick):
            await line.close()

    async def _added(self, entries: Sequence[OutboxEntry]) -> None:
        await self._writer.submit(lambda transaction: transaction.send(entries))

    async def _asked(self, work: Work[T], /) -> T:
        try:
            async with self._readers.lend() as connection:
                return await carried_out(connection, work)
        except Exception as error:
            raise unreadable(error) from error


class _Line:
    """A connection, opened when first needed, for one transaction after the other."""

    def __init__(self, url: str, settings: Mapping[str, str]):
        self._url, self._settings = url, settings
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def done(self, work: Work[T], /) -> T:
        try:
            async with self._turn:
                connection = await self._connected()
                async with connection.transaction():
                    return await carried_out(connection, work)
        except Exception as error:
            raise in_our_words(error) from error

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, self._settings)
        return self._connection
