"""Messages to others as a store keeps them: written by the commit that they tell of, claimed by who delivers, never dropped.

Times are microseconds since 1970-01-01 UTC; what was never given out is due since 0, whatever the clocks say. Of one lane (a patient)
within a destination, a message is given out only when none before it waits for its time or is in another worker's hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.store.newest import Before, Kept

OutboxStatus = Literal["waiting", "delivered", "dead"]
ENTRY = "destination, lane, key, address, content_type, body, about, created, expires"
COLUMNS = f"number, {ENTRY}, status, attempts, due, owner, leased, ended, note"
KEPT = Kept("outbox", COLUMNS, "created")
LONGEST = 2 * 86_400 * 1_000_000
"""Nothing is put off, held or lent for so long (`adapters.exchange.destination`): a time further ahead was written by a clock that was
wrong, and counts as past."""


def later(now: int) -> tuple[int, int]:
    """The first and the last moment for which one has to wait now."""
    return now + 1, now + LONGEST


def not_its_owners(number: int) -> FhirError:
    """What became of a message is told by who has it."""
    return fault(Category.CONFLICT, "conflict", f"Message {number} is no longer the worker's that tells of it; nothing was stored.")


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message that is to go. The same key to the same destination is the same message: it is kept once.

    `lane`: whose order is kept, '' for none; `address`: where at the destination, '' for its own; `expires`: 0 where
    the destination says how long it is kept, -1 for never;
    `about`: the Communication that tells what became of it. `lane` and `about` may be the fullUrl of an entry of the same transaction.
    """

    destination: str
    key: str
    body: bytes
    content_type: str = "application/fhir+json"
    lane: str = ""
    address: str = ""
    about: str = ""
    expires: int = 0


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message as it is kept; `note` is its receipt, or why the last attempt failed. `probe`, of one that was claimed: the circuit of its
    destination was open, and it was given out alone."""

    number: int
    destination: str
    lane: str
    key: str
    address: str
    content_type: str
    body: bytes
    about: str
    created: int
    expires: int
    status: OutboxStatus
    attempts: int
    due: int
    owner: str
    leased: int
    ended: int
    note: str
    probe: bool = False


@dataclass(frozen=True, slots=True)
class OutboxClaim:
    """Who asks for messages of a destination: `limit` at most, theirs until `until`.

    `interval`: microseconds between two messages where the destination has a rate, else 0. `strict`: nothing of a lane goes while a dead
    letter of it stands.
    """

    destination: str
    owner: str
    now: int
    until: int
    limit: int
    interval: int = 0
    strict: bool = False


@dataclass(frozen=True, slots=True)
class OutboxSettlement:
    """What became of a message that `owner` had: delivered, dead, or waiting again until `due`. `tried`: 0 where it was only given back."""

    number: int
    owner: str
    status: OutboxStatus
    now: int
    note: str
    due: int = 0
    tried: int = 1


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Which messages are meant: all that every part given agrees with."""

    status: OutboxStatus | None = None
    destination: str | None = None
    lane: str | None = None
    number: int | None = None
    key: str | None = None

    def columns(self) -> dict[str, object]:
        """Values by column; None where it does not matter."""
        return {"status": self.status, "destination": self.destination, "lane": self.lane, "number": self.number, "key": self.key}


@dataclass(frozen=True, slots=True)
class DestinationState:
    """What stands between a destination and its messages."""

    name: str
    paused: bool
    held: int
    paced: int

    def is_open(self, now: int) -> bool:
        """True where it may be tried."""
        return not self.paused and not later(now)[0] <= self.held <= later(now)[1]


@dataclass(frozen=True, slots=True)
class OutboxTally:
    """How many of a destination's messages have a status, the creation of the oldest, and all attempts made for them."""

    destination: str
    status: OutboxStatus
    depth: int
    oldest: int
    attempts: int


class Outbox(Protocol):
    """Shared by all processes of a database; durable when a method returns. Raises FhirError (STORAGE, BUSY) as the store does."""

    async def add(self, entries: Sequence[OutboxEntry]) -> None:
        """Messages that belong to no commit (`Commit.sends` is for those that do)."""

    async def destinations(self) -> list[DestinationState]:
        """All that something was ever sent to, by name."""

    async def waited_for(self, now: int) -> list[str]:
        """Those that may be tried and that something waits for, by name: most of many wait for nothing."""

    async def claim(self, claim: OutboxClaim) -> list[OutboxRow]:
        """In order; no two owners have the same until its lease is over. After its circuit was open a destination gives out one."""

    async def settle(self, settlements: Sequence[OutboxSettlement]) -> None:
        """What is no longer the owner's stays as it is."""

    async def hold(self, destination: str, until: int) -> None:
        """Let nobody try a destination before; 0: now."""

    async def pause(self, destination: str) -> None:
        """Give out nothing until `resume`; of a destination that nothing was sent to yet as well."""

    async def resume(self, destination: str) -> None:
        """Neither paused nor left alone; what waits for its time is due."""

    async def find(self, wanted: OutboxFilter, limit: int = 100, after: int = 0) -> list[OutboxRow]:
        """The oldest whose number is beyond `after`."""

    async def newest(self, wanted: OutboxFilter, page: Before) -> list[OutboxRow]:
        """The newest, page by page backwards."""

    async def replay(self, wanted: OutboxFilter) -> int:
        """Let messages that were delivered or are dead, and were not erased, go once more, without an end of their time; how many."""

    async def purge(self, wanted: OutboxFilter, before: int) -> int:
        """Remove what was delivered, or died, before; how many. What waits stays."""

    async def tally(self) -> list[OutboxTally]:
        """What waits and what is dead, by destination and status."""
