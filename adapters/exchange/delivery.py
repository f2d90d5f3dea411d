"""The engine's outgoing half: messages out of the outbox to their destinations, at least once, in the order of each lane.

    claim (a lease) -> deliver -> receipt, or later (back-off, circuit), or dead letter -> settle

Any number of workers may run, each in its own process; the outbox gives a message, and all of its lane, to one at a time. What a worker
that died had in hand is taken by another when its lease is over. What went wrong here with the outbox itself is tried again as well:
a message whose outcome could not be written is delivered once more, with the same key.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.endpoint import FhirEndpoint, Outbox, OutboxMessage, Outcome
from adapters.exchange.back_off import Fraction
from adapters.exchange.becoming import became, given_back, refused_here
from adapters.exchange.circuit import Circuit
from adapters.exchange.communication import tell
from adapters.exchange.destination import SECOND, Destination, Destinations
from adapters.exchange.settling import Settling
from adapters.exchange.transport import Answer, Later, Receipt
from fhir_server.model.issue import FhirError

log = logging.getLogger("passerelle.delivery")

Observe = Callable[[str, str], None]
"""Told of each attempt: the destination's name, and what it came to (`delivered`, `waiting`, `dead`)."""

IDLE_SECONDS = 0.5
LONG_LOOK = 0.05
"""Seconds. After one that took longer and found nothing to deliver there is a rest, so many times as long."""
REST, LONGEST_REST = 10, 10.0


