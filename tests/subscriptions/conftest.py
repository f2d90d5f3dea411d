"""The topics of a server, loaded once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.topics import load_topics


@pytest.fixture(scope="session")
def topics(definitions: Definitions) -> Mapping[str, Topic]:
    """By the last part of their canonical URL."""
    return {url.rpartition("/")[2]: topic for url, topic in load_topics(definitions).items()}
