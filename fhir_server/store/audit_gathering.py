"""Many readers, one turn of the writer: entries that come while others are being written wait for the next turn together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

from fhir_server.store.audit_chain import Sealed

Write = Callable[[Sequence[Sealed]], Awaitable[None]]


class _Turns:
    """Of one event loop: what waits, and the turn that will take it."""

    def __init__(self, write: Write):
        self._write = write
        self._waiting: list[Sealed] = []
        self._next: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    def add(self, entries: Sequence[Sealed]) -> asyncio.Task[None]:
        self._waiting += entries
        if self._next is None:
            self._next = asyncio.create_task(self._turn(self._running))
        return self._next

    async def _turn(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            with contextlib.suppress(Exception):  # told to those whose entries were in that turn
                await before
        entries, self._waiting = self._waiting, []
        self._running, self._next = self._next, None
        await self._write(entries)


class Gathering:
    """`record` from any event loop; returns when the entries are durable."""

    def __init__(self, write: Write):
        self._write = write
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()

    async def record(self, entries: Sequence[Sealed]) -> None:
        loop = asyncio.get_running_loop()
        if loop not in self._turns:
            self._turns[loop] = _Turns(self._write)
        await asyncio.shield(self._turns[loop].add(entries))  # a client that goes away takes nobody's entries with it
