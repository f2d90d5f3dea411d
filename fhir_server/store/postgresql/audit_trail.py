"""The audit trail on PostgreSQL: written by the store's writer (group commit), read over its readers' connections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fhir_server.store.audit_chain import Chain, Row, Sealed
from fhir_server.store.audit_statements import Statement, numbered
from fhir_server.store.audit_trail import StoredAuditTrail
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.postgresql.transaction import WriteTransaction
from fhir_server.store.postgresql.writer import Writer

_Asked = Callable[[Callable[[Connection], Awaitable[list[Row]]]], Awaitable[list[Row]]]


def audit_trail(chain: Chain, writer: Writer, asked: _Asked) -> StoredAuditTrail:
    """`asked` asks over a connection of the readers."""

    async def write(entries: Sequence[Sealed]) -> None:
        await writer.submit(lambda transaction: transaction.audit(entries))

    async def ask(sql: str, values: Sequence[Any]) -> list[Row]:
        return await asked(lambda connection: _rows(connection, sql, values))

    async def execute(changes: Sequence[Statement]) -> int:
        return await writer.submit(lambda transaction: _executed(transaction, changes))

    return StoredAuditTrail(chain, write, ask, execute)


async def _rows(connection: Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    return [tuple(row) for row in await connection.fetch(numbered(sql), *values)]


async def _executed(transaction: WriteTransaction, changes: Sequence[Statement]) -> int:
    await transaction.flush()
    return sum([await _changed(transaction.connection, sql, values) for sql, values in changes])


async def _changed(connection: Connection, sql: str, values: Sequence[Any]) -> int:
    """PostgreSQL answers `UPDATE 5`."""
    return int((await connection.execute(numbered(sql), *values)).rpartition(" ")[2])
