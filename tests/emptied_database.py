"""Databases of PostgreSQL for one test after the other: to empty one takes a fifth of what it takes to make another.

What cannot be told to be as new (another table, a setting, statistics of the planner) is dropped.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.postgresql_cluster import Cluster

_ENDED = "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_SHAPE = """
SELECT md5(string_agg(format('%s %s %s %s', c.relname, c.relkind, a.attname, a.atttypid), ',' ORDER BY c.relname, a.attnum)),
    (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_trigger),
    (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384),
    (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database())
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace
"""
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
_COUNTED = "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass(frozen=True, slots=True)
class _New:
    """What a new database is: its shape, and the rows that its tables begin with."""

    shape: tuple[Any, ...]
    rows: dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Databases:
    """Copies of a template; `take` one, and give it `back`."""

    cluster: Cluster
    template: str
    _free: list[str] = field(default_factory=list)
    _new: _New | None = None

    def take(self) -> str:
        """The name of an empty database with our tables."""
        name = self._free.pop() if self._free else self.cluster.make(self.template)
        if self._new is None:
            self._new = asyncio.run(self._with(name, _described))
        return name

    def back(self, name: str) -> None:
        """It is emptied for the next; whoever is still connected is not any more."""
        if asyncio.run(self._with(name, self._emptied)):
            self._free.append(name)
        else:
            self.cluster.drop(name)

    def drop(self) -> None:
        for name in self._free:
            self.cluster.drop(name)

    async def _with(self, name: str, work: Any) -> Any:
        connection = await asyncpg.connect(self.cluster.url(name))
        try:
            return await work(connection)
        finally:
            await connection.close()

    async def _emptied(self, connection: asyncpg.Connection[Any]) -> bool:
        """Whether it is as new."""
        assert self._new is not None
        await connection.execute(_ENDED)
        if tuple(await connection.fetchrow(_SHAPE) or ()) != self._new.shape:
            return False
        full = [row[0] for row in await connection.fetch(_TABLES)]
        changed = [name for name in full if not await _begins_so(connection, name, self._new.rows.get(name, []))]
        async with connection.transaction():
            if changed:
                await connection.execute(f"TRUNCATE {', '.join(changed)} RESTART IDENTITY")
            for table in self._new.rows.keys() - (set(full) - set(changed)):
                await connection.copy_records_to_table(table, records=self._new.rows[table])
            await connection.execute(_COUNTED)
        return True


async def _described(connection: asyncpg.Connection[Any]) -> _New:
    shape = tuple(await connection.fetchrow(_SHAPE) or ())
    rows = {table: await _rows(connection, f"SELECT * FROM {table}") for (table,) in await connection.fetch(_TABLES)}
    return _New(shape, {table: found for table, found in rows.items() if found})


async def _begins_so(connection: asyncpg.Connection[Any], table: str, rows: list[tuple[Any, ...]]) -> bool:
    """Whether the table holds just these rows; one without any holds some that were deleted."""
    return bool(rows) and await _rows(connection, f"SELECT * FROM {table} LIMIT {len(rows) + 1}") == rows


async def _rows(connection: asyncpg.Connection[Any], sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(sql)]
