"""Outcomes written together: while one write is under way, those that come wait for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from adapters.endpoint import Outcome

MOST = 200


class Settling:
    """`write` is `Outbox.settle`."""

    def __init__(self, write: Callable[[Sequence[Outcome]], Awaitable[None]]):
        self._write = write
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def settle(self, outcome: Outcome) -> None:
        """Returns when the outcome is durable; raises what the write raised."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all())
        await future

    async def _write_all(self) -> None:
        await asyncio.sleep(0)  # those that are ready now come along
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._write([outcome for outcome, _ in group])
            except Exception as error:
                _resolve(group, error)
            else:
                _resolve(group, None)


def _resolve(group: Sequence[tuple[Outcome, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, future in group:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
