"""The interactions on a store of their own, SQLite and PostgreSQL."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.store.store import Store


@pytest.fixture
def interactions(store: Store, definitions: Definitions) -> Interactions:
    """On each store in turn."""
    return Interactions(store, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))
