"""The audit trail on SQLite: written by the store's writer (group commit), read in its reader threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fhir_server.store.audit_chain import Chain, Row, Sealed
from fhir_server.store.audit_statements import Statement
from fhir_server.store.audit_trail import StoredAuditTrail
from fhir_server.store.sqlite.transaction import WriteTransaction
from fhir_server.store.sqlite.writer import Writer

_InThread = Callable[[Callable[[sqlite3.Connection], list[Row]]], Awaitable[list[Row]]]


def audit_trail(chain: Chain, writer: Writer, in_thread: _InThread) -> StoredAuditTrail:
    """`in_thread` asks on a connection of one of the reader threads."""

    async def write(entries: Sequence[Sealed]) -> None:
        await writer.submit(lambda transaction: transaction.audit(entries))

    async def ask(sql: str, values: Sequence[Any]) -> list[Row]:
        return await in_thread(lambda connection: connection.execute(sql, values).fetchall())

    async def execute(changes: Sequence[Statement]) -> int:
        return await writer.submit(lambda transaction: _executed(transaction, changes))

    return StoredAuditTrail(chain, write, ask, execute)


def _executed(transaction: WriteTransaction, changes: Sequence[Statement]) -> int:
    transaction.flush()
    return sum(transaction.connection.execute(sql, values).rowcount for sql, values in changes)
