from __future__ import annotations

from collections.abc import Iterator

import pytest

from fhir_server.definitions.definitions import Definitions
from tests.postgresql_cluster import Cluster
from tests.search.database import SearchDatabase, own_resources
from tests.search.postgresql_database import PostgresqlSearchDatabase


@pytest.fixture(scope="session")
def sqlite_database(definitions: Definitions) -> SearchDatabase:
    """Our own resources, indexed. Tests only read it."""
    return SearchDatabase(definitions, own_resources())


@pytest.fixture(scope="session")
def postgresql_database(definitions: Definitions, postgresql_cluster: Cluster, postgresql_template: str) -> Iterator[SearchDatabase]:
    """The same on PostgreSQL."""
    name = postgresql_cluster.make(postgresql_template)
    made = PostgresqlSearchDatabase(postgresql_cluster.url(name), definitions, own_resources())
    yield made
    made.close()
    postgresql_cluster.drop(name)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> SearchDatabase:
    """A test that uses it runs once on each."""
    found: SearchDatabase = request.getfixturevalue(f"{request.param}_database")
    return found
