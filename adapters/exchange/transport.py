"""What delivers a message to one destination, by whatever protocol, and what it may answer.

A transport is made once for a destination and used for many messages, several at a time; the engine (`delivery`) bounds its time, decides
when a message is tried again, and keeps the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from adapters.endpoint import OutboxMessage


@dataclass(frozen=True, slots=True)
class Receipt:
    """The message is the destination's now. `delivered`: who receives it has it; else it is on its way. No patient data in `text`."""

    text: str = ""
    delivered: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """The destination will never take the message as it is; it becomes a dead letter with this reason, which holds no patient data."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. `seconds`: when the destination wants to be asked again, where it says so.

    `unreachable`: the destination is in trouble, not the message; several such in a row open its circuit.
    """

    reason: str
    seconds: float | None = None
    unreachable: bool = True


Answer = Receipt | Refused | Later


class Transport(Protocol):
    """Delivers the messages of one destination."""

    async def deliver(self, message: OutboxMessage) -> Answer:
        """At least once: the same message (its `key`) may come again after a crash. A FhirError, like an OSError, means `Later`."""

    async def close(self) -> None:
        """Let go of connections; nothing is delivered any more."""
