"""When messages that were accepted early are applied: nobody waits for that, and others wait to be accepted.

While messages come in, they are applied one at a time and with rests between them, so that the processor is there for accepting; in the
pauses, several at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator

REST = 3
"""How often as long as one was applied the next waits, while messages come in: a quarter of the time goes to applying."""


class Applying:
    """`most`: how many at once while none comes in. `clock` gives seconds."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic):
        self._most, self._clock = most, clock
        self._coming = self._running = 0
        self._rests_until = 0.0
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
        began = self._clock()
        try:
            yield
        finally:
            self._running -= 1
            self._rests_until = (ended := self._clock()) + REST * (ended - began)
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
        while self._waiting and self._running < self._allowed():
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._running += 1
                turn.set_result(None)

    def _allowed(self) -> int:
        """How many may be applied at once now."""
        if not self._coming:
            return self._most
        return 0 if self._clock() < self._rests_until else 1
