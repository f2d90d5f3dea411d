"""Many readers, one turn of the writer: entries that come while others are being written wait for the next turn together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

from fhir_server.store.audit_chain import Sealed

Write = Callable[[Sequence[Sealed]], Awaitable[None]]
_Waiting = tuple[Sequence[Sealed], "asyncio.Future[None]"]


class _Turns:
    """Of one event loop: what waits, and the task that writes while something does."""

    def __init__(self, write: Write):
        self._write = write
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, entries: Sequence[Sealed]) -> asyncio.Future[None]:
        """Done when they are durable. Whoever stops waiting takes nobody's entries with it."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, future))
        if self._task is None:
            self._task = asyncio.create_task(self._turns(), name="passerelle-audit")
        return future

    async def _turns(self) -> None:
        while self._waiting:
            turn, self._waiting = self._waiting, []
            _settle(turn, await self._written([one for entries, _ in turn for one in entries]))
        self._task = None

    async def _written(self, entries: Sequence[Sealed]) -> Exception | None:
        try:
            await self._write(entries)
        except Exception as error:
            return error
        return None


def _settle(turn: Sequence[_Waiting], error: Exception | None) -> None:
    for _, future in turn:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


class Gathering:
    """`record` from any event loop; returns when the entries are durable."""

    def __init__(self, write: Write):
        self._write = write
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()

    async def record(self, entries: Sequence[Sealed]) -> None:
        loop = asyncio.get_running_loop()
        if loop not in self._turns:
            self._turns[loop] = _Turns(self._write)
        await self._turns[loop].add(entries)
