"""The audit trail on PostgreSQL: written with commits by the store's writer, else by one of its own; read over its readers' connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fhir_server.store.audit_chain import Chain
from fhir_server.store.audit_statements import Statement, numbered
from fhir_server.store.audit_trail import Ask, StoredAuditTrail
from fhir_server.store.postgresql.audit_writer import AuditWriter
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.postgresql.transaction import WriteTransaction
from fhir_server.store.postgresql.writer import Writer


def audit_trail(chain: Chain, own: AuditWriter, writer: Writer, ask: Ask) -> StoredAuditTrail:
    """`ask` asks over the connections of the store's readers; `own` writes what belongs to no commit."""

    async def execute(changes: Sequence[Statement]) -> int:
        return await writer.submit(lambda transaction: _executed(transaction, changes))

    return StoredAuditTrail(chain, own.write, ask, execute)


async def _executed(transaction: WriteTransaction, changes: Sequence[Statement]) -> int:
    await transaction.flush()
    return sum([await _changed(transaction.connection, sql, values) for sql, values in changes])


async def _changed(connection: Connection, sql: str, values: Sequence[Any]) -> int:
    """PostgreSQL answers `UPDATE 5`."""
    return int((await connection.execute(numbered(sql), *values)).rpartition(" ")[2])
