"""What an adapter may ask of a FHIR server, near or far, and of the inbox and outbox that its messages go through."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Resource = dict[str, Any]
InboxStatus = Literal["received", "processed", "failed"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """An inbox row that is done once the transaction it comes with is committed, and the reply its sender gets. `sender`: who it is."""

    number: int
    reply: bytes
    note: str | None = None
    sender: str = ""


class FhirEndpoint(Protocol):
    """A FHIR R4 server. Every method raises `fhir_server.model.issue.FhirError` with the server's issues when it refuses."""

    async def transaction(
        self, bundle: Resource, settles: Settlement | None = None, *,
        sends: Sequence[OutgoingMessage] = (), outcome: Outcome | None = None,
    ) -> Resource:  # fmt: skip
        """Commit a transaction Bundle whole, in the same commit what it settles and sends and what became of a message sent before;
        returns the transaction-response. CONFLICT, and nothing done, where that message is no longer the owner's."""

    async def read(self, type_name: str, id_: str) -> Resource | None:
        """The current version, or None where there is none (deleted included)."""

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        """All matches (at most 1,000), includes left out: search("Patient", [("identifier", "urn:oid:...|123")])."""

    async def search_each(self, searches: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> list[list[Resource]]:
        """As many searches, each of a type and its parameters as for `search`, in one go."""

    async def validate(self, resource: Resource, profile: str | None = None) -> Resource:
        """An OperationOutcome."""


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as it came. `number` orders the inbox; (channel, sender, key, digest) is unique.

    `size`: of a message of which only the beginning is kept (`raw`), how many bytes it had; None where it is whole.
    """

    number: int
    channel: str
    sender: str
    key: str
    digest: str
    received: int  # microseconds since 1970-01-01 UTC
    raw: bytes
    status: InboxStatus
    attempts: int
    note: str | None
    reply: bytes | None
    size: int | None = None


class Inbox(Protocol):
    """Where messages are kept, durable before any method returns. Raises FhirError(STORAGE) when nothing could be written."""

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxMessage:
        """Keep a message, or find the row that the same sender, key and bytes made before (its status tells)."""

    async def keep_beginning(self, message: InboxMessage) -> None:
        """Keep what came of a message that is too large (`size`), as failed, once; of a sender, and of all, only the newest such."""

    async def same_key(self, message: InboxMessage) -> list[InboxMessage]:
        """Earlier whole messages of the same channel, sender and key with other bytes."""

    def turn(self, message: InboxMessage) -> AbstractAsyncContextManager[Sequence[InboxMessage]]:
        """While the block runs nobody else processes messages of this sender and channel, in whichever process of the database.

        What is to be processed: those of the sender that came before and are not, the oldest first, and last the message as it is now.
        """

    async def settle(self, settlement: Settlement) -> None:
        """Mark a message processed that changed nothing in FHIR (else the transaction does it)."""

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        """Mark a message failed, saying why; `attempts` grows by one."""

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxMessage]:
        """The oldest messages, of one status or all."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message that is to go to a destination. The same key to the same destination is the same message.

    `lane`: whose order is kept, `Patient/1`, '' for none; `address`: where at the destination, '' for its own; `about`: the
    Communication whose status tells what became of it; `expires`: microseconds since 1970-01-01 UTC, 0 where the destination says how long
    it is kept. `lane` and `about` may be the fullUrl of an entry of the transaction that it comes with.
    """

    destination: str
    key: str
    body: bytes
    content_type: str = "application/fhir+json"
    lane: str = ""
    address: str = ""
    about: str = ""
    expires: int = 0


NOT_MADE = "text/x-not-made"
"""Content type of a message that could not be made: its body says why, and it becomes a dead letter, so that somebody sees it."""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message as a worker has it; `attempts` counts the one that begins. `probe`: it was given out alone, after its destination was left
    alone, and what becomes of it decides whether others follow."""

    number: int
    destination: str
    key: str
    body: bytes
    content_type: str
    lane: str
    address: str
    about: str
    created: int
    expires: int
    attempts: int
    owner: str
    probe: bool = False


OutboxStatus = Literal["waiting", "delivered", "dead"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message that `owner` had: delivered, dead, or waiting until `due`; `tried`: 0 where it was only given back."""

    number: int
    owner: str
    status: OutboxStatus
    now: int
    note: str
    due: int = 0
    tried: int = 1


class Outbox(Protocol):
    """Messages that wait to be delivered, durable; shared by all workers. Raises FhirError(STORAGE or BUSY)."""

    async def open_destinations(self, now: int) -> list[str]:
        """All that something waits for and that may be tried now."""

    async def claim(
        self, destination: str, *, owner: str, now: int, until: int, limit: int, interval: int = 0, strict: bool = False
    ) -> list[OutboxMessage]:
        """In order, this owner's alone until `until`; of one lane none while one before it waits for its time or is another owner's.

        `interval`: microseconds between two messages, 0 for no rate; `strict`: none of a lane while a dead letter of it stands.
        After a `hold` one alone, the probe, until somebody calls `hold` again.
        """

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """What is no longer the owner's stays as it is."""

    async def hold(self, destination: str, until: int) -> None:
        """Let no worker try a destination before; 0: now."""
