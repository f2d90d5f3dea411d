"""The bare floor of a write: SQLite inserting rows that Passerelle made, with its tables, indexes and durability, in a plain loop.

The rows are taken from the database that Passerelle has just written. Only the inserts and commits are timed, not the reading.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import Figure
from fhir_server.store.sqlite.connection import connect
from fhir_server.store.sqlite.migration import migrate

INDEXES = ("string", "token", "reference", "date", "number", "quantity", "uri")
TABLES = ("resource", "version", *(f"index_{kind}" for kind in INDEXES))
Range = tuple[int, int]
"""First and last pk, both included: what one commit holds."""


class SqliteFloor:
    """An empty database beside Passerelle's (`source`), to be filled with the same rows."""

    def __init__(self, source: Path, target: Path):
        self._source = connect(source)
        self._target = connect(target)
        migrate(self._target)
        self._inserts = {table: _insert(self._source, table) for table in TABLES}

    def close(self) -> None:
        self._source.close()
        self._target.close()

    def newest(self) -> int:
        """The highest pk in Passerelle's database."""
        return int(self._source.execute("SELECT coalesce(max(pk), 0) FROM resource").fetchone()[0])

    def ranges_of(self, size: int, after: int) -> list[Range]:
        """What came after `after`, in commits of `size` resources."""
        newest = self.newest()
        return [(low, min(low + size - 1, newest)) for low in range(after + 1, newest + 1, size)]

    def ranges_by_patient(self, after: int) -> list[Range]:
        """What came after `after`, a commit for each Bundle: each of them begins with its Patient and is stored in one piece."""
        starts = [row[0] for row in self._source.execute("SELECT pk FROM resource WHERE type = 'Patient' AND pk > ? ORDER BY pk", (after,))]
        return list(zip(starts, [start - 1 for start in starts[1:]] + [self.newest()], strict=True))

    def copy(self, ranges: Sequence[Range]) -> Figure:
        """Insert and commit each range; resources a second."""
        seconds = cpu = 0.0
        for part in ranges:
            rows = {table: self._rows(table, part) for table in TABLES}
            began, began_cpu = time.perf_counter(), time.thread_time()
            self._commit(rows)
            seconds, cpu = seconds + time.perf_counter() - began, cpu + time.thread_time() - began_cpu
        resources = sum(high - low + 1 for low, high in ranges)
        return Figure(resources / seconds, 1e6 * cpu / resources)

    def _rows(self, table: str, part: Range) -> list[tuple[object, ...]]:
        return self._source.execute(f"SELECT * FROM {table} WHERE pk BETWEEN ? AND ?", part).fetchall()

    def _commit(self, rows: dict[str, list[tuple[object, ...]]]) -> None:
        self._target.execute("BEGIN IMMEDIATE")
        for table, values in rows.items():
            self._target.executemany(self._inserts[table], values)
        self._target.execute("COMMIT")


def _insert(connection: sqlite3.Connection, table: str) -> str:
    columns = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    return f"INSERT INTO {table} VALUES ({','.join('?' * columns)})"
