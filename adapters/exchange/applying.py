"""When messages that were accepted early are applied: nobody waits for that, and others wait to be accepted.

While messages come in, they are applied one at a time, so that the processor is there for accepting; in the pauses, several at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator


class Applying:
    """`most`: how many at once while none comes in."""

    def __init__(self, most: int):
        self._most = most
        self._coming = self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @contextlib.contextmanager
    def message_coming_in(self) -> Iterator[None]:
        """While the block runs, a message is being accepted."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1
            self._let_go()

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The block runs when it is its turn, in the order in which they were asked for."""
        await self._turn()
        try:
            yield
        finally:
            self._running -= 1
            self._let_go()

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._let_go()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given, and nobody takes it
                self._running -= 1
                self._let_go()
            raise

    def _let_go(self) -> None:
        while self._waiting and self._running < (1 if self._coming else self._most):
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._running += 1
                turn.set_result(None)
