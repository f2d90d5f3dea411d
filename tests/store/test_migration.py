"""A database that the oldest release made, with data, is brought up, and what was stored is found by what that release did not index."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.model.json_format import encode_json
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store
from fhir_server.store.postgresql.migration import migrations as postgresql_migrations
from fhir_server.store.sqlite.migration import migrations as sqlite_migrations
from tests.patience import PATIENCE
from tests.postgresql_cluster import Cluster

WEIGHT = encode_json(
    {
        "resourceType": "Observation", "id": "o", "meta": {"versionId": "1", "lastUpdated": "2026-01-02T03:04:05.000Z"}, "status": "final",
        "code": {"text": "poids"}, "valueQuantity": {"value": 70, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
)  # fmt: skip
RESOURCE = (1, "Observation", "o", 1, 1, 0, 1_767_323_045_000_000)
VERSION = (1, 1, 1, "Observation", "o", "PUT", 1_767_323_045_000_000, WEIGHT)


def oldest_sqlite(file: Path) -> str:
    number, sql = sqlite_migrations()[0]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(sql)
        connection.execute("INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?)", RESOURCE)
        connection.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?)", VERSION)
        connection.execute(f"PRAGMA user_version = {number}")
    return f"sqlite:///{file}"


def oldest_postgresql(url: str) -> str:
    async def work() -> None:
        number, sql = postgresql_migrations()[0]
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.execute("CREATE TABLE schema_version (version integer PRIMARY KEY)")
        await connection.execute("INSERT INTO schema_version VALUES ($1)", number)
        await connection.execute("INSERT INTO resource VALUES ($1, $2, $3, $4, $5, $6, $7)", *RESOURCE)
        await connection.execute(
            "INSERT INTO version (seq, pk, version, type, id, method, updated, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", *VERSION
        )
        await connection.execute("UPDATE change_sequence SET pk = 1, seq = 1, updated = $1", RESOURCE[-1])
        await connection.close()

    asyncio.run(work())
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def oldest(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        yield oldest_sqlite(tmp_path / "old.db")
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.make()
    yield oldest_postgresql(cluster.url(name))
    cluster.drop(name)


def test_what_the_oldest_release_stored_is_read_and_found(oldest: str, definitions: Definitions, run: Callable[[Any], Any]) -> None:
    async def story() -> None:
        store = await open_store(oldest)
        parts = put_together(Definitions(definitions.packages), store, Settings())
        await parts.reindexing.attach(lead=True)
        assert (await parts.interactions.read("Observation", "o")).content == WEIGHT
        query = [("value-quantity", "70000|http://unitsofmeasure.org|g")]
        before = await parts.interactions.search("Observation", query, tolerant=True)
        assert [issue.code for issue in before.told] == ["incomplete"]
        await parts.reindexing.all()
        after = await parts.interactions.search("Observation", [*query, ("_content", "poids")])
        assert [stored.id for stored in after.matches] == ["o"]
        await store.close()

    run(asyncio.wait_for(story(), PATIENCE))
