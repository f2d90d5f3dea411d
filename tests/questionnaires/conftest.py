"""What the tests of forms share."""

from __future__ import annotations

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.schema import Schema


@pytest.fixture(scope="session")
def schema(definitions: Definitions) -> Schema:
    return definitions.schema
