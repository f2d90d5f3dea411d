"""Every store test runs on each store there is, by the fixture `store` of tests/conftest.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.search.rows import IndexRows
from fhir_server.store.change import Body, Write
from fhir_server.store.opening import now
from fhir_server.store.postgresql import PostgresqlStore
from fhir_server.store.sqlite import SqliteStore


@pytest.fixture
def sqlite_store(tmp_path: Path, run: Any) -> Iterator[SqliteStore]:
    """For what only a file can do."""
    opened = SqliteStore(tmp_path / "store.db")
    yield opened
    run(opened.close())


@pytest.fixture
def postgresql_store(postgresql_url: str, run: Any) -> Iterator[PostgresqlStore]:
    """For what only PostgreSQL can do."""
    opened = run(PostgresqlStore.open(postgresql_url, now))
    yield opened
    run(opened.close())


def written(type_name: str, id_: str, *, fresh: bool = False, if_match: int | None = None, **elements: Any) -> Write:
    """A change that stores a small resource without index rows."""
    resource = {"resourceType": type_name, "id": id_, **elements}
    return Write(type_name, id_, Body.of(resource, id_), IndexRows(), fresh, if_match)
