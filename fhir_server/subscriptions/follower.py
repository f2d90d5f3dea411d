"""Follows the change sequence, and writes down whom each change is to be told to: nothing is worked out while somebody waits for a write.

One step looks at some changes: what they mean is committed together with how far it has come (`Subscriptions.take`), so that after a
crash each change is looked at again, or was looked at for good. Every process of a server may have a follower: the one with the lease
works.
A change of a Subscription ends a step, for what comes behind it is told by what it says.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.store.store import MOST, Store
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import Notice, Start, Step
from fhir_server.subscriptions.channel import is_queued
from fhir_server.subscriptions.course import SECOND, Course
from fhir_server.subscriptions.occurrences import Occurrences
from fhir_server.subscriptions.roll import Roll, Subscribed
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import TYPE
from fhir_server.subscriptions.topic import Topic

log = logging.getLogger("passerelle.subscriptions")

AT_ONCE = 100
"""Changes of one step."""
LOOK_SECONDS = 1.0
"""So long nothing is looked at where nobody tells of a commit; how exact heartbeats and ends are."""
PAUSE = 0.05
"""Seconds between steps under load, so that several commits share one."""
LEASE = 10 * SECOND


class Follower:
    """`interactions` is the whole server, `name` tells this one from all others, `clock` gives microseconds since 1970-01-01 UTC."""

    def __init__(
        self, interactions: Interactions, sight: Sight, topics: Mapping[str, Topic], name: str, clock: Callable[[], int],
    ):  # fmt: skip
        self._store: Store = interactions.store
        self._roll = Roll(interactions, sight, clock)
        self._occurrences = Occurrences(interactions, sight, topics)
        self._course = Course(interactions, topics, clock)
        self._name = name
        self._clock = clock
        self._place: int | None = None
        self._led_until = 0

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow until the block is left; then another may at once."""
        task = asyncio.create_task(self._follow(), name="passerelle-subscriptions")
        try:
            yield
        finally:
            while not task.done():  # in Python 3.11 `wait_for` may swallow a cancellation
                task.cancel()
                await asyncio.wait([task], timeout=1)
            with contextlib.suppress(FhirError):
                if self._place is not None:
                    await self._store.subscriptions.lead(self._name, self._clock(), 0)

    async def _follow(self) -> None:
        while True:
            try:
                moved = await self.step()
            except FhirError as error:
                log.warning("changes cannot be followed now: %s", error.category.value)
                moved = False
            except Exception as error:
                log.error("a step over the changes failed: %s", type(error).__name__)
                moved = False
            await asyncio.sleep(PAUSE)
            if not moved:
                await self._news()

    async def _news(self) -> None:
        """Until something was committed, or a while has passed."""
        if self._place is None:
            await asyncio.sleep(LOOK_SECONDS)
            return
        changed = asyncio.ensure_future(self._store.changed(self._place))
        try:
            await asyncio.wait([changed], timeout=LOOK_SECONDS)
        finally:
            changed.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await changed

    async def step(self) -> bool:
        """Look at what was changed since the last step; True where there was something."""
        after = await self._led()
        if after is None:
            return False
        subscribed = (await self._roll.now()).values()
        changes, until = await self._changes(after, subscribed)
        occurrences = await self._occurrences.among([one for one in changes if one.type != TYPE], subscribed)
        turns = [await self._course.turn(one) for one in changes if one.type == TYPE]
        starts = [one for one in turns if isinstance(one, Start)]
        notices = [one for one in turns if isinstance(one, Notice)] + await self._course.by_time(subscribed)
        if until == after and not notices:
            return False
        step = Step(after, until, self._clock(), starts, occurrences, notices, _together(subscribed))
        self._place = until if await self._store.subscriptions.take(step) else None
        if self._place is None or starts or occurrences or notices:
            self._roll.forget()
        return True

    async def _led(self) -> int | None:
        """Where to begin; None where another process follows. A store that no other process uses need not wait for a lease to end."""
        now = self._clock()
        if self._place is None or now > self._led_until - LEASE * 2 // 3:
            shared = self._store.jobs.shared
            self._place = await self._store.subscriptions.lead(self._name, now if shared else MOST, now + LEASE)
            self._led_until = now + LEASE
        return self._place

    async def _changes(self, after: int, subscribed: Iterable[Subscribed]) -> tuple[list[Stored], int]:
        """What this step looks at, and up to where."""
        types = {TYPE, *(name for one in subscribed for name in self._occurrences.types(one.asked))}
        newest = await self._store.newest()
        changes = await self._store.changes(after, sorted(types), AT_ONCE) if newest > after else []
        return _bounded(changes, max(newest, after))


def _bounded(changes: list[Stored], newest: int) -> tuple[list[Stored], int]:
    """The changes of a step, and up to where it looks: to the first change of a Subscription, or to the last change of a full page."""
    for place, change in enumerate(changes):
        if change.type == TYPE:
            return changes[: place + 1], change.seq
    if len(changes) == AT_ONCE:
        return changes, changes[-1].seq
    return changes, max(newest, changes[-1].seq if changes else 0)


def _together(subscribed: Iterable[Subscribed]) -> dict[str, int]:
    return {one.id: one.asked.together if is_queued(one.asked) else 0 for one in subscribed}
