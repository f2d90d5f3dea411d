"""Rows go into SQLite in few statements, since after each the writer waits for the interpreter lock, and none is lost on the way."""

from __future__ import annotations

import sqlite3

import pytest

from fhir_server.search.rows import IndexRows
from fhir_server.store.sqlite.migration import migrate
from fhir_server.store.sqlite.rows import PendingRows


def inserted(count: int) -> tuple[list[tuple[int, str]], int]:
    """The rows that are in the table when so many were to be inserted, and the number of statements."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    pending, statements = PendingRows(), list[str]()
    for pk in range(count):
        pending.add_index(pk, IndexRows(uris=[(1, f"urn:{pk}")]))
    connection.set_trace_callback(statements.append)
    pending.flush(connection)
    connection.set_trace_callback(None)
    rows = connection.execute("SELECT pk, value FROM index_uri ORDER BY pk").fetchall()
    connection.close()
    return rows, len(statements)


@pytest.mark.parametrize(("count", "statements"), [(1, 1), (2, 1), (17, 1), (31, 1), (33, 2), (255, 4), (256, 1), (464, 4), (1000, 7)])
def test_any_number_of_rows_is_inserted_by_few_statements(count, statements):
    assert inserted(count) == ([(pk, f"urn:{pk}") for pk in range(count)], statements)
