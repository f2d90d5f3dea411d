"""The interactions on a store of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.store.sqlite import SqliteStore

Run = Callable[[Awaitable[Any]], Any]


@pytest.fixture(params=["sqlite"])
def interactions(request: pytest.FixtureRequest, tmp_path: Path, definitions: Definitions, run: Run) -> Iterator[Interactions]:
    store = SqliteStore(tmp_path / "store.db")
    yield Interactions(store, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))
    run(store.close())
