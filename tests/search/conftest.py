from __future__ import annotations

import pytest

from fhir_server.definitions.definitions import Definitions
from tests.search.database import SearchDatabase, own_resources


@pytest.fixture(scope="session")
def database(definitions: Definitions) -> SearchDatabase:
    """Our own resources, indexed. Tests only read it."""
    return SearchDatabase(definitions, own_resources())
