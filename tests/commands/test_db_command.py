"""`passerelle db`: what it tells, what it mends, and its exit status."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from fhir_server.cli import application
from fhir_server.search.rows import IndexRows
from fhir_server.store.change import Body, Commit, Deletion, Write
from fhir_server.store.opening import open_store
from fhir_server.store.sqlite.migration import migrations as sqlite_migrations


def db(*arguments: str) -> Result:
    return CliRunner().invoke(application(["db"]), ["db", *arguments])


def patient(id_: str, family: str = "Durand") -> Write:
    resource = {"resourceType": "Patient", "id": id_, "name": [{"family": family}]}
    return Write("Patient", id_, Body.of(resource, id_), IndexRows(strings=[(1, "durand", "Durand")]))


@pytest.fixture
def filled(database_url: str) -> str:
    async def work() -> None:
        store = await open_store(database_url)
        await store.commit(Commit([patient("a"), patient("b")]))
        await store.commit(Commit([patient("a", "Martin"), Deletion("Patient", "b")]))
        await store.close()

    asyncio.run(work())
    return database_url


def spoil(url: str, sql: str) -> None:
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(sql)
        return

    async def work() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(work())


def test_a_whole_database_is_told_so(filled: str) -> None:
    told = db("check", "--database", filled)
    assert told.exit_code == 0, told.output
    assert "resources: 1" in told.output
    assert "versions: 4" in told.output
    assert "The database is whole." in told.output


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("DELETE FROM version WHERE version = 1 AND id = 'a'", "numbers missing in the change sequence: 1"),
        ("DELETE FROM version WHERE version = 1 AND id = 'a'", "resources with a gap in their versions: 1"),
        ("DELETE FROM resource WHERE id = 'a'", "versions of no resource: 2"),
        ("UPDATE resource SET version = 7 WHERE id = 'a'", "resources whose newest version is not there: 1"),
        ("UPDATE resource SET deleted = 1 WHERE id = 'a'", "rows of index_string of no resource: 1"),
    ],
)
def test_what_is_missing_is_counted_and_the_status_is_one(filled: str, sql: str, fault: str) -> None:
    spoil(filled, sql)
    told = db("check", "--database", filled)
    assert told.exit_code == 1
    assert f"FAULT: {fault}" in told.output


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "passerelle.db").write_bytes(b"no longer a database at all " * 400)
    told = db("check", "--data", str(tmp_path))
    assert told.exit_code == 1
    assert "FAULT" in told.output


def test_a_database_of_an_older_release_is_named_and_brought_up(tmp_path: Path) -> None:
    file = tmp_path / "passerelle.db"
    first = sqlite_migrations()[0]
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(first[1] + f"PRAGMA user_version = {first[0]};")
    newest = sqlite_migrations()[-1][0]
    assert f"schema version: 1, this release has {newest}" in db("check", "--data", str(tmp_path)).output
    assert f"version {newest}, before it had 1" in db("migrate", "--data", str(tmp_path)).output
    assert db("check", "--data", str(tmp_path)).exit_code == 0


def test_rows_made_by_nobody_knows_whom_are_made_anew(filled: str, run: Callable[[Any], Any]) -> None:
    told = db("reindex", "--database", filled)
    assert told.exit_code == 0, told.output
    assert "1 resources were indexed anew" in told.output
    assert "up to date" in db("reindex", "--database", filled).output
    assert "1 resources were indexed anew" in db("reindex", "--all", "--database", filled).output
    told = db("check", "--database", filled)
    assert "types whose index is being made anew: 0" in told.output
