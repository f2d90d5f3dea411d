"""Entries that belong to no commit (reads, searches, refusals) go over a connection of their own, one statement for all that wait.

They have a chain of their own beside that of the store's writer, so nobody needs the lock of all writers to be told of, and the head is
known without asking: nobody else moves it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from fhir_server.store.audit_chain import Chain, Links, Sealed
from fhir_server.store.postgresql.audit import add, links_of
from fhir_server.store.postgresql.connection import WRITER, Connection, connect, in_our_words, is_lost
from fhir_server.store.postgresql.writer import stopping


class AuditWriter:
    """`write` for one turn after the other."""

    def __init__(self, url: str, chain: Chain, clock: Callable[[], int]):
        self._url, self._chain, self._clock = url, chain, clock
        self._connection: Connection | None = None
        self._links: Links | None = None
        self._lock = asyncio.Lock()  # turns of several loops do not meet, but the end may come between
        self._closed = False

    async def write(self, entries: Sequence[Sealed]) -> None:
        """Durable when it returns. What became of a turn whose answer was lost is found in the head, which is then asked for."""
        async with self._lock:
            if self._closed:
                raise stopping()
            links, self._links = self._links, None
            try:
                connection = await self._connected()
                links = links or await links_of(connection, self._chain, self._clock())
                links.add(entries)
                await add(connection, links, links.taken())
            except Exception as error:
                self._let_go(error)
                raise in_our_words(error) from error
            self._links = links

    async def close(self) -> None:
        self._closed = True
        async with self._lock:
            if self._connection is not None:
                with contextlib.suppress(Exception):
                    await self._connection.close(timeout=5)

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, WRITER)
        return self._connection

    def _let_go(self, error: Exception) -> None:
        if self._connection is not None and is_lost(error):
            self._connection.terminate()
            self._connection = None
