"""The few connections that read: lent one question at a time, opened when first needed, replaced when lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fhir_server.store.postgresql.connection import READER, Connection, connect

SIZE = 8


class Readers:
    """On the loop that uses them. The one given back last is lent first, so that few stay busy and their plans warm."""

    def __init__(self, url: str, size: int = SIZE):
        self._url = url
        self._free: list[Connection] = []
        self._slots = asyncio.Semaphore(size)
        self._lent: set[Connection] = set()

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Connection]:
        """A connection for one question after the other. asyncpg's errors where there is none."""
        connection = await self.take()
        try:
            yield connection
        finally:
            self.give(connection)

    async def take(self) -> Connection:
        """As `lend`, for a point read, of whose time a context manager is a part that counts; `give` it back whatever happens."""
        await self._slots.acquire()
        try:
            connection = await self._opened()
        except BaseException:
            self._slots.release()
            raise
        self._lent.add(connection)
        return connection

    def give(self, connection: Connection) -> None:
        self._lent.discard(connection)
        if not connection.is_closed():
            self._free.append(connection)
        self._slots.release()

    async def close(self) -> None:
        """End what still reads, and close all."""
        for connection in self._lent:
            connection.terminate()
        while self._free:
            await self._free.pop().close()

    async def _opened(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        return await connect(self._url, READER)
