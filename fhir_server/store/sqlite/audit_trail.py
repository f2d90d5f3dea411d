"""The audit trail on SQLite: written by the store's writer (group commit), read in its reader threads."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.store.audit_chain import Chain
from fhir_server.store.audit_statements import Statement
from fhir_server.store.audit_trail import Ask, StoredAuditTrail
from fhir_server.store.sqlite.transaction import WriteTransaction
from fhir_server.store.sqlite.writer import Writer


def audit_trail(chain: Chain, writer: Writer, ask: Ask) -> StoredAuditTrail:
    """`ask` asks in the store's reader threads."""

    async def execute(changes: Sequence[Statement]) -> int:
        return await writer.submit(lambda transaction: _executed(transaction, changes))

    return StoredAuditTrail(chain, writer.record, ask, execute)


def _executed(transaction: WriteTransaction, changes: Sequence[Statement]) -> int:
    transaction.flush()
    return sum(transaction.connection.execute(sql, values).rowcount for sql, values in changes)
