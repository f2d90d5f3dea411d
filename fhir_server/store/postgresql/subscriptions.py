"""Subscriptions in the same database as the resources: steps are taken under the lock of all writers, so that messages are in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fhir_server.store.outbox_statements import Work
from fhir_server.store.postgresql.carrying_out import carried_out
from fhir_server.store.postgresql.connection import unreadable
from fhir_server.store.postgresql.readers import Readers
from fhir_server.store.postgresql.writer import Writer
from fhir_server.store.stored_subscriptions import StoredSubscriptions

T = TypeVar("T")


def subscriptions(writer: Writer, readers: Readers) -> StoredSubscriptions:
    """On the store's own connections."""

    async def in_turn(work: Callable[[], Work[T]], /) -> T:
        return await writer.submit(lambda transaction: carried_out(transaction.connection, work()))

    async def ask(work: Work[Any]) -> Any:
        try:
            async with readers.lend() as connection:
                return await carried_out(connection, work)
        except Exception as error:
            raise unreadable(error) from error

    return StoredSubscriptions(in_turn, ask)
