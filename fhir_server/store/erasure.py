"""Erasure of contents (GDPR, article 17): what was stored goes, that it was there and who ordered it erased stays.

The content of a version goes, its number, time and kind remain, so the history stays honest: it is told as erased, when and on whose order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from fhir_server.store.audit import AuditEntry

ERASED_MESSAGE = "The content of this message has been erased."
"""Note of a message whose content went; it is not sent again."""

Key = tuple[str, str, int]
"""Resource type, id and version."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """When the contents of a resource were erased (microseconds since 1970-01-01 UTC), and on whose order."""

    erased: int
    ordered_by: str


@dataclass(frozen=True, slots=True)
class ErasedResource:
    """Versions whose contents go. With `ends` the resource ends too: its index rows go, and a deletion becomes its newest version."""

    type: str
    id: str
    versions: tuple[int, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """What is to go together: contents, messages of the inbox, messages of the outbox (`sent`). `entry` is the order in the audit trail.

    Of a Patient that ends, what stands in its lane of the outbox goes in any case.
    """

    erasure: Erasure
    entry: AuditEntry
    resources: tuple[ErasedResource, ...]
    messages: tuple[int, ...] = ()
    sent: tuple[int, ...] = ()


class Erasures(Protocol):
    """Raises FhirError (STORAGE, BUSY) as the store does."""

    def versions_with(self, text: bytes) -> AsyncIterator[Key]:
        """Versions whose content holds the bytes, in the order of the change sequence; every content is looked at."""

    def messages_with(self, texts: Sequence[bytes]) -> AsyncIterator[tuple[int, bytes]]:
        """Number and content of the inbox's messages that hold one of the texts."""

    def sent_with(self, texts: Sequence[bytes]) -> AsyncIterator[tuple[int, str, bytes]]:
        """Number, lane and content of the outbox's messages that hold one of the texts."""

    def sent_about(self, resources: Collection[str]) -> AsyncIterator[int]:
        """Numbers of the outbox's messages that one of the resources (`Communication/c`) tells of."""

    async def erase(self, order: ErasureOrder) -> None:
        """In one transaction: contents, index rows, messages, and all asynchronous requests with their files, which may hold copies."""

    async def of(self, type_name: str, id_: str) -> Erasure | None:
        """The newest erasure of a resource."""

    async def cleanse(self, *, vacuum: bool) -> None:
        """Take out of the database's files what erasing left in them, as far as the database can (docs/rights-of-the-person.md)."""
