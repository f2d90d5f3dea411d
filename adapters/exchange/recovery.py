"""What was kept and not finished when a program last stopped, and what somebody let go once more, is processed beside what comes new."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from adapters.endpoint import Inbox, InboxMessage
from fhir_server.model.issue import FhirError

log = logging.getLogger("passerelle.intake")

WATCH_SECONDS = 5.0
MOST_WATCHED = 1000

Begin = Callable[[InboxMessage], asyncio.Task[bytes]]
"""The one task that processes a message, also where it runs already."""


class Recovery:
    """Of the messages of one channel. `patience`: seconds for which what comes after one of them waits for it."""

    def __init__(self, inbox: Inbox, channel: str, begin: Begin, patience: float):
        self._inbox, self._channel, self._begin, self._patience = inbox, channel, begin, patience

    @contextlib.asynccontextmanager
    async def running(self, seconds: float = WATCH_SECONDS) -> AsyncIterator[None]:
        """While the block runs, finish what was left over, then look every so many seconds for what is to be processed once more
        (`passerelle exchange replay`)."""
        task = asyncio.create_task(self._run(seconds))
        try:
            yield
        finally:
            task.cancel()

    async def _run(self, seconds: float) -> None:
        work = self.recover
        while True:
            try:
                await work()
                work = self.replayed
            except FhirError as error:
                log.warning("the inbox cannot be read now: %s", error.category.value)
            await asyncio.sleep(seconds)

    async def recover(self) -> int:
        """Process what was kept but not finished when the program last stopped; returns how many messages.

        One that takes longer than the patience goes on beside what comes after; its sender's messages wait for it.
        """
        seen: set[int] = set()
        while rows := [row for row in await self._inbox.find("received", 1000 + len(seen)) if row.number not in seen]:
            for row in self._ours(rows):
                await asyncio.wait([self._begin(row)], timeout=self._patience)
            seen.update(row.number for row in rows)
        return len(seen)

    async def replayed(self) -> int:
        """Begin those that failed once and are to be processed again; how many. One that was never tried is in somebody's hands."""
        rows = [row for row in self._ours(await self._inbox.find("received", MOST_WATCHED)) if row.attempts]
        for row in rows:
            self._begin(row)
        return len(rows)

    def _ours(self, rows: list[InboxMessage]) -> list[InboxMessage]:
        return [row for row in rows if row.channel == self._channel]
