"""Subscriptions in the same file as the resources."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from fhir_server.store.outbox_statements import Work
from fhir_server.store.sqlite.carrying_out import carried_out
from fhir_server.store.sqlite.writer import Writer
from fhir_server.store.stored_subscriptions import StoredSubscriptions

T = TypeVar("T")


class _Reading(Protocol):
    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


def subscriptions(writer: Writer, reading: _Reading) -> StoredSubscriptions:
    """`reading` asks in the store's reader threads."""

    async def in_turn(work: Callable[[], Work[T]], /) -> T:
        return await writer.submit(lambda transaction: carried_out(transaction.connection, work()))

    async def ask(work: Work[Any]) -> Any:
        return await reading(lambda connection: carried_out(connection, work))

    return StoredSubscriptions(in_turn, ask)
