"""A search that takes too long ends, so that it does not keep the few readers from everybody else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.store.sqlite import SqliteStore
from tests.patience import PATIENCE

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def _endless(connection: sqlite3.Connection) -> None:
    connection.execute(ENDLESS).fetchone()


def test_a_search_without_end_is_ended(sqlite_store: SqliteStore, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.store.sqlite.store.READ_SECONDS", 0.2)
    with pytest.raises(FhirError) as refused:
        run(asyncio.wait_for(sqlite_store._in_thread(_endless), PATIENCE))
    assert refused.value.issues[0].code == "too-costly"


def test_closing_does_not_wait_for_a_long_search(tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.store.sqlite.store.READ_SECONDS", 2 * PATIENCE)
    opened, begun = SqliteStore(tmp_path / "closing.db"), threading.Event()

    def begin(connection: sqlite3.Connection) -> None:
        begun.set()
        _endless(connection)

    async def closed_meanwhile() -> None:
        search = asyncio.create_task(opened._in_thread(begin))
        await asyncio.to_thread(begun.wait, PATIENCE)
        await opened.close()
        with pytest.raises(FhirError):
            await search

    run(asyncio.wait_for(closed_meanwhile(), PATIENCE))
