"""What other processes commit: PostgreSQL tells of it (LISTEN/NOTIFY); while it cannot, the database is asked from time to time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from fhir_server.store.postgresql.connection import READER, Connection, connect

CHANNEL = "passerelle_change"
ASK_SECONDS = 5.0
"""A notice that was lost with its connection is made good for within this time."""


class Listening:
    """`newest` asks the database for the newest number of the change sequence."""

    def __init__(self, url: str, newest: Callable[[], Awaitable[int]]):
        self._url = url
        self._newest = newest
        self._heard = asyncio.Event()
        self._connection: Connection | None = None

    async def changed(self, after: int) -> int:
        """The newest number, once it is beyond `after`."""
        while True:
            self._heard.clear()
            with contextlib.suppress(Exception):  # told again by the next question
                await self._listen()
            with contextlib.suppress(Exception):
                if (newest := await self._newest()) > after:
                    return newest
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), ASK_SECONDS)

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.close(timeout=5)

    async def _listen(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            return
        connection = await connect(self._url, READER)
        try:
            await connection.add_listener(CHANNEL, self._hear)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection

    def _hear(self, *_: Any) -> None:
        self._heard.set()
