"""A destination: the transport that leads there, and the rules by which its messages are tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from adapters.endpoint import OutboxMessage
from adapters.exchange.transport import Transport

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """`seconds`: the longest that one delivery may take. `first_pause`, `longest_pause`: seconds between attempts of one message, growing.
    `attempts`: after so many a message is given up, 0: never. `keep_hours`: after so long it is given up, 0: never.
    `at_once`: deliveries that run at the same time in one worker. `per_minute`: messages that may go in a minute, 0: any number.
    `strict`: behind a dead letter of a person nothing goes to that destination about that person until it is replayed.
    `failures`, `first_rest`, `longest_rest`: the circuit breaker.
    """

    seconds: float = 30
    first_pause: float = 5
    longest_pause: float = 3600
    attempts: int = 0
    keep_hours: float = 168
    at_once: int = 32
    per_minute: int = 0
    strict: bool = False
    failures: int = 5
    first_rest: float = 10
    longest_rest: float = 300

    @property
    def interval(self) -> int:
        """Microseconds between two messages."""
        return 60 * SECOND // self.per_minute if self.per_minute else 0

    @property
    def lease(self) -> int:
        """Microseconds after which a message is taken for left behind: its worker has died. A quarter of it may pass before the delivery
        begins (`Delivery`), a third is the delivery, the rest is for its outcome to be written."""
        return int(3 * self.seconds * SECOND)

    def ends(self, message: OutboxMessage) -> int:
        """When the message is given up, 0 for never."""
        if message.expires:
            return max(message.expires, 0)
        return message.created + int(self.keep_hours * 3600 * SECOND) if self.keep_hours else 0


@dataclass(frozen=True, slots=True)
class Destination:
    """By its name in the outbox."""

    name: str
    transport: Transport
    rules: Rules = field(default_factory=Rules)


class Destinations(Protocol):
    """Where the worker finds them."""

    async def find(self, name: str) -> Destination | None:
        """The same object each time while nothing about it changes; None where none is known by the name: its messages wait."""
