"""Index rows are made anew where what they depend on has changed: another release, another package, a SearchParameter that was stored
(https://hl7.org/fhir/R4/searchparameter.html).

Others read and write meanwhile: rows are replaced batch by batch, each in a transaction of the store's one writer and only where the
resource is still the one they were made from. What is done is kept in the database, so another process, or this one after its end,
goes on where it stopped. A parameter whose rows are not all there is in `Searching.incomplete`, and searches say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence

import structlog

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.searching import Searching
from fhir_server.model.json_format import decode_json
from fhir_server.search.fingerprint import fingerprints
from fhir_server.store.change import NOT_OURS
from fhir_server.store.indexing import Fingerprints, Indexing, IndexState, Progress, Renewal, Standing

log = structlog.stdlib.get_logger("passerelle.reindexing")

SMALL = 3000
"""Resources that are indexed anew before the change of a SearchParameter is answered; more of them in the background."""

BATCH = 100
LOOK_SECONDS = 1.0
LEASE_SECONDS = 15
PATIENCE = 5.0
"""Seconds after which another process takes over the goals of one that stored a SearchParameter and ended."""

Told = Callable[[str, int], None]
"""Gets each type with the number of its resources that were just indexed anew."""


def _microseconds() -> int:
    return time.time_ns() // 1000


class Reindexing:
    """For one store and the definitions of its server. Before `attach`, every index counts as complete."""

    def __init__(self, indexing: Indexing, definitions: Definitions, searching: Searching):
        self._indexing = indexing
        self._definitions = definitions
        self._searching = searching
        self._types = sorted(definitions.schema.resource_types)
        self._own: Mapping[str, Fingerprints] = {}
        self._settled: Mapping[str, Fingerprints] = {}  # own ones when they were last the goals of the database
        self._seen = self._led_for = definitions.parameters_generation
        self._state: IndexState | None = None
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()
        self._owner = uuid.uuid4().hex
        self._disagreeing: float | None = None  # since when the goals are not our own
        self._follows = False  # whether that is because a SearchParameter was stored, so that they soon will be
        self._has_queue = False
        self._stopping = False
        self.renewed = 0
        """Resources that this process has indexed anew."""

    @property
    def waiting(self) -> frozenset[str]:
        """The types that are not at their goal, as far as this process knows."""
        return frozenset(name for name, one in self._state.types.items() if not one.is_complete) if self._state else frozenset()

    async def attach(self, *, lead: bool) -> None:
        """Compare what the rows were made from with what this process makes them from. Who leads (a server) sets the goals where they
        differ; who does not (a command) marks what it writes, and the next server makes it anew."""
        await self._look_anew()
        self._led_for = self._seen
        state = await self._indexing.state()
        lead = lead or not (state.types or await self._indexing.count(self._types))
        self._take(await self._indexing.aim(self._differing(state)) if lead and self._differing(state) else state)

    async def catch_up(self) -> None:
        """After a commit: where it changed a SearchParameter, set the new goals, and reach them at once where that is little work."""
        if self._state is None or self._led_for == self._definitions.parameters_generation:
            return
        try:
            await self._led()
        except Exception as error:  # what was committed is committed: the background tries again
            log.warning("reindexing put off", reason=type(error).__name__)
        self._news.set()

    async def progress(self) -> Mapping[str, Progress]:
        """How far the types are that are not at their goal."""
        return await self._indexing.progress() if self.waiting else {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for work and do it in the background, until left."""
        task = asyncio.create_task(self._run(), name="passerelle-reindexing")
        try:
            yield
        finally:
            self._stopping = True  # in Python 3.11 `wait_for` may swallow a cancellation
            task.cancel()
            await asyncio.wait([task])

    async def all(self, types: Collection[str] = (), *, afresh: bool = False, told: Told = lambda *_: None) -> None:
        """Reach the goals now, of all types or of some; `afresh` makes all their rows anew."""
        wanted = sorted(types) or self._types
        if afresh:
            self._take(await self._indexing.aim({name: self._own[name] for name in wanted}, afresh=True))
        for name in (name for name in wanted if name in self.waiting):
            await self._type(name, told)
        await self._queue()
        self._take(await self._indexing.state())

    async def _led(self) -> None:
        async with self._lock:
            if self._led_for == self._definitions.parameters_generation:
                return
            self._led_for = self._definitions.parameters_generation
            await self._look_anew()
            changed = self._changed() if self._follows else {}
            self._take(await self._indexing.aim(changed))
            todo = sorted(self.waiting & changed.keys())
            if todo and await self._indexing.count(todo) <= SMALL:
                await self.all(todo)

    async def _look_anew(self) -> None:
        """The fingerprints of what is defined now; where it changes meanwhile, `_seen` is behind and they are looked at again."""
        self._follows = self._follows or (self._state is not None and self._disagreeing is None)
        self._seen = self._definitions.parameters_generation
        self._own = await self._fingerprints()

    async def _fingerprints(self) -> Mapping[str, Fingerprints]:
        zone, base = self._searching.zone, self._searching.base
        return await asyncio.to_thread(lambda: {name: fingerprints(self._definitions, name, zone, base) for name in self._types})

    def _differing(self, state: IndexState) -> dict[str, Fingerprints]:
        return {name: own for name, own in self._own.items() if name not in state.types or state.types[name].goal != own}

    def _changed(self) -> dict[str, Fingerprints]:
        """The types that a stored SearchParameter changes; where other releases or packages made the goals, these stay theirs."""
        return {name: own for name, own in self._own.items() if self._settled.get(name, own) != own}

    def _take(self, state: IndexState) -> None:
        """What searches are to say, and the mark of what is written from here on."""
        if self._state is not None and state.revision < self._state.revision:
            return
        self._state = state
        missing = {name: frozenset(_missing(own, state, name)) for name, own in self._own.items()}
        self._searching.incomplete = {name: codes for name, codes in missing.items() if codes}
        agrees = not self._differing(state)
        self._searching.extractor.generation = state.generation if agrees else NOT_OURS
        self._disagreeing = None if agrees else self._disagreeing or time.monotonic()
        if agrees:
            self._settled, self._follows = self._own, False

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._follow()
                if await self._work():
                    continue
            except Exception as error:  # the store cannot be reached now: asked again
                log.warning("reindexing interrupted", reason=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
            self._news.clear()

    async def _follow(self) -> None:
        """Take over what other processes did: their SearchParameters come by the change sequence, their goals by the revision."""
        control = await self._indexing.control()
        self._has_queue = control.has_queue
        changed = self._seen != self._definitions.parameters_generation
        if changed:
            async with self._lock:
                await self._look_anew()
        if changed or self._state is None or control.revision != self._state.revision:
            self._take(await self._indexing.state())
        if self._disagreeing is not None and self._follows and time.monotonic() - self._disagreeing > PATIENCE:
            self._take(await self._indexing.aim(self._changed()))

    async def _work(self) -> bool:
        """One type, or one look at the queue; False where there is nothing to do, or another process does it."""
        if not (self.waiting or self._has_queue) or self._disagreeing is not None or not await self._leased():
            return False
        if not (waiting := sorted(self.waiting)):
            return await self._queue() > 0
        total, began = await self._indexing.count(waiting), time.monotonic()
        log.info("reindexing", types=len(waiting), resources=total)
        for name in waiting:
            await self._type(name, pause=True)
        await self._queue()
        log.info("reindexed", types=len(waiting), resources=total, seconds=round(time.monotonic() - began, 1))
        self._take(await self._indexing.state())
        return not self.waiting

    async def _leased(self) -> bool:
        now = _microseconds()
        return await self._indexing.lease(self._owner, now, now + LEASE_SECONDS * 1_000_000)

    async def _type(self, name: str, told: Told = lambda *_: None, *, pause: bool = False) -> None:
        """From where it stopped to the end, and then what was written meanwhile with other rows."""
        state = await self._indexing.state()
        known, goal = state.types[name], self._own[name]
        after, leased = known.done, time.monotonic()
        while known.goal == goal and (found := await self._indexing.standing(name, after, BATCH)):
            began = time.monotonic()
            after = found[-1].pk
            await self._renew(found, name, after)
            told(name, len(found))
            if pause:  # others write as long as this did
                await asyncio.sleep(min(1.0, time.monotonic() - began))
                if time.monotonic() - leased > LEASE_SECONDS / 3:
                    leased = time.monotonic()
                    await self._leased()
        await self._queue()
        await self._indexing.finish(name, goal)

    async def _queue(self) -> int:
        """Resources that were written with other rows; how many there were."""
        count, before = 0, list[Standing]()
        while (found := await self._indexing.queued(BATCH)) and found != before:
            await self._renew(found)
            count, before = count + len(found), found
        return count

    async def _renew(self, found: Sequence[Standing], type_name: str | None = None, done: int = 0) -> None:
        renewals = await asyncio.to_thread(lambda: [self._renewal(one) for one in found])
        await self._indexing.renew(renewals, type_name, done)
        self.renewed += len(renewals)

    def _renewal(self, one: Standing) -> Renewal:
        content = one.stored.content
        return Renewal(one.pk, one.stored.version, self._searching.extractor.extract(decode_json(content)) if content else None)


def _missing(own: Fingerprints, state: IndexState, name: str) -> list[str]:
    made = state.types[name].made if name in state.types else {}
    return [code for code, one in own.items() if made.get(code) != one]
