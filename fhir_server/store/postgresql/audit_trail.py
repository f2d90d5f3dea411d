"""The audit trail on PostgreSQL: written by the store's writer (group commit), read over its readers' connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fhir_server.store.audit_chain import Chain, Sealed
from fhir_server.store.audit_statements import Statement, numbered
from fhir_server.store.audit_trail import Ask, StoredAuditTrail
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.postgresql.transaction import WriteTransaction
from fhir_server.store.postgresql.writer import Writer


def audit_trail(chain: Chain, writer: Writer, ask: Ask) -> StoredAuditTrail:
    """`ask` asks over the connections of the store's readers."""

    async def write(entries: Sequence[Sealed]) -> None:
        await writer.submit(lambda transaction: transaction.audit(entries))

    async def execute(changes: Sequence[Statement]) -> int:
        return await writer.submit(lambda transaction: _executed(transaction, changes))

    return StoredAuditTrail(chain, write, ask, execute)


async def _executed(transaction: WriteTransaction, changes: Sequence[Statement]) -> int:
    await transaction.flush()
    return sum([await _changed(transaction.connection, sql, values) for sql, values in changes])


async def _changed(connection: Connection, sql: str, values: Sequence[Any]) -> int:
    """PostgreSQL answers `UPDATE 5`."""
    return int((await connection.execute(numbered(sql), *values)).rpartition(" ")[2])
