"""What is particular to reading from PostgreSQL: large contents, time limits, and the drill of a backup."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.search.dialect import LARGE, Statement, Whole
from fhir_server.store.change import Commit, Deletion
from fhir_server.store.opening import open_store
from fhir_server.store.postgresql import PostgresqlStore, connection, searching
from fhir_server.store.postgresql.backup import entries
from fhir_server.store.postgresql.text import LONGEST, fitted, fitted_values
from tests.patience import PATIENCE
from tests.postgresql_cluster import Cluster
from tests.store.conftest import written

HERE_IS_PG_DUMP = pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed (on Debian: postgresql-client)")


def test_contents_of_every_size_come_whole_and_deletions_stay_empty(postgresql_store: PostgresqlStore, run: Any) -> None:
    sizes = [10, LARGE - 200, LARGE + 200, 3 * LARGE]
    for size in sizes:
        run(postgresql_store.commit(Commit([written("Patient", "a", text={"div": "x" * size})])))
    run(postgresql_store.commit(Commit([Deletion("Patient", "a")])))
    page = run(postgresql_store.history("Patient", "a", count=10))
    found = [len(stored.content or b"") for stored in page.versions[1:]]
    assert found == [size + len(_frame()) for size in reversed(sizes)]
    assert page.versions[0].deleted
    assert all(stored == run(postgresql_store.vread("Patient", "a", stored.version)) for stored in page.versions)


def _frame() -> bytes:
    return written("Patient", "a", text={"div": ""}).body.render(1, 0)


def test_a_page_of_large_contents_ends_early(postgresql_store: PostgresqlStore, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.store.page.PAGE_BYTES", 3 * LARGE)
    for number in range(5):
        run(postgresql_store.commit(Commit([written("Patient", f"p{number}", text={"div": "x" * 2 * LARGE})])))
    page = run(postgresql_store.history("Patient", None, count=5))
    assert len(page.versions) == 2
    assert len(run(postgresql_store.history("Patient", None, count=5, before=page.next)).versions) == 2


def test_a_search_without_end_is_ended(postgresql_store: PostgresqlStore, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.READER, "statement_timeout", "200")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(FhirError) as refused:
        run(asyncio.wait_for(postgresql_store._asked(lambda one: one.fetch(endless)), PATIENCE))
    assert refused.value.issues[0].code == "too-costly"


def test_more_values_than_postgresql_takes_are_refused_as_such(postgresql_store: PostgresqlStore, run: Any) -> None:
    statement = Statement("SELECT 1", tuple(range(searching.MOST_VALUES + 1)))
    with pytest.raises(FhirError, match="several") as refused:
        run(postgresql_store._asked(lambda one: searching._rows(one, statement)))
    assert refused.value.category is Category.TOO_LARGE


def test_long_texts_are_searched_as_they_are_stored_and_queries_of_words_are_left_whole() -> None:
    long = "x" * 5000
    stored, asked = fitted(long), Whole("'a' <-> " * 1000)
    assert fitted_values([long, 7, asked, "short"]) == [stored, 7, asked, "short"]
    assert len(stored.encode()) <= LONGEST
    assert fitted(long + "y") != stored
    assert fitted("a\0b") == "a\ufffdb"


@HERE_IS_PG_DUMP
def test_a_backup_put_back_answers_as_the_store_did(
    postgresql_store: PostgresqlStore, postgresql_cluster: Cluster, run: Any, tmp_path: Path
) -> None:
    async def under_load() -> None:
        pairs = [[written("Patient", f"{number}-a"), written("Patient", f"{number}-b")] for number in range(100)]
        writes = asyncio.gather(*(postgresql_store.commit(Commit(list(pair))) for pair in pairs))
        await asyncio.sleep(0.01)
        await postgresql_store.backup(tmp_path / "copy.dump")
        await writes

    run(under_load())
    assert any(" TABLE DATA public version " in line for line in entries(tmp_path / "copy.dump"))
    name = postgresql_cluster.make()
    url = postgresql_cluster.url(name)
    subprocess.run(["pg_restore", "--dbname", url, str(tmp_path / "copy.dump")], check=True, capture_output=True)
    restored = run(open_store(url))
    newest = run(restored.newest())
    assert run(restored.history(None, None, count=1)).total == newest
    assert newest % 2 == 0
    assert run(restored.commit(Commit([written("Patient", "after")])))[0].stored.seq == newest + 1
    run(restored.close())
    postgresql_cluster.drop(name)


@HERE_IS_PG_DUMP
def test_what_is_no_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no dump at all")
    with pytest.raises(FhirError, match="pg_restore failed"):
        entries(tmp_path / "notes.txt")
