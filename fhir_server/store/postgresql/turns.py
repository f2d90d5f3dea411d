"""Turns that the processes of a database take: who has one is the only one to have it, until it is given back or the process ends.

Advisory locks of one session (https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS): PostgreSQL lets go of them when the
session ends, however it ends. Where the connection is lost, the turns are lost with it; what is done in them is to bear that.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator

from fhir_server.store.postgresql.connection import READER, Connection, connect, in_our_words

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.2
"""Seconds between two times that a turn is asked for."""


def key_of(*parts: str) -> int:
    """The number of a lock, 64 bits."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big", signed=True)


class Turns:
    """One connection, opened when first needed. A turn is had once: who has it in this process does not ask for it again."""

    def __init__(self, url: str):
        self._url = url
        self._connection: Connection | None = None
        self._asking = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def had(self, key: int) -> AsyncIterator[None]:
        """While the block runs nobody else has it. FhirError where the database cannot be asked."""
        pause = FIRST_PAUSE
        while not await self._asked("SELECT pg_try_advisory_lock($1)", key):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        try:
            yield
        finally:
            with contextlib.suppress(Exception):  # without a connection it is given back already
                await self._asked("SELECT pg_advisory_unlock($1)", key)

    async def close(self) -> None:
        """Give back all."""
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close()

    async def _asked(self, sql: str, key: int) -> bool:
        try:
            async with self._asking:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await connect(self._url, READER)
                return bool(await self._connection.fetchval(sql, key))
        except Exception as error:
            raise in_our_words(error) from error
