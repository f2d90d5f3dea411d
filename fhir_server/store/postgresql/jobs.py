"""Jobs in the same database as the resources. Their writes do not wait for the lock of those who write resources."""

from __future__ import annotations

import asyncio
from typing import Any

from fhir_server.store.job import COLUMNS, PARTS_AT_ONCE, SENT, SILENT, Job
from fhir_server.store.postgresql.connection import WRITER, Connection, connect, in_our_words, unreadable
from fhir_server.store.postgresql.readers import Readers

_CLAIM = f"""UPDATE job SET status = 'running', owner = $1, seen = $2, attempts = attempts + 1
WHERE id = (SELECT id FROM job WHERE (status = 'waiting' OR (status = 'running' AND seen < $3)) AND expires > $2
    ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {COLUMNS}"""
_GONE_PARTS = """DELETE FROM job_part WHERE ctid = ANY (ARRAY(
    SELECT p.ctid FROM job j JOIN job_part p ON p.job = j.id
    WHERE j.expires <= $1 AND (j.status <> 'running' OR j.seen < $2) LIMIT $3))"""
_GONE_JOBS = """DELETE FROM job WHERE expires <= $1 AND (status <> 'running' OR seen < $2)
    AND NOT EXISTS (SELECT 1 FROM job_part p WHERE p.job = job.id)"""
_PART = "INSERT INTO job_part VALUES ($1, $2, $3, $4) ON CONFLICT (job, file, number) DO UPDATE SET content = excluded.content"


class PostgresqlJobs:
    """Several processes may run jobs: one whose owner has been silent for long is taken over."""

    shared = True

    def __init__(self, url: str, readers: Readers):
        self._url = url
        self._readers = readers
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def add(self, job: Job) -> None:
        values = [getattr(job, name) for name in COLUMNS.split(", ")]
        await self._write(f"INSERT INTO job ({COLUMNS}) VALUES ({', '.join(f'${at + 1}' for at in range(len(values)))})", *values)

    async def ready(self, id_: str) -> None:
        await self._write("UPDATE job SET status = 'waiting' WHERE id = $1 AND status IN ('preparing', 'running')", id_)

    async def read(self, id_: str, now: int) -> Job | None:
        row = await self._row(f"SELECT {COLUMNS} FROM job WHERE id = $1 AND expires > $2", id_, now)
        return Job(*row) if row else None

    async def count_open(self, now: int) -> int:
        row = await self._row("SELECT count(*) FROM job WHERE status <> 'done' AND expires > $1", now)
        return int(row[0]) if row else 0

    async def claim(self, owner: str, now: int, lost: int) -> Job | None:
        rows = await self._fetch(_CLAIM, owner, now, lost)
        return Job(*rows[0]) if rows else None

    async def report(self, id_: str, owner: str, now: int, progress: str, state: bytes) -> bool:
        change = "UPDATE job SET seen = $1, progress = $2, state = $3 WHERE id = $4 AND owner = $5 AND status = 'running' AND expires > $1"
        return await self._write(change, now, progress, state, id_, owner) > 0

    async def finish(self, id_: str, owner: str, expires: int, result: bytes) -> bool:
        change = "UPDATE job SET status = 'done', expires = $1, result = $2"
        where = "WHERE id = $3 AND owner = $4 AND status = 'running' AND expires > 0"
        return await self._write(f"{change} {where}", expires, result, id_, owner) > 0

    async def expire(self, id_: str, now: int) -> bool:
        return await self._write("UPDATE job SET expires = 0 WHERE id = $1 AND expires > $2", id_, now) > 0

    async def sweep(self, now: int) -> int:
        removed = await self._write(_GONE_PARTS, now, now - SILENT, PARTS_AT_ONCE)
        return removed + await self._write(_GONE_JOBS, now, now - SILENT)

    async def clear(self, id_: str) -> None:
        await self._write("DELETE FROM job_part WHERE job = $1 AND file <> $2", id_, SENT)

    async def append(self, id_: str, file: str, number: int, content: bytes) -> None:
        await self._write(_PART, id_, file, number, content)

    async def part(self, id_: str, file: str, number: int) -> bytes | None:
        row = await self._row("SELECT content FROM job_part WHERE job = $1 AND file = $2 AND number = $3", id_, file, number)
        return bytes(row[0]) if row else None

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close()

    async def _write(self, sql: str, *values: Any) -> int:
        """How many rows were changed."""
        return len(await self._fetch(f"{sql} RETURNING 1", *values))

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        try:
            async with self._turn:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await connect(self._url, WRITER)
                rows: list[Any] = await self._connection.fetch(sql, *values)
                return rows
        except Exception as error:
            raise in_our_words(error) from error

    async def _row(self, sql: str, *values: Any) -> Any:
        try:
            async with self._readers.lend() as connection:
                return await connection.fetchrow(sql, *values)
        except Exception as error:
            raise unreadable(error) from error
