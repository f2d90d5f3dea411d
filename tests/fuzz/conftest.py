"""The FHIR base on each store, with a few resources that refer to each other, asked byte by byte."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import fhir_application
from fhir_server.rest.authentication import Unauthenticated
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import OPEN, Caller
from fhir_server.security.scope import ALL_PERMISSIONS, Scope
from fhir_server.store.opening import open_store
from fhir_server.validation import Validator
from tests.fuzz.asgi_client import AsgiClient
from tests.postgresql_cluster import Cluster

_SOAKS = bool(os.environ.get("PASSERELLE_SOAK"))
REQUESTS = int(os.environ.get("PASSERELLE_FUZZ_REQUESTS", "20000" if _SOAKS else "1500"))
"""Requests of each property on each store; `make soak` asks for more."""

OPENAPI_REQUESTS = max(REQUESTS, 5000)
"""Those of the OpenAPI document, over all that ask."""

ASKERS = {
    "anybody": (OPEN, 0.5),
    "professional": (Caller("gp", "software", (Scope("user", "*", ALL_PERMISSIONS),), actors=frozenset([("Practitioner", "d1")])), 0.4),
    "no token": (None, 0.1),
}
"""Who asks, and for how many of the requests."""

RESOURCES = (
    {"resourceType": "Organization", "id": "o1", "name": "Cabinet médical"},
    {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Durand"}]},
    {
        "resourceType": "Patient", "id": "p1", "name": [{"family": "Martin", "given": ["Éloïse"]}], "birthDate": "1980-02-29",
        "identifier": [{"system": "urn:oid:1.2", "value": "42"}], "generalPractitioner": [{"reference": "Practitioner/d1"}],
        "managingOrganization": {"reference": "Organization/o1"},
    },
    {
        "resourceType": "CareTeam", "id": "c1", "status": "active", "subject": {"reference": "Patient/p1"},
        "participant": [{"member": {"reference": "Practitioner/d1"}}],
    },
    {"resourceType": "Patient", "id": "p2", "link": [{"other": {"reference": "Patient/p1"}, "type": "seealso"}]},
    {
        "resourceType": "Observation", "id": "b1", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-03-01T08:00:00Z",
        "valueQuantity": {"value": 70.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    },
)  # fmt: skip


class Asker:
    """Authentication that finds who the test says: anybody where nobody is asked, a professional with a token, or none without one."""

    is_required = True

    def __init__(self) -> None:
        self.caller: Caller | None = OPEN

    async def caller_of(self, scope: Any) -> Caller:
        if self.caller is None:
            raise Unauthenticated
        return self.caller

    async def require(self, caller: Caller) -> None:
        pass

    def place_of(self, scope: Any) -> None:
        return None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request: pytest.FixtureRequest, definitions: Definitions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsgiClient]:
    """A server on each store for one module."""
    loop = asyncio.new_event_loop()
    database, drop = _database(request, tmp_path_factory)
    store = loop.run_until_complete(open_store(database))
    interactions = Interactions(store, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))
    asker = Asker()
    client = AsgiClient(fhir_application(interactions, Validator(definitions), RestSettings(audit=True), authentication=asker), loop)
    client.asker = asker
    for resource in RESOURCES:
        assert client.ask("PUT", f"/{resource['resourceType']}/{resource['id']}", body=resource).status == 201
    yield client
    loop.run_until_complete(store.close())
    loop.close()
    drop()


def _database(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> tuple[str, Callable[[], None]]:
    """The URL of a new database, and what removes it."""
    if request.param == "sqlite":
        return f"sqlite:///{folders.mktemp('fuzz') / 'store.db'}", lambda: None
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.make(request.getfixturevalue("postgresql_template"))
    return cluster.url(name), lambda: cluster.drop(name)
