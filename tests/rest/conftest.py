"""A FHIR base over a real store in a temporary folder, asked through httpx without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import FhirApplication, fhir_application
from fhir_server.rest.settings import RestSettings
from fhir_server.store.opening import open_store
from fhir_server.validation import Validator
from tests.conftest import new_database
from tests.patience import PATIENCE

Resource = dict[str, Any]
ON_BOTH_STORES = (
    "test_declared", "test_rest_async", "test_rest_export", "test_rest_import",
    "test_rest_binary_memory",
    "test_rest_bundles", "test_rest_conditional", "test_rest_history", "test_rest_paging",
    "test_rest_patch", "test_rest_questionnaires", "test_rest_read_write", "test_rest_search",
    "test_rest_search_places", "test_rest_stories",
    "test_rest_transaction",
)  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What depends on the store runs on each, the rest on SQLite."""
    if "database_url" in metafunc.fixturenames:
        stores = ["sqlite", "postgresql"] if metafunc.module.__name__.split(".")[-1] in ON_BOTH_STORES else ["sqlite"]
        metafunc.parametrize("database_url", stores, indirect=True)


class Client:
    """Requests one after the other, on a loop of its own; paths are below the base `/fhir`."""

    BASE = "http://testserver/fhir"

    def __init__(self, application: Any, loop: asyncio.AbstractEventLoop):
        self._loop = loop
        transport = httpx.ASGITransport(app=application, root_path="/fhir")
        self._client = httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=PATIENCE)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        address = path if path.startswith("http") else self.BASE + path
        return self._loop.run_until_complete(self._client.request(method, address, **arguments))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers=_names(headers))

    def post(self, path: str, resource: Resource | bytes, **headers: str) -> httpx.Response:
        return self._send("POST", path, resource, headers)

    def put(self, path: str, resource: Resource | bytes, **headers: str) -> httpx.Response:
        return self._send("PUT", path, resource, headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self.request("DELETE", path, headers=_names(headers))

    def _send(self, method: str, path: str, resource: Resource | bytes, headers: dict[str, str]) -> httpx.Response:
        sent = {"content-type": "application/fhir+json"} | _names(headers)
        if isinstance(resource, bytes):
            return self.request(method, path, content=resource, headers=sent)
        return self.request(method, path, json=resource, headers=sent)


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(scope="session")
def searching(definitions: Definitions) -> Searching:
    return Searching(definitions, ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="session")
def validator(definitions: Definitions) -> Validator:
    return Validator(definitions)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As in tests/conftest.py, on the stores that `pytest_generate_tests` chose."""
    return new_database(request, tmp_path)


@pytest.fixture
def interactions(
    definitions: Definitions, searching: Searching, database_url: str, loop: asyncio.AbstractEventLoop
) -> Iterator[Interactions]:
    store = loop.run_until_complete(open_store(database_url))
    yield Interactions(store, definitions, searching)
    loop.run_until_complete(store.close())


@pytest.fixture
def serve(interactions: Interactions, validator: Validator, loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Client]]:
    """A client of a server with these settings: `serve(strict_search=True)`."""
    applications: list[FhirApplication] = []

    def started(**settings: Any) -> Client:
        applications.append(fhir_application(interactions, validator, RestSettings(**settings)))
        return Client(applications[-1], loop)

    yield started
    for application in applications:
        loop.run_until_complete(application.service.runner.close())


@pytest.fixture
def client(serve: Callable[..., Client]) -> Client:
    return serve()


@pytest.fixture
def issue_of() -> Callable[[httpx.Response], Resource]:
    """The first issue of an answer that must be an OperationOutcome."""

    def first(response: httpx.Response) -> Resource:
        outcome = response.json()
        assert outcome["resourceType"] == "OperationOutcome"
        return dict(outcome["issue"][0])

    return first
