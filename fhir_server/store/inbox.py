"""A message as it came, as the store keeps it (the shape that `adapters.endpoint.InboxMessage` asks for)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.store.audit_statements import Statement
from fhir_server.store.change import InboxSettlement
from fhir_server.store.erasure import ERASED_MESSAGE
from fhir_server.store.newest import Before, Kept

InboxStatus = Literal["received", "processed", "failed"]

COLUMNS = "number, channel, sender, key, digest, received, raw, status, attempts, note, reply, size"
KEPT = Kept("inbox", COLUMNS, "received")
SETTLE = """UPDATE inbox SET status = 'processed', attempts = attempts + 1, reply = ?, note = ?
WHERE number = ? AND status <> 'processed' RETURNING number"""
DUE = f"""SELECT {COLUMNS} FROM (
    SELECT {COLUMNS} FROM inbox WHERE status = 'received' AND attempts = 0 AND number < ? AND sender = ? AND channel = ?
    UNION ALL SELECT {COLUMNS} FROM inbox WHERE number = ?) due ORDER BY number"""
"""By the index `inbox_waiting`. Without what somebody let go once more, which may be much and is processed beside what comes new
(`adapters.exchange.recovery`)."""
_REPLAY = "UPDATE inbox SET status = 'received' WHERE status = 'failed' AND size IS NULL AND coalesce(note, '') <> ?"
BEGINNINGS_OF_ONE, BEGINNINGS = 20, 1000
"""How many beginnings of messages that are too large are kept of one sender, and of all: the newest."""
KEEP_BEGINNING = """INSERT INTO inbox (channel, sender, key, digest, received, raw, status, attempts, note, reply, size)
VALUES (?, ?, ?, ?, ?, ?, 'failed', ?, ?, ?, ?) ON CONFLICT (channel, sender, key, digest) DO NOTHING"""
LET_BEGINNINGS_GO = f"""DELETE FROM inbox WHERE size IS NOT NULL AND (number <=
    (SELECT number FROM inbox WHERE size IS NOT NULL ORDER BY number DESC LIMIT 1 OFFSET {BEGINNINGS})
OR sender = ? AND number <=
    (SELECT number FROM inbox WHERE size IS NOT NULL AND sender = ? ORDER BY number DESC LIMIT 1 OFFSET {BEGINNINGS_OF_ONE}))"""
TALLY = """SELECT status, count(*), min(received) FROM inbox WHERE status = 'received' OR status = 'failed'
GROUP BY status ORDER BY status"""
PURGE = "DELETE FROM inbox WHERE status = ? AND status <> 'received' AND received < ?"


def processed_already(number: int) -> FhirError:
    """What a message means is committed once."""
    return fault(Category.CONFLICT, "conflict", f"Message {number} was processed meanwhile, or is there no more; nothing was stored.")


@dataclass(frozen=True, slots=True)
class InboxRow:
    """`number` orders the inbox; (channel, sender, key, digest) is unique; `received` in microseconds since 1970-01-01 UTC.

    `size`: of a message of which only the beginning is kept, how many bytes it had; None where it is whole.
    """

    number: int
    channel: str
    sender: str
    key: str
    digest: str
    received: int
    raw: bytes
    status: InboxStatus
    attempts: int
    note: str | None
    reply: bytes | None
    size: int | None = None

    @property
    def due(self) -> tuple[object, ...]:
        """The values of `DUE`."""
        return self.number, self.sender, self.channel, self.number

    @property
    def beginning(self) -> tuple[object, ...]:
        """The values of `KEEP_BEGINNING`."""
        return (
            self.channel, self.sender, self.key, self.digest, self.received, self.raw, self.attempts, self.note, self.reply, self.size,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which messages are meant: all that every part given agrees with. `key`: the sender's own number of the message (MSH-10)."""

    status: InboxStatus | None = None
    sender: str | None = None
    key: str | None = None
    number: int | None = None

    def columns(self) -> dict[str, object]:
        """Values by column; None where it does not matter."""
        return {"status": self.status, "sender": self.sender, "key": self.key, "number": self.number}


ANY = InboxFilter()


def replaying(wanted: InboxFilter) -> Statement:
    """Lets those that failed and are there as they came be processed once more."""
    given = {name: value for name, value in wanted.columns().items() if value is not None}
    return _REPLAY + "".join(f" AND {name} = ?" for name in given), (ERASED_MESSAGE, *given.values())


class Inbox(Protocol):
    """Where messages are kept before anything else is done with them."""

    async def receive(self, channel: str, sender: str, key: str, raw: bytes, received: int) -> InboxRow:
        """The new row, or the one that the same sender, key and bytes made before."""

    async def keep_beginning(self, row: InboxRow) -> None:
        """Keep the beginning of a message that is too large, once, as failed; of a sender, and of all, only the newest such."""

    async def same_key(self, channel: str, sender: str, key: str, before: int) -> list[InboxRow]:
        """Whole messages of the same channel, sender and key with a number below `before`: the same number on other bytes."""

    def turn(self, row: InboxRow) -> AbstractAsyncContextManager[list[InboxRow]]:
        """While the block runs nobody else processes messages of this sender and channel, in whichever process of the database.

        What is to be processed: those of the sender that came before and were never tried, the oldest first, and last the row as it is
        now, where it was not removed meanwhile.
        """

    async def settle(self, settlement: InboxSettlement) -> None:
        """Mark a row processed that needs no other change; CONFLICT where it is already."""

    async def fail(self, number: int, note: str, reply: bytes) -> None:
        """Mark a row failed, saying why; one that was processed stays so."""

    async def read(self, number: int) -> InboxRow | None:
        """The row with this number."""

    async def replay(self, wanted: InboxFilter = ANY) -> int:
        """Let failed messages, which were not erased, be processed once more by the server; how many."""

    async def purge(self, status: InboxStatus, before: int) -> int:
        """Remove processed or failed rows received before; how many. A repeat of such a message is a new one."""

    async def tally(self) -> list[tuple[InboxStatus, int, int]]:
        """Of what is not processed: status, how many, when the oldest was received."""

    async def find(self, status: InboxStatus | None = None, limit: int = 100) -> list[InboxRow]:
        """The oldest rows, of one status or all."""

    async def newest(self, wanted: InboxFilter, page: Before) -> list[InboxRow]:
        """The newest rows, page by page backwards."""
