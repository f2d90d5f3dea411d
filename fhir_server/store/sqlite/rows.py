"""Rows waiting to be inserted, table by table, in statements of many rows each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.store.index_table import INDEX_TABLES, TEXT_TABLE, rows_of
from fhir_server.store.large_content import LARGE, pieces


def pk_column(table: str) -> str:
    """The name of a resource's number in an index table."""
    return "rowid" if table == TEXT_TABLE else "pk"


TABLES = {  # insert statement up to VALUES, columns, what follows
    "resource": ("INSERT INTO resource (pk, type, id, seq, version, deleted, updated) VALUES", 7,
        "ON CONFLICT (pk) DO UPDATE SET"
        " seq = excluded.seq, version = excluded.version, deleted = excluded.deleted, updated = excluded.updated"),
    "version": ("INSERT INTO version (seq, pk, version, type, id, method, updated, content) VALUES", 8, ""),
    "audit": ("INSERT INTO audit"
        " (chain, number, recorded, subject, action, outcome, body, query, salt, query_digest, hash) VALUES", 11, ""),
}  # fmt: skip
TABLES |= {
    table: (f"INSERT OR IGNORE INTO {table} ({pk_column(table)}, {', '.join(columns)}) VALUES", len(columns) + 1, "")
    for table, (_, columns) in INDEX_TABLES.items()
}
CHUNKS = (256, 128, 64, 32)
"""Rows of a statement; what is left over, fewer than the smallest of these, goes by one more. After each statement the writer has to win
back the interpreter lock, so there are few; and few different ones, as a connection keeps 512 prepared."""

SMALL_CACHE = -8192  # KiB

Row = tuple[Any, ...]


class PendingRows:
    """Collects rows; `flush` inserts them. A table's rows stay in the order they came."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._large: dict[int, bytes] = {}

    def add(self, table: str, row: Row) -> None:
        self._rows[table].append(row)

    def add_all(self, table: str, rows: Iterable[Row]) -> None:
        self._rows[table] += rows

    def add_version(self, row: Row) -> None:
        """A row of `version`; large content is written behind it."""
        content = row[-1]
        if content is not None and len(content) >= LARGE:
            self._large[row[0]] = content
            row = (*row[:-1], None)
        self.add("version", row)

    def add_index(self, pk: int, index: IndexRows) -> None:
        """The index rows of the resource with this pk."""
        head = (pk,)
        for table in INDEX_TABLES:
            if rows := rows_of(index, table):
                self._rows[table] += [head + row for row in rows]

    def flush(self, connection: sqlite3.Connection) -> None:
        for table, rows in self._rows.items():
            if rows:
                _insert(connection, table, rows)
                rows.clear()
        if self._large:
            _fill(connection, self._large)
            self._large.clear()


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    start = 0
    for size in CHUNKS:
        while len(rows) - start >= size:
            insert_once(connection, table, rows[start : start + size])
            start += size
    if start < len(rows):
        insert_once(connection, table, rows[start:])


def insert_once(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """All rows by one statement: `execute` would let go of the interpreter lock once more, to ask for a row's number that nobody needs."""
    connection.executemany(_statement(table, len(rows)), [list(chain.from_iterable(rows))])


def _fill(connection: sqlite3.Connection, large: Mapping[int, bytes]) -> None:
    """Write contents into their rows, with a small cache: it would grow by them and stay so."""
    size = connection.execute("PRAGMA cache_size").fetchone()[0]
    connection.execute(f"PRAGMA cache_size = {SMALL_CACHE}")
    try:
        for seq, content in large.items():
            connection.execute("UPDATE version SET content = zeroblob(?) WHERE seq = ?", (len(content), seq))
            with connection.blobopen("version", "content", seq) as blob:
                for piece in pieces(content):
                    blob.write(piece)
    finally:
        connection.execute(f"PRAGMA cache_size = {size}")


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
            connection.execute(f"DELETE FROM {table} WHERE {pk_column(table)} IN ({marks})", part)
