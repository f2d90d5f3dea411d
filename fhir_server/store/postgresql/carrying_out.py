"""Statements that both stores share, as generators yield them (`fhir_server.store.outbox_statements`), carried out on PostgreSQL."""

from __future__ import annotations

from typing import TypeVar

from fhir_server.store.audit_statements import numbered
from fhir_server.store.outbox_statements import SKIPPING, Work
from fhir_server.store.postgresql.connection import Connection

T = TypeVar("T")


async def carried_out(connection: Connection, work: Work[T]) -> T:
    """Run the statements of a generator; what it returns."""
    try:
        sql, values = next(work)
        while True:
            asked = numbered(sql.replace(SKIPPING, "FOR UPDATE SKIP LOCKED"))
            sql, values = work.send([tuple(row) for row in await connection.fetch(asked, *values)])
    except StopIteration as end:
        result: T = end.value
        return result
