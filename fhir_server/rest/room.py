"""Room for Bundles: how many bytes of them are carried out at once, and memory given back to the system behind them.

A body becomes some ten times as many bytes of objects, index rows and answers. More at once would not be faster, for Python runs one
thread at a time; it would only be larger. What the C library has freed it keeps, in a heap for each thread: 75 MB after an import.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

SIZE = 12 * 2**20
"""Bytes of bodies. A larger body waits until it is alone."""

SMALL = 128 * 2**10
"""Bodies up to this size need no room."""

GIVEN_BACK_AFTER = 16 * 2**20
"""So many bytes of bodies, or as soon as nothing is left to do."""


def give_back() -> None:
    """Ask the C library to return what it has freed; only glibc knows how, and keeps it otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Room:
    """One for an application. Bodies enter in the order in which they came."""

    def __init__(self, size: int = SIZE, give_back: Callable[[], None] = give_back):
        self._size, self._give_back = size, give_back
        self._taken = 0
        self._worked = 0
        self._door = asyncio.Lock()
        self._left = asyncio.Event()

    @asynccontextmanager
    async def taken(self, size: int) -> AsyncIterator[None]:
        """Enter with a body of this size, and leave with the block."""
        if size <= SMALL:
            yield
            return
        wanted = min(size, self._size)
        await self._enter(wanted)
        try:
            yield
        finally:
            self._leave(wanted)

    async def _enter(self, wanted: int) -> None:
        async with self._door:
            while self._taken + wanted > self._size:
                self._left.clear()
                await self._left.wait()
            self._taken += wanted

    def _leave(self, wanted: int) -> None:
        self._taken -= wanted
        self._worked += wanted
        self._left.set()
        if self._worked >= GIVEN_BACK_AFTER or not self._taken:
            self._worked = 0
            asyncio.get_running_loop().run_in_executor(None, self._give_back)
