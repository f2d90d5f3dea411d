"""Statements that both stores share, as generators yield them (`fhir_server.store.outbox_statements`), carried out on SQLite."""

from __future__ import annotations

import sqlite3
from typing import TypeVar

from fhir_server.store.outbox_statements import Work

T = TypeVar("T")


def carried_out(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run the statements of a generator; what it returns."""
    try:
        sql, values = next(work)
        while True:
            sql, values = work.send(connection.execute(sql, values).fetchall())
    except StopIteration as end:
        result: T = end.value
        return result
