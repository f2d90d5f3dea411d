"""What an adapter may ask of a FHIR server, near or far, and of the inbox that its messages go through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Resource = dict[str, Any]
InboxStatus = Literal["received", "processed", "failed"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """An inbox row that is done once the transaction it comes with is committed, and the reply its sender gets."""

    number: int
    reply: bytes
    note: str | None = None


class FhirEndpoint(Protocol):
    """A FHIR R4 server. Every method raises `fhir_server.model.issue.FhirError` with the server's issues when it refuses."""

    async def transaction(self, bundle: Resource, settles: Settlement | None = None) -> Resource:
        """Commit a transaction Bundle whole, `settles` in the same commit; returns the transaction-response."""

    async def read(self, type_name: str, id_: str) -> Resource | None:
        """The current version, or None where there is none (deleted included)."""

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        """All matches (at most 1,000), includes left out: search("Patient", [("identifier", "urn:oid:...|123")])."""

    async def validate(self, resource: Resource, profile: str | None = None) -> Resource:
        """An OperationOutcome."""


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as it came. `number` orders the inbox; (channel, sender, key, digest) is unique."""

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


class Inbox(Protocol):
    """Where messages are kept, durable before any method returns. Raises FhirError(STORAGE) when nothing could be written."""

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxMessage:
        """Keep a message, or find the row that the same sender, key and bytes made before (its status tells)."""

    async def same_key(self, message: InboxMessage) -> list[InboxMessage]:
        """Earlier messages of the same channel, sender and key with other bytes."""

    async def settle(self, settlement: Settlement) -> None:
        """Mark a message processed that changed nothing in FHIR (else the transaction does it)."""

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        """Mark a message failed, saying why; `attempts` grows by one."""

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxMessage]:
        """The oldest messages, of one status or all."""
