"""Many readers, one turn of the writer: entries that come while others are being written wait for the next turn together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

from fhir_server.store.audit_chain import Sealed

Write = Callable[[Sequence[Sealed]], Awaitable[None]]
Waiter = asyncio.Future[None]

ENOUGH = 64
"""Entries that do not wait for more."""
LONGEST_SECONDS = 0.002


class _Turns:
    """Of one event loop: what waits, who waits for it, and the task that takes turn after turn while there is something."""

    def __init__(self, write: Write, loop: asyncio.AbstractEventLoop):
        self._write, self._loop = write, loop
        self._entries: list[Sealed] = []
        self._waiters: list[Waiter] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, entries: Sequence[Sealed]) -> Waiter:
        """Each has a future of its own: a client that goes away takes nobody's entries with it."""
        waiter: Waiter = self._loop.create_future()
        self._entries += entries
        self._waiters.append(waiter)
        if self._task is None:
            self._task = self._loop.create_task(self._run())
        return waiter

    async def _run(self) -> None:
        try:
            while self._entries:
                await self._turn()
        finally:
            self._task = None

    async def _gather(self) -> None:
        """Go round the loop as long as more come: a turn for many costs no more than one for a single entry."""
        end, before = self._loop.time() + LONGEST_SECONDS, 0
        while before < len(self._entries) < ENOUGH and self._loop.time() < end:
            before = len(self._entries)
            await asyncio.sleep(0)

    async def _turn(self) -> None:
        await self._gather()
        entries, self._entries = self._entries, []
        waiters, self._waiters = self._waiters, []
        try:
            await self._write(entries)
        except Exception as error:
            _settle(waiters, error)
        else:
            _settle(waiters, None)


def _settle(waiters: list[Waiter], error: Exception | None) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)


class Gathering:
    """`record` from any event loop; returns when the entries are durable."""

    def __init__(self, write: Write):
        self._write = write
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()

    async def record(self, entries: Sequence[Sealed]) -> None:
        if entries:
            await self._of(asyncio.get_running_loop()).add(entries)

    def _of(self, loop: asyncio.AbstractEventLoop) -> _Turns:
        if (turns := self._turns.get(loop)) is None:
            turns = self._turns[loop] = _Turns(self._write, loop)
        return turns
