"""Numbered SQL files bring a database of any earlier release up to this one; the table `schema_version` tells where it stands."""

from __future__ import annotations

from importlib.resources import files

from fhir_server.model.issue import Category, fault
from fhir_server.store.postgresql.connection import Connection

LOCK = 0x70617373_00000001
"""The advisory lock that one process at a time holds while it migrates."""

_WITHOUT_HASTE = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
"""An index over all that is stored takes as long as it takes, and other processes that start wait for it."""


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    folder = files("fhir_server.store.postgresql") / "migrations"
    return sorted((int(item.name[:4]), item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".sql"))


async def migrate(connection: Connection) -> None:
    """Apply what is missing, each file in a transaction of its own; a database from a later release is refused."""
    known = migrations()
    current = await _version(connection)
    if current > known[-1][0]:
        sentence = f"The database has version {current}, made by a later Passerelle; this one knows {known[-1][0]}."
        raise fault(Category.STORAGE, "not-supported", sentence)
    for number, sql in known:
        if number > current:
            await _apply(connection, number, sql)


async def _apply(connection: Connection, number: int, sql: str) -> None:
    """One file, unless another process has applied it while this one waited for the lock."""
    async with connection.transaction():
        await connection.execute(_WITHOUT_HASTE)
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if await _version(connection) < number:
            await connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY)")
            await connection.execute(sql)
            await connection.execute("INSERT INTO schema_version VALUES ($1)", number)


async def _version(connection: Connection) -> int:
    """Looked up in the catalogue as it stands: a session remembers that a name was not there, even while it waits for a lock."""
    known = "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'schema_version' AND relnamespace = current_schema()::regnamespace)"
    if not await connection.fetchval(known):
        return 0
    return int(await connection.fetchval("SELECT coalesce(max(version), 0) FROM schema_version"))
