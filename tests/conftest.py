"""What several test folders share: the R4 definitions and the folder of test material nobody here wrote."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from tests.compiled_maps import compiled_once
from tests.emptied_database import Databases
from tests.postgresql_cluster import Cluster, programs, shared_cluster

settings.register_profile("busy", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
settings.load_profile("busy")
"""How long an example takes, on a machine that does other things too, says nothing of what is tested."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Among several processes the longest files begin first, so that at the end none runs alone: the slow ones, then the largest."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        files = Counter(item.path for item in items)
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: (item.path not in slow, -files[item.path], str(item.path)))


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """R4 core as `make install` left it in the package cache."""
    return load_definitions()


@pytest.fixture(scope="session", autouse=True)
def maps_are_compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture
def run() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """Run a coroutine to its end on the loop of this test."""
    with asyncio.Runner() as runner:

        def call(awaitable: Awaitable[Any]) -> Any:
            async def main() -> Any:
                return await awaitable

            return runner.run(main())

        yield call


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder named by PASSERELLE_TEST_DATA (default ../shared/data); the test is skipped where it is absent."""
    folder = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip(f"test material not found in {folder} (set PASSERELLE_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def postgresql_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of this test run, shared by its processes; the tests that need it are skipped where none is installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (on Debian: apt install postgresql)")
    own = tmp_path_factory.getbasetemp()
    with shared_cluster((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "postgresql.json") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql_template(postgresql_cluster: Cluster) -> Iterator[str]:
    """The name of a database with our tables, to be copied: faster than to make them each time."""
    name = postgresql_cluster.make()

    async def migrated() -> None:
        await (await open_store(postgresql_cluster.url(name))).close()

    asyncio.run(migrated())
    yield name
    postgresql_cluster.drop(name)


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_cluster: Cluster, postgresql_template: str) -> Iterator[Databases]:
    """Databases that tests have one after the other."""
    databases = Databases(postgresql_cluster, postgresql_template)
    yield databases
    databases.drop()


@pytest.fixture
def postgresql_url(postgresql_cluster: Cluster, postgresql_databases: Databases) -> Iterator[str]:
    """An empty PostgreSQL database with our tables, for one test."""
    name = postgresql_databases.take()
    yield postgresql_cluster.url(name)
    postgresql_databases.back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What `--database` says of a new empty database: a test that uses it runs once on each store."""
    return new_database(request, tmp_path)


def new_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """The URL of a new empty database of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'store.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def store(database_url: str, run: Callable[[Awaitable[Any]], Any]) -> Iterator[Store]:
    """An open store on the loop of `run`: a test that uses it runs once on each."""
    opened: Store = run(open_store(database_url))
    yield opened
    run(opened.close())
