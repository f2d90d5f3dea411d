"""The state of the index and its renewal in the same database as the resources: writes go through the store's writer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

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
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.postgresql.reading import VERSION_COLUMNS
from fhir_server.store.postgresql.transaction import WriteTransaction
from fhir_server.store.postgresql.writer import Writer
from fhir_server.store.stored import Stored

T = TypeVar("T")
_JOIN = "FROM resource r JOIN version v ON v.pk = r.pk AND v.version = r.version"
_SIZES = "SELECT r.pk, coalesce(octet_length(v.content), 0)"
_STANDING = f"{_SIZES} {_JOIN} WHERE r.type = $1 AND r.deleted = 0 AND r.pk > $2 ORDER BY r.pk LIMIT $3"
_QUEUED = f"{_SIZES} {_JOIN} WHERE r.pk = ANY(ARRAY(SELECT pk FROM reindexing_queue ORDER BY pk LIMIT $1)) ORDER BY r.pk"
_CONTENTS = f"""SELECT r.pk, {", ".join("v." + name for name in VERSION_COLUMNS.split(", "))}
{_JOIN} WHERE r.pk = ANY($1::bigint[]) ORDER BY r.pk"""
_CONTROL = "SELECT generation, revision, EXISTS (SELECT 1 FROM reindexing_queue) FROM reindexing_control"
_TYPES = "SELECT c.generation, c.revision, t.type, t.made, t.goal, t.done FROM reindexing_control c LEFT JOIN reindexing_type t ON true"
_OCCUPIED = """SELECT t FROM unnest($1::text[]) AS w (t)
WHERE EXISTS (SELECT 1 FROM resource r WHERE r.type = w.t AND r.deleted = 0)"""
_PUT = """INSERT INTO reindexing_type (type, made, goal, done) SELECT w.type, w.made, w.goal, 0
FROM unnest($1::text[], $2::text[], $3::text[]) AS w (type, made, goal)
ON CONFLICT (type) DO UPDATE SET made = excluded.made, goal = excluded.goal, done = 0"""
_PROGRESS = """SELECT t.type, (SELECT count(*) FROM resource r WHERE r.type = t.type AND r.deleted = 0 AND r.pk <= t.done),
    (SELECT count(*) FROM resource r WHERE r.type = t.type AND r.deleted = 0)
FROM reindexing_type t WHERE t.made <> t.goal"""
_LEASE = "UPDATE reindexing_control SET owner = $1, until = $2 WHERE owner = $1 OR until < $3 RETURNING owner"


class _Asking(Protocol):
    def __call__(self, question: Callable[[Connection], Awaitable[T]]) -> Awaitable[T]: ...


class PostgresqlIndexing:
    """See `fhir_server.store.indexing.Indexing`."""

    def __init__(self, writer: Writer, asking: _Asking):
        self._writer = writer
        self._asking = asking

    async def state(self) -> IndexState:
        return await self._asking(_state)

    async def control(self) -> Control:
        rows = await self._fetch(_CONTROL)
        return Control(*rows[0])

    async def aim(self, goals: Mapping[str, Fingerprints], *, afresh: bool = False) -> IndexState:
        return await self._writer.submit(lambda transaction: _aim(transaction, goals, afresh))

    async def standing(self, type_name: str, after: int, limit: int) -> list[Standing]:
        return await self._asking(lambda connection: _some(connection, _STANDING, type_name, after, limit))

    async def queued(self, limit: int) -> list[Standing]:
        return await self._asking(lambda connection: _some(connection, _QUEUED, limit))

    async def renew(self, renewals: Sequence[Renewal], type_name: str | None = None, done: int = 0) -> None:
        async def work(transaction: WriteTransaction) -> None:
            await transaction.renew(renewals)
            if type_name is not None:
                change = "UPDATE reindexing_type SET done = greatest(done, $1) WHERE type = $2"
                await transaction.connection.execute(change, done, type_name)

        await self._writer.submit(work)

    async def finish(self, type_name: str, goal: Fingerprints) -> bool:
        return await self._writer.submit(lambda transaction: _finish(transaction.connection, type_name, text_of(goal)))

    async def lease(self, owner: str, now: int, until: int) -> bool:
        found = await self._writer.submit(lambda transaction: transaction.connection.fetchval(_LEASE, owner, until, now))
        return found is not None

    async def count(self, types: Sequence[str]) -> int:
        rows = await self._fetch("SELECT count(*) FROM resource WHERE deleted = 0 AND type = ANY($1::text[])", list(types))
        return int(rows[0][0])

    async def progress(self) -> dict[str, Progress]:
        return {row[0]: Progress(row[1], row[2]) for row in await self._fetch(_PROGRESS)}

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        async def question(connection: Connection) -> list[Any]:
            rows: list[Any] = await connection.fetch(sql, *values)
            return rows

        return await self._asking(question)


async def _state(connection: Connection) -> IndexState:
    rows = await connection.fetch(_TYPES)
    return IndexState(rows[0][0], rows[0][1], {row[2]: type_index(*row[3:]) for row in rows if row[2] is not None})


async def _aim(transaction: WriteTransaction, goals: Mapping[str, Fingerprints], afresh: bool) -> IndexState:
    await transaction.flush()
    connection = transaction.connection
    state = await _state(connection)
    changed = {name: goal for name, goal in goals.items() if afresh or _goal(state, name) != goal}
    if not changed:
        return state
    occupied = {row[0] for row in await connection.fetch(_OCCUPIED, list(changed))}
    aims = {name: aimed(state.types.get(name), goal, is_empty=name not in occupied, afresh=afresh) for name, goal in changed.items()}
    made, goal_texts = [text_of(one.made) for one in aims.values()], [text_of(one.goal) for one in aims.values()]
    await connection.execute(_PUT, list(aims), made, goal_texts)
    await connection.execute("UPDATE reindexing_control SET generation = generation + 1, revision = revision + 1")
    transaction.generation += 1
    return IndexState(state.generation + 1, state.revision + 1, {**state.types, **aims})


def _goal(state: IndexState, type_name: str) -> Fingerprints | None:
    known: TypeIndex | None = state.types.get(type_name)
    return known.goal if known else None


async def _some(connection: Connection, sql: str, *values: Any) -> list[Standing]:
    """So many that their contents stay small together: their sizes first."""
    wanted: list[int] = []
    size = 0
    for pk, bytes_ in await connection.fetch(sql, *values):
        wanted.append(pk)
        size += bytes_
        if size > BATCH_BYTES:
            break
    return [Standing(row[0], Stored(*row[1:])) for row in await connection.fetch(_CONTENTS, wanted)] if wanted else []


async def _finish(connection: Connection, type_name: str, goal: str) -> bool:
    made = "UPDATE reindexing_type SET made = goal, done = 0 WHERE type = $1 AND goal = $2 RETURNING type"
    if await connection.fetchval(made, type_name, goal) is None:
        return False
    await connection.execute("UPDATE reindexing_control SET revision = revision + 1")
    return True
