"""The databases that tests have one after the other are as new for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from fhir_server.store.change import Commit
from fhir_server.store.opening import open_store
from tests.emptied_database import Databases
from tests.postgresql_cluster import Cluster
from tests.store.conftest import written


@pytest.fixture
def databases(postgresql_cluster: Cluster, postgresql_template: str) -> Iterator[Databases]:
    found = Databases(postgresql_cluster, postgresql_template)
    yield found
    found.drop()


def content(url: str) -> dict[str, Any]:
    """All rows of all tables, and what the sequences would give next."""

    async def read() -> dict[str, Any]:
        connection = await asyncpg.connect(url)
        tables = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
        found: dict[str, Any] = {table: [tuple(row) for row in await connection.fetch(f"SELECT * FROM {table}")] for table in tables}
        found["sequences"] = [tuple(row) for row in await connection.fetch("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")]
        await connection.close()
        return found

    return asyncio.run(read())


def told(url: str, *statements: str) -> None:
    async def tell() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(tell())


def test_what_was_written_is_gone_and_what_was_there_is_there_again(databases: Databases) -> None:
    name = databases.take()
    new = content(databases.cluster.url(name))

    async def used() -> None:
        store = await open_store(databases.cluster.url(name))
        await store.commit(Commit([written("Patient", str(number)) for number in range(50)]))
        await store.close()

    told(
        databases.cluster.url(name), "DELETE FROM secret", "INSERT INTO schema_version VALUES (1000)", "SELECT nextval('outbox_number_seq')"
    )
    told(databases.cluster.url(name), "DELETE FROM schema_version WHERE version = 1000")
    asyncio.run(used())
    assert content(databases.cluster.url(name)) != new
    databases.back(name)
    assert databases.take() == name
    assert content(databases.cluster.url(name)) == new


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE another (a int)", "ALTER TABLE job ADD another int", "DROP TABLE job", "ALTER DATABASE {} SET work_mem = '1MB'"],
)
def test_what_is_not_as_new_is_not_used_again(databases: Databases, statement: str) -> None:
    name = databases.take()
    told(databases.cluster.url(name), statement.format(name))
    databases.back(name)
    assert databases.take() != name


def test_who_is_still_connected_is_not_any_more(databases: Databases) -> None:
    name = databases.take()

    async def held() -> bool:
        connection = await asyncpg.connect(databases.cluster.url(name))
        await asyncio.to_thread(databases.back, name)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
            await connection.fetch("SELECT 1")
        return True

    assert asyncio.run(held())
