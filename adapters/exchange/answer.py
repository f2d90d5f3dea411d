"""What the sender of a message hears: at once, and once it is known what became of the message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender hears. `reply`: now (None: it wants nothing now). `application`: of a message that was only accepted, what became of
    it, once that is known; it may be left alone."""

    reply: bytes | None
    application: Awaitable[bytes | None] | None = None


def known(reply: bytes) -> Awaitable[bytes | None]:
    """An answer that nobody needs to wait for."""
    future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    future.set_result(reply)
    return future
