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
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.security.caller import Caller
from fhir_server.store.store import MOST, Store
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import Notice, Occurrence, Step, Subscriber
from fhir_server.subscriptions.channel import channel_of, is_queued
from fhir_server.subscriptions.evaluation import NOT_TOLD, ChangeInHand, events_among
from fhir_server.subscriptions.life import becomes
from fhir_server.subscriptions.owner import owner_of
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import SERVED, TYPE, Asked, asked_of
from fhir_server.subscriptions.topic import Topic

log = logging.getLogger("passerelle.subscriptions")

SECOND = 1_000_000
AT_ONCE = 100
"""Changes of one step."""
LOOK_SECONDS = 1.0
"""So long nothing is looked at where nobody tells of a commit; how exact heartbeats and ends are."""
PAUSE = 0.05
"""Seconds between steps under load, so that several commits share one."""
LEASE = 10 * SECOND
KNOWN_FOR = 10 * SECOND
"""So long owners are taken to be as they were; what is sent asks each time."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription that is served, as it stands now."""

    subscriber: Subscriber
    stored: Stored
    asked: Asked
    owner: Caller

    @property
    def id(self) -> str:
        return self.subscriber.id


@dataclass(slots=True)
class _Found:
    """What a step will write."""

    starts: list[tuple[str, int]] = field(default_factory=list)
    occurrences: list[Occurrence] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


