"""A disk that is full: nothing is acknowledged that is not stored, what was stored can be read, and work goes on when there is room."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.store.change import Commit
from fhir_server.store.sqlite import SqliteStore
from tests.store.conftest import written


def test_a_full_disk_refuses_the_write_and_keeps_what_is_there(sqlite_store: SqliteStore, run: Any) -> None:
    run(sqlite_store.commit(Commit([written("Patient", "before")])))
    limit = sqlite_store._writer._connection
    (pages,) = limit.execute("PRAGMA page_count").fetchone()
    limit.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(FhirError) as refused:
        run(sqlite_store.commit(Commit([written("Patient", "big", text={"div": "x" * 100_000})])))
    assert refused.value.category is Category.STORAGE
    assert "Make room" in str(refused.value)
    assert run(sqlite_store.read("Patient", "big")) is None
    assert run(sqlite_store.read("Patient", "before")) is not None
    limit.execute("PRAGMA max_page_count = 1073741823")
    assert run(sqlite_store.commit(Commit([written("Patient", "big", text={"div": "x" * 100_000})])))[0].status == "created"
