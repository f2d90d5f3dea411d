"""The state of the index and its renewal in the same file as the resources: writes go through the store's writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from fhir_server.store.indexing import (
    BATCH_BYTES,
    Control,
    Fingerprints,
    IndexState,
    Progress,
    Renewal,
    Standing,
    TypeIndex,
    aimed,
    text_of,
    type_index,
)
from fhir_server.store.sqlite.reading import VERSION_COLUMNS
from fhir_server.store.sqlite.transaction import WriteTransaction
from fhir_server.store.sqlite.writer import Writer
from fhir_server.store.stored import Stored

T = TypeVar("T")
_VERSION = ", ".join("v." + name for name in VERSION_COLUMNS.split(", "))
_STANDING = f"""SELECT r.pk, {_VERSION} FROM resource r JOIN version v ON v.seq = r.seq
WHERE r.type = ? AND r.deleted = 0 AND r.pk > ? ORDER BY r.pk LIMIT ?"""
_QUEUED = f"""SELECT q.pk, {_VERSION} FROM reindexing_queue q JOIN resource r ON r.pk = q.pk JOIN version v ON v.seq = r.seq
ORDER BY q.pk LIMIT ?"""
_CONTROL = "SELECT generation, revision, EXISTS (SELECT 1 FROM reindexing_queue) FROM reindexing_control"
_PROGRESS = """SELECT t.type, (SELECT count(*) FROM resource r WHERE r.type = t.type AND r.deleted = 0 AND r.pk <= t.done),
    (SELECT count(*) FROM resource r WHERE r.type = t.type AND r.deleted = 0)
FROM reindexing_type t WHERE t.made <> t.goal"""
_PUT = """INSERT INTO reindexing_type (type, made, goal, done) VALUES (?, ?, ?, 0)
ON CONFLICT (type) DO UPDATE SET made = excluded.made, goal = excluded.goal, done = 0"""


class _Reading(Protocol):
    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


class SqliteIndexing:
    """See `fhir_server.store.indexing.Indexing`."""

    def __init__(self, writer: Writer, reading: _Reading):
        self._writer = writer
        self._reading = reading

    async def state(self) -> IndexState:
        return await self._reading(_state)

    async def control(self) -> Control:
        row = await self._reading(lambda connection: connection.execute(_CONTROL).fetchone())
        return Control(row[0], row[1], bool(row[2]))

    async def aim(self, goals: Mapping[str, Fingerprints], *, afresh: bool = False) -> IndexState:
        return await self._writer.submit(lambda transaction: _aim(transaction, goals, afresh))

    async def standing(self, type_name: str, after: int, limit: int) -> list[Standing]:
        return await self._reading(lambda connection: _some(connection.execute(_STANDING, (type_name, after, limit))))

    async def queued(self, limit: int) -> list[Standing]:
        return await self._reading(lambda connection: _some(connection.execute(_QUEUED, (limit,))))

    async def renew(self, renewals: Sequence[Renewal], type_name: str | None = None, done: int = 0) -> None:
        await self._writer.submit(lambda transaction: _renew(transaction, renewals, type_name, done))

    async def finish(self, type_name: str, goal: Fingerprints) -> bool:
        return await self._writer.submit(lambda transaction: _finish(transaction.connection, type_name, text_of(goal)))

    async def lease(self, owner: str, now: int, until: int) -> bool:
        change = "UPDATE reindexing_control SET owner = ?, until = ? WHERE owner = ? OR until < ?"
        work = self._writer.submit(lambda transaction: transaction.connection.execute(change, (owner, until, owner, now)).rowcount)
        return await work > 0

    async def count(self, types: Sequence[str]) -> int:
        marks = ",".join("?" * len(types))
        sql = f"SELECT count(*) FROM resource WHERE deleted = 0 AND type IN ({marks})"
        return int(await self._reading(lambda connection: connection.execute(sql, list(types)).fetchone()[0]))

    async def progress(self) -> dict[str, Progress]:
        rows = await self._reading(lambda connection: connection.execute(_PROGRESS).fetchall())
        return {row[0]: Progress(row[1], row[2]) for row in rows}


def _state(connection: sqlite3.Connection) -> IndexState:
    connection.execute("BEGIN")
    try:
        generation, revision, _ = connection.execute(_CONTROL).fetchone()
        return IndexState(generation, revision, _types(connection))
    finally:
        connection.execute("COMMIT")


def _types(connection: sqlite3.Connection) -> dict[str, TypeIndex]:
    return {row[0]: type_index(*row[1:]) for row in connection.execute("SELECT type, made, goal, done FROM reindexing_type")}


def _aim(transaction: WriteTransaction, goals: Mapping[str, Fingerprints], afresh: bool) -> IndexState:
    transaction.flush()
    connection = transaction.connection
    known = _types(connection)
    changed = {name: goal for name, goal in goals.items() if afresh or name not in known or known[name].goal != goal}
    for name, goal in changed.items():
        is_empty = connection.execute("SELECT 1 FROM resource WHERE type = ? AND deleted = 0 LIMIT 1", (name,)).fetchone() is None
        known[name] = aimed(known.get(name), goal, is_empty=is_empty, afresh=afresh)
        connection.execute(_PUT, (name, text_of(known[name].made), text_of(goal)))
    if changed:
        connection.execute("UPDATE reindexing_control SET generation = generation + 1, revision = revision + 1")
    generation, revision, _ = connection.execute(_CONTROL).fetchone()
    transaction.generation = generation
    return IndexState(generation, revision, known)


def _some(rows: sqlite3.Cursor) -> list[Standing]:
    """So many that their contents stay small together."""
    found: list[Standing] = []
    size = 0
    for row in rows:
        found.append(Standing(row[0], Stored(*row[1:])))
        size += len(found[-1].stored.content or b"")
        if size > BATCH_BYTES:
            break
    rows.close()
    return found


def _renew(transaction: WriteTransaction, renewals: Sequence[Renewal], type_name: str | None, done: int) -> None:
    transaction.renew(renewals)
    if type_name is not None:
        transaction.connection.execute("UPDATE reindexing_type SET done = max(done, ?) WHERE type = ?", (done, type_name))


def _finish(connection: sqlite3.Connection, type_name: str, goal: str) -> bool:
    made = "UPDATE reindexing_type SET made = goal, done = 0 WHERE type = ? AND goal = ?"
    if not connection.execute(made, (type_name, goal)).rowcount:
        return False
    connection.execute("UPDATE reindexing_control SET revision = revision + 1")
    return True