class Follower:
    """`interactions` is the whole server, `name` tells this one from all others, `clock` gives microseconds since 1970-01-01 UTC."""

    def __init__(
        self, interactions: Interactions, sight: Sight, topics: Mapping[str, Topic], name: str, clock: Callable[[], int],
    ):  # fmt: skip
        self._interactions = interactions
        self._store: Store = interactions.store
        self._sight = sight
        self._topics = topics
        self._name = name
        self._clock = clock
        self._place: int | None = None
        self._led_until = 0
        self._asked: dict[str, tuple[int, Stored, Asked]] = {}
        self._known: tuple[int, dict[str, Subscribed]] | None = None
        self._known_since = 0

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
        subscribed = await self._served()
        newest = await self._store.newest()
        changes = await self._store.changes(after, self._types(subscribed), AT_ONCE) if newest > after else []
        changes, until = _bounded(changes, max(newest, after))
        found = _Found()
        await self._look(changes, subscribed, found)
        await self._by_time(subscribed, found)
        if until == after and not found.notices:
            return False
        step = Step(after, until, self._clock(), found.starts, found.occurrences, found.notices, _together(subscribed))
        self._place = until if await self._store.subscriptions.take(step) else None
        if self._place is None or found.starts or found.occurrences or found.notices:
            self._known = None
        return True

    async def _led(self) -> int | None:
        """Where to begin; None where another process follows. A store that no other process uses need not wait for a lease to end."""
        now = self._clock()
        if self._place is None or now > self._led_until - LEASE * 2 // 3:
            shared = self._store.jobs.shared
            self._place = await self._store.subscriptions.lead(self._name, now if shared else MOST, now + LEASE)
            self._led_until = now + LEASE
        return self._place

    async def _served(self) -> dict[str, Subscribed]:
        """As `_subscribed`; what it is made of changes by steps, and with resources of the type."""
        newest, now = await self._store.newest_of([TYPE]), self._clock()
        if self._known is None or self._known[0] != newest or now - self._known_since >= KNOWN_FOR:
            self._known, self._known_since = (newest, await self._subscribed()), now
        return self._known[1]

    async def _subscribed(self) -> dict[str, Subscribed]:
        """All that are served, by id, as they stand now; one that is not served any more has no resource that says what it asks."""
        found: dict[str, Subscribed] = {}
        for one in await self._store.subscriptions.all():
            if one.started and (asked := await self._asked_now(one.id)) and (owner := await self._owner(one, asked[0])):
                found[one.id] = Subscribed(one, *asked, owner)
        return found

    async def _owner(self, subscriber: Subscriber, stored: Stored) -> Caller | None:
        """As they are now; whose owner is let in no more is off."""
        try:
            return await self._sight.current(owner_of(subscriber))
        except FhirError as error:
            if error.category not in NOT_TOLD:
                raise
        await becomes(self._interactions, stored, "off", "The client that asked for it is let in no more.")
        return None

    async def _asked_now(self, id_: str) -> tuple[Stored, Asked] | None:
        stored = await self._store.read(TYPE, id_)
        if stored is None or stored.content is None:
            return None
        known = self._asked.get(id_)
        if known is None or known[0] != stored.version:
            try:
                known = self._asked[id_] = (stored.version, stored, asked_of(decode_json(stored.content)))
            except FhirError as error:
                log.warning("Subscription %s is not served: %s", id_, error)
                return None
        return known[1:]

    def _types(self, subscribed: Mapping[str, Subscribed]) -> list[str]:
        return sorted({TYPE, *(name for one in subscribed.values() for name in self._types_of(one.asked))})

    def _types_of(self, asked: Asked) -> tuple[str, ...]:
        if asked.criteria is not None:
            return (asked.criteria.type,)
        topic = self._topics.get(str(asked.topic))
        return topic.resources if topic is not None else ()

    async def _look(self, changes: Sequence[Stored], subscribed: Mapping[str, Subscribed], found: _Found) -> None:
        in_hand = [ChangeInHand(one, self._store) for one in changes if one.type != TYPE]
        for one in subscribed.values():
            theirs = [change for change in in_hand if change.stored.type in self._types_of(one.asked)]
            if theirs and not one.asked.has_ended:
                found.occurrences += [_occurrence(one.id, change.stored) for change in await self._events(one, theirs)]
        for change in changes:
            if change.type == TYPE:
                await self._lives(change, found)

    async def _events(self, one: Subscribed, changes: Sequence[ChangeInHand]) -> list[ChangeInHand]:
        """A fault of ours over one change of one Subscription keeps nothing else from being told; its owner sees that something is
        amiss."""
        try:
            return await events_among(changes, one.asked, self._sight.of(one.owner), self._topics)
        except FhirError:
            raise
        except Exception as error:
            if len(changes) > 1:
                return [event for change in changes for event in await self._events(one, [change])]
            place = f"{changes[0].stored.type}/{changes[0].stored.id}"
            log.error("Subscription %s over %s: %s", one.id, place, type(error).__name__)
            await becomes(self._interactions, one.stored, "error", f"Whether {place} is an event could not be worked out; look at it.")
            return []

    async def _lives(self, change: Stored, found: _Found) -> None:
        """What a version of a Subscription says about its being served."""
        known = await self._store.subscriptions.of(change.id)
        status = "off" if change.content is None else str(decode_json(change.content).get("status"))
        if known is None:
            if status in ("requested", "active"):
                await becomes(self._interactions, change, "off", "No client of this server asked for it; ask by POST, with a token.")
        elif status not in SERVED:
            found.starts.append((change.id, 0))
        elif status == "active" and not known.started:
            found.starts.append((change.id, change.seq))
        elif status == "requested":
            await self._begins(change, found)

    async def _begins(self, change: Stored, found: _Found) -> None:
        """A topic's Subscription begins when its endpoint has answered a handshake; R4 knows none, so others begin at once."""
        try:
            asked = asked_of(decode_json(change.content or b"null"))
            needs_answer = asked.topic is not None and channel_of(asked).queued
        except FhirError as error:
            await becomes(self._interactions, change, "error", str(error))
            return
        if needs_answer:
            found.notices.append(Notice(change.id, "handshake", f"handshake-{change.version}"))
        else:
            await becomes(self._interactions, change, "active")

    async def _by_time(self, subscribed: Mapping[str, Subscribed], found: _Found) -> None:
        """Those whose time is over end; those that were silent for long give a sign of life."""
        now = self._clock()
        for one in subscribed.values():
            if one.asked.has_ended:
                continue
            if one.asked.end and one.asked.end < now:
                await becomes(self._interactions, one.stored, "off")
            elif one.asked.heartbeat and is_queued(one.asked) and now - one.subscriber.told >= one.asked.heartbeat * SECOND:
                found.notices.append(Notice(one.id, "heartbeat", f"heartbeat-{now}"))


def _occurrence(id_: str, change: Stored) -> Occurrence:
    return Occurrence(id_, change.type, change.id, change.version, change.method, change.updated)


def _bounded(changes: list[Stored], newest: int) -> tuple[list[Stored], int]:
    """The changes of a step, and up to where it looks: to the first change of a Subscription, or to the last change of a full page."""
    for place, change in enumerate(changes):
        if change.type == TYPE:
            return changes[: place + 1], change.seq
    if len(changes) == AT_ONCE:
        return changes, changes[-1].seq
    return changes, max(newest, changes[-1].seq if changes else 0)


def _together(subscribed: Mapping[str, Subscribed]) -> dict[str, int]:
    return {one.id: one.asked.together if is_queued(one.asked) else 0 for one in subscribed.values()}
