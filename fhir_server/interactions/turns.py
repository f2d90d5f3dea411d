"""Long work in small steps or beside the event loop, so that others get their answers meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
LARGE = 2000
"""So many objects and lists are walked in about the time that the way to a thread and back takes some ten times."""

_CONTAINERS = frozenset((dict, list))


async def in_turns(items: Iterable[T], every: int = 100) -> AsyncIterator[T]:
    """The items; after every so many of them, others have a turn."""
    for number, item in enumerate(items, 1):
        yield item
        if number % every == 0:
            await asyncio.sleep(0)


async def beside(work: Callable[[], T], is_long: bool) -> T:
    """The result of the work, which is done in a thread where it is long."""
    return await asyncio.to_thread(work) if is_long else work()


def is_large(resource: dict[str, Any]) -> bool:
    """True for a resource of more than LARGE objects and lists; looks no further than that."""
    level: list[Any] = [resource]
    seen = 0
    while level and seen + len(level) <= LARGE:
        seen += len(level)
        level = [child for node in level for child in (node.values() if type(node) is dict else node) if type(child) in _CONTAINERS]
    return bool(level)
