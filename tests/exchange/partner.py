"""A partner of the tests: takes messages, and answers as it is told to."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.endpoint import OutboxMessage
from adapters.exchange.destination import Destination, Rules
from adapters.exchange.transport import Answer, Later, Receipt

SECOND = 1_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


@dataclass
class Partner:
    """`answers` is asked for each message, with the time of the simulated clock."""

    clock: Clock
    answers: Callable[[OutboxMessage, int], Answer] = lambda message, now: Receipt("201")
    took: list[OutboxMessage] = field(default_factory=list)
    asked: list[tuple[int, OutboxMessage]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def deliver(self, message: OutboxMessage) -> Answer:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            return self._answer(message)
        finally:
            self.at_once -= 1

    def _answer(self, message: OutboxMessage) -> Answer:
        self.asked.append((self.clock.now, message))
        answer = self.answers(message, self.clock.now)
        if isinstance(answer, Receipt):
            self.took.append(message)
        return answer

    async def close(self) -> None:
        """Nothing is held."""

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.took]


@dataclass
class Clock:
    """Time that goes on only when it is told to; microseconds."""

    now: int

    def __call__(self) -> int:
        return self.now


class Partners:
    """Destinations by name, each with a partner."""

    def __init__(self, **partners: Partner):
        self.by_name = {name: Destination(name, partner) for name, partner in partners.items()}

    def rule(self, name: str, **rules: Any) -> Partners:
        self.by_name[name] = Destination(name, self.by_name[name].transport, Rules(**rules))
        return self

    async def find(self, name: str) -> Destination | None:
        return self.by_name.get(name)


def down_until(end: int) -> Callable[[OutboxMessage, int], Answer]:
    return lambda message, now: Receipt() if now >= end else Later("no connection")


def by_turns(*answers: Answer) -> Callable[[OutboxMessage, int], Answer]:
    """One answer after the other, for whatever message; the last one repeats."""
    coming = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda message, now: next(coming)


def in_order(messages: list[OutboxMessage]) -> bool:
    """Of each lane the first time of each message is in the order of the outbox."""
    lanes: dict[str, list[int]] = {}
    for message in messages:
        seen = lanes.setdefault(message.lane, [])
        if message.number not in seen:
            seen.append(message.number)
    return all(seen == sorted(seen) for seen in lanes.values())
