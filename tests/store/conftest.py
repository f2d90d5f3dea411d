"""Every store test runs on each store there is; PostgreSQL joins SQLite here when it comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fhir_server.search.rows import IndexRows
from fhir_server.store.change import Body, Write
from fhir_server.store.sqlite import SqliteStore

T = TypeVar("T")
Run = Callable[[Awaitable[T]], T]


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path, run: Run[Any]) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db")
    yield opened
    run(opened.close())


def written(type_name: str, id_: str, *, fresh: bool = False, if_match: int | None = None, **elements: Any) -> Write:
    """A change that stores a small resource without index rows."""
    resource = {"resourceType": type_name, "id": id_, **elements}
    return Write(type_name, id_, Body.of(resource, id_), IndexRows(), fresh, if_match)