def microseconds() -> int:
    """Since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def unobserved(destination: str, status: str) -> None:
    """Nobody counts."""


@dataclass(slots=True)
class _Serving:
    """What a worker knows of a destination while it delivers there."""

    destination: Destination
    circuit: Circuit
    held: bool = False
    running: set[asyncio.Task[None]] = field(default_factory=set)


class Delivery:
    """One worker. `owner` is its name among all; `endpoint` is where Communications are, None where none are told."""

    def __init__(
        self, outbox: Outbox, destinations: Destinations, owner: str, *, endpoint: FhirEndpoint | None = None,
        clock: Callable[[], int] = microseconds, fraction: Fraction = random.random, idle: float = IDLE_SECONDS,
        observe: Observe = unobserved, elapsed: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self.outbox, self.destinations, self.owner, self.endpoint = outbox, destinations, owner, endpoint
        self._clock, self._fraction, self._idle, self._observe = clock, fraction, idle, observe
        self._settling = Settling(outbox.settle)
        self._elapsed = elapsed
        self._rests: dict[str, float] = {}
        self._unknown: set[str] = set()
        self._circuits: dict[str, Circuit] = {}
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self.delivered = 0
        self.looked = clock()
        """When the outbox was last read."""

    async def run(self) -> None:
        """Until `stop`; what is being delivered then is finished, what was not begun is given back."""
        while not self._stopping.is_set():
            try:
                await self._look()
            except FhirError as error:
                log.warning("the outbox cannot be read now: %s", error.category.value)
            except Exception as error:
                log.error("the outbox cannot be read now: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._stopping.wait(), self._idle)
            except TimeoutError:
                continue
        await self.settled()

    def stop(self) -> None:
        self._stopping.set()

    async def once(self) -> None:
        """Deliver all that is due now."""
        await self._look()
        await self.settled()

    async def settled(self) -> None:
        """When nothing is in hand."""
        while self._serving:
            await asyncio.wait(list(self._serving.values()))

    async def _look(self) -> None:
        names = await self.outbox.open_destinations(self._clock())
        self.looked = self._clock()
        for name in names:
            if self._is_free(name) and (destination := await self._known(name)):
                task = self._serving[name] = asyncio.create_task(self._serve(destination))
                task.add_done_callback(lambda _, name=name: self._serving.pop(name, None))  # type: ignore[misc]

    async def _known(self, name: str) -> Destination | None:
        destination = await self.destinations.find(name)
        if destination is None and name not in self._unknown:
            log.warning("messages wait for %s, which no table of the destinations names", name)
        (self._unknown.add if destination is None else self._unknown.discard)(name)
        return destination

    def _is_free(self, name: str) -> bool:
        return name not in self._serving and self._rests.get(name, 0) <= self._elapsed()

    async def _serve(self, destination: Destination) -> None:
        """Deliver to one destination until nothing more of it is due."""
        serving = _Serving(destination, self._circuit(destination))
        try:
            while await self._begin(serving):
                _, serving.running = await asyncio.wait(serving.running, return_when=asyncio.FIRST_COMPLETED)
        except FhirError as error:
            log.warning("the outbox cannot be read now: %s", error.category.value)
        finally:
            if serving.running:
                await asyncio.wait(serving.running)

    async def _begin(self, serving: _Serving) -> bool:
        """Begin what is due, where half of the places are free; False where nothing runs then."""
        at_once = serving.destination.rules.at_once
        free = at_once - len(serving.running)
        if not (self._stopping.is_set() or serving.held) and (free * 2 >= at_once or not serving.running):
            for lane in _lanes(await self._claimed(serving.destination, free)):
                serving.running.add(asyncio.create_task(self._deliver(serving, lane)))
        return bool(serving.running)

    async def _claimed(self, destination: Destination, limit: int) -> list[OutboxMessage]:
        """Where much waits and nothing of it may go yet, looking through it takes the database long; then it is done less often."""
        rules, now, began = destination.rules, self._clock(), self._elapsed()
        found = await self.outbox.claim(
            destination.name, owner=self.owner, now=now, until=now + rules.lease, limit=limit, interval=rules.interval, strict=rules.strict
        )
        if not found and (took := self._elapsed() - began) > LONG_LOOK:
            self._rests[destination.name] = self._elapsed() + min(REST * took, LONGEST_REST)
        return found

    def _circuit(self, destination: Destination) -> Circuit:
        rules = destination.rules
        return self._circuits.setdefault(destination.name, Circuit(rules.failures, rules.first_rest, rules.longest_rest))

    async def _deliver(self, serving: _Serving, lane: Sequence[OutboxMessage]) -> None:
        """Messages of one lane, one after the other; once one has to wait, those behind it are given back."""
        began = self._clock()
        waits = False
        try:
            for message in lane:
                late = self._clock() - began > serving.destination.rules.lease // 4
                if waits or late or serving.held or self._stopping.is_set():
                    waits = True
                    await self._give_back(message)
                else:
                    waits = await self._one(serving, message)
        except FhirError as error:
            log.error("what became of a message could not be written: %s; it is delivered again", error.category.value)

    async def _give_back(self, message: OutboxMessage) -> None:
        await self._settling.settle(given_back(message, self._clock()))
        await self._unproven(message)

    async def _one(self, serving: _Serving, message: OutboxMessage) -> bool:
        """True where the message has to wait, or blocks its lane."""
        rules = serving.destination.rules
        refused = refused_here(message, rules, self._clock())
        answer = refused or await self._asked(serving, message)
        outcome = became(message, answer, rules, self._clock(), self._fraction)
        self._count(message, outcome)
        await self._settle(message, outcome, isinstance(answer, Receipt) and answer.delivered)
        if refused:
            await self._unproven(message)
        return outcome.status == "waiting" or (outcome.status == "dead" and rules.strict)

    async def _asked(self, serving: _Serving, message: OutboxMessage) -> Answer:
        answer = await self._answer(serving.destination, message)
        if isinstance(answer, Later) and answer.unreachable:
            await self._failed(serving, message, answer)
        else:
            await self._succeeded(serving, message)
        return answer

    async def _answer(self, destination: Destination, message: OutboxMessage) -> Answer:
        try:
            async with asyncio.timeout(destination.rules.seconds):
                return await destination.transport.deliver(message)
        except TimeoutError:
            return Later(f"no answer within {destination.rules.seconds:g} seconds")
        except FhirError as error:
            return Later(str(error))
        except OSError as error:
            return Later(error.strerror or type(error).__name__)
        except Exception as error:
            log.error("message %d to %s: %s", message.number, destination.name, type(error).__name__)
            return Later(f"it could not be sent ({type(error).__name__})", unreachable=False)

    async def _failed(self, serving: _Serving, message: OutboxMessage, answer: Later) -> None:
        """Of what was under way when the circuit opened, the failures are one with those that opened it."""
        if serving.held or not (seconds := serving.circuit.failed(self._fraction, probe=message.probe)):
            return
        serving.held = True
        log.warning("%s is left alone for %.0f s: %s", message.destination, seconds, answer.reason)
        await self.outbox.hold(message.destination, self._clock() + int(seconds * SECOND))

    async def _succeeded(self, serving: _Serving, message: OutboxMessage) -> None:
        if serving.circuit.succeeded() or message.probe:
            log.info("%s answers again", message.destination)
            await self.outbox.hold(message.destination, 0)

    async def _unproven(self, message: OutboxMessage) -> None:
        """A probe that its destination never saw proves nothing: the next message is the probe, at once."""
        if message.probe:
            await self.outbox.hold(message.destination, self._clock())

    def _count(self, message: OutboxMessage, outcome: Outcome) -> None:
        self._observe(message.destination, outcome.status)
        self.delivered += outcome.status == "delivered"
        if outcome.status == "dead":
            log.warning("message %d to %s is a dead letter: %s", message.number, message.destination, outcome.note)

    async def _settle(self, message: OutboxMessage, outcome: Outcome, delivered: bool) -> None:
        tells = self.endpoint is not None and message.about and outcome.status != "waiting"
        if tells and self.endpoint is not None and await self._told(self.endpoint, message, outcome, delivered):
            return
        await self._settling.settle(outcome)

    async def _told(self, endpoint: FhirEndpoint, message: OutboxMessage, outcome: Outcome, delivered: bool) -> bool:
        """A Communication that cannot be changed keeps no message from being settled."""
        try:
            return await tell(endpoint, message, outcome, delivered)
        except FhirError as error:
            log.error("the Communication of message %d could not be changed: %s", message.number, error.category.value)
            return False


def _lanes(messages: Sequence[OutboxMessage]) -> list[list[OutboxMessage]]:
    """Messages of one lane together, in order; those without a lane each alone."""
    found: dict[str, list[OutboxMessage]] = {}
    for message in messages:
        found.setdefault(message.lane or f"#{message.number}", []).append(message)
    return list(found.values())
