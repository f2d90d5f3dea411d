"""Jobs in the same file as the resources: writes go through the store's writer, reads through a reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from fhir_server.store.job import COLUMNS, PARTS_AT_ONCE, SENT, SILENT, Job
from fhir_server.store.sqlite.writer import Writer

T = TypeVar("T")
_CLAIM = f"""UPDATE job SET status = 'running', owner = ?, seen = ?, attempts = attempts + 1
WHERE id = (SELECT id FROM job WHERE (status = 'waiting' OR (status = 'running' AND seen < ?)) AND expires > ? ORDER BY created LIMIT 1)
RETURNING {COLUMNS}"""
_GONE_PARTS = """DELETE FROM job_part WHERE rowid IN (SELECT p.rowid FROM job j JOIN job_part p ON p.job = j.id
    WHERE j.expires <= ? AND (j.status <> 'running' OR j.seen < ?) LIMIT ?)"""
_GONE_JOBS = """DELETE FROM job WHERE expires <= ? AND (status <> 'running' OR seen < ?)
    AND NOT EXISTS (SELECT 1 FROM job_part p WHERE p.job = job.id)"""


class _Reading(Protocol):
    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


class SqliteJobs:
    """One server at a time works on a file, so what runs under another owner's name was interrupted."""

    shared = False

    def __init__(self, writer: Writer, reading: _Reading):
        self._writer = writer
        self._reading = reading

    async def add(self, job: Job) -> None:
        values = tuple(getattr(job, name) for name in COLUMNS.split(", "))
        await self._write(f"INSERT INTO job ({COLUMNS}) VALUES ({','.join('?' * len(values))})", *values)

    async def ready(self, id_: str) -> None:
        await self._write("UPDATE job SET status = 'waiting' WHERE id = ? AND status IN ('preparing', 'running')", id_)

    async def read(self, id_: str, now: int) -> Job | None:
        row = await self._row(f"SELECT {COLUMNS} FROM job WHERE id = ? AND expires > ?", id_, now)
        return Job(*row) if row else None

    async def count_open(self, now: int) -> int:
        row = await self._row("SELECT count(*) FROM job WHERE status <> 'done' AND expires > ?", now)
        return int(row[0]) if row else 0

    async def claim(self, owner: str, now: int, lost: int) -> Job | None:
        rows = await self._writer.submit(lambda transaction: transaction.connection.execute(_CLAIM, (owner, now, lost, now)).fetchall())
        return Job(*rows[0]) if rows else None

    async def report(self, id_: str, owner: str, now: int, progress: str, state: bytes) -> bool:
        change = "UPDATE job SET seen = ?, progress = ?, state = ? WHERE id = ? AND owner = ? AND status = 'running' AND expires > ?"
        return await self._write(change, now, progress, state, id_, owner, now) > 0

    async def finish(self, id_: str, owner: str, expires: int, result: bytes) -> bool:
        change = "UPDATE job SET status = 'done', expires = ?, result = ? WHERE id = ? AND owner = ? AND status = 'running' AND expires > 0"
        return await self._write(change, expires, result, id_, owner) > 0

    async def expire(self, id_: str, now: int) -> bool:
        return await self._write("UPDATE job SET expires = 0 WHERE id = ? AND expires > ?", id_, now) > 0

    async def sweep(self, now: int) -> int:
        removed = await self._write(_GONE_PARTS, now, now - SILENT, PARTS_AT_ONCE)
        return removed + await self._write(_GONE_JOBS, now, now - SILENT)

    async def clear(self, id_: str) -> None:
        await self._write("DELETE FROM job_part WHERE job = ? AND file <> ?", id_, SENT)

    async def append(self, id_: str, file: str, number: int, content: bytes) -> None:
        await self._write("INSERT OR REPLACE INTO job_part VALUES (?, ?, ?, ?)", id_, file, number, content)

    async def part(self, id_: str, file: str, number: int) -> bytes | None:
        row = await self._row("SELECT content FROM job_part WHERE job = ? AND file = ? AND number = ?", id_, file, number)
        return bytes(row[0]) if row else None

    async def _write(self, sql: str, *values: Any) -> int:
        return await self._writer.submit(lambda transaction: transaction.connection.execute(sql, values).rowcount)

    async def _row(self, sql: str, *values: Any) -> Any:
        return await self._reading(lambda connection: connection.execute(sql, values).fetchone())
