"""Rows waiting to be inserted, table by table, in statements of many rows each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from fhir_server.search.rows import IndexRows

TABLES = {  # insert statement up to VALUES, columns, what follows
    "resource": ("INSERT INTO resource (pk, type, id, seq, version, deleted, updated) VALUES", 7,
        "ON CONFLICT (pk) DO UPDATE SET"
        " seq = excluded.seq, version = excluded.version, deleted = excluded.deleted, updated = excluded.updated"),
    "version": ("INSERT INTO version (seq, pk, version, type, id, method, updated, content) VALUES", 8, ""),
    "index_string": ("INSERT OR IGNORE INTO index_string (pk, key, value, exact) VALUES", 4, ""),
    "index_token": ("INSERT OR IGNORE INTO index_token (pk, key, code, system) VALUES", 4, ""),
    "index_reference": ("INSERT OR IGNORE INTO index_reference (pk, key, id, type, version) VALUES", 5, ""),
    "index_date": ("INSERT OR IGNORE INTO index_date (pk, key, low, high) VALUES", 4, ""),
    "index_number": ("INSERT OR IGNORE INTO index_number (pk, key, low, high) VALUES", 4, ""),
    "index_quantity": ("INSERT OR IGNORE INTO index_quantity (pk, key, low, high, system, code, unit) VALUES", 7, ""),
    "index_uri": ("INSERT OR IGNORE INTO index_uri (pk, key, value) VALUES", 3, ""),
}  # fmt: skip
INDEX_TABLES = tuple(name for name in TABLES if name.startswith("index_"))
CHUNKS = (256, 32, 4, 1)

Row = tuple[Any, ...]


class PendingRows:
    """Collects rows; `flush` inserts them. A table's rows stay in the order they came."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}

    def add(self, table: str, row: Row) -> None:
        self._rows[table].append(row)

    def add_index(self, pk: int, index: IndexRows) -> None:
        """The index rows of the resource with this pk."""
        rows, head = self._rows, (pk,)
        rows["index_string"] += [head + row for row in index.strings]
        rows["index_token"] += [head + row for row in index.tokens]
        rows["index_reference"] += [head + row for row in index.references]
        rows["index_date"] += [head + row for row in index.dates]
        rows["index_number"] += [head + row for row in index.numbers]
        rows["index_quantity"] += [head + row for row in index.quantities]
        rows["index_uri"] += [head + row for row in index.uris]

    def flush(self, connection: sqlite3.Connection) -> None:
        for table, rows in self._rows.items():
            if rows:
                _insert(connection, table, rows)
                rows.clear()


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    start = 0
    for size in CHUNKS:
        while len(rows) - start >= size:
            connection.execute(_statement(table, size), list(chain.from_iterable(rows[start : start + size])))
            start += size


@cache
def _statement(table: str, size: int) -> str:
    insert, columns, conflict = TABLES[table]
    group = "(" + ",".join("?" * columns) + ")"
    return f"{insert} {','.join([group] * size)} {conflict}"


def delete_index_rows(connection: sqlite3.Connection, pks: Iterable[int]) -> None:
    """Remove all index rows of these resources."""
    values = list(pks)
    for start in range(0, len(values), CHUNKS[0]):
        part = values[start : start + CHUNKS[0]]
        marks = ",".join("?" * len(part))
        for table in INDEX_TABLES:
            connection.execute(f"DELETE FROM {table} WHERE pk IN ({marks})", part)
