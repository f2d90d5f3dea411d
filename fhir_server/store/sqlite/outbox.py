"""The outbox in the same file as the resources: what changes something goes through the store's writer, what asks through a reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from fhir_server.store.outbox import OutboxEntry
from fhir_server.store.outbox_statements import Work
from fhir_server.store.sqlite.carrying_out import carried_out
from fhir_server.store.sqlite.writer import Writer
from fhir_server.store.stored_outbox import StoredOutbox

T = TypeVar("T")


class _Reading(Protocol):
    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


def outbox(writer: Writer, reading: _Reading) -> StoredOutbox:
    """`reading` asks in the store's reader threads."""

    async def add(entries: Sequence[OutboxEntry]) -> None:
        await writer.submit(lambda transaction: transaction.send(entries))

    async def do(work: Work[T], /) -> T:
        return await writer.submit(lambda transaction: carried_out(transaction.connection, work))

    async def ask(work: Work[T], /) -> T:
        return await reading(lambda connection: carried_out(connection, work))

    return StoredOutbox(add, do, ask)
