"""Conformance resources that are stored count in the next request, and after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import ConformanceFeed, Interactions, Searching
from fhir_server.rest.application import fhir_application
from fhir_server.rest.settings import RestSettings
from fhir_server.store.sqlite.store import SqliteStore
from fhir_server.validation import Validator
from tests.rest.conftest import Client

Resource = dict[str, Any]
BASE = "http://hl7.org/fhir/StructureDefinition/"
OWN = "http://example.org/fhir/"
PROFILE = OWN + "StructureDefinition/named"
TOLD = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A patient</div>'}


class Server(Client):
    """A client, and the definitions its server works with."""

    def __init__(self, application: Any, loop: asyncio.AbstractEventLoop, definitions: Definitions):
        super().__init__(application, loop)
        self.definitions = definitions


Start = Callable[[], Server]


@pytest.fixture
def start(definitions: Definitions, tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    """Starts a server on the same store; the one before is stopped."""
    stores: list[SqliteStore] = []

    def stop() -> None:
        while stores:
            loop.run_until_complete(stores.pop().close())

    def begin() -> Server:
        stop()
        own = Definitions(definitions.packages)
        stores.append(SqliteStore(tmp_path / "store.db"))
        feed = ConformanceFeed(own)
        interactions = Interactions(stores[0], own, Searching(own, ZoneInfo("Europe/Paris")), feed)
        loop.run_until_complete(feed.load(interactions))
        return Server(fhir_application(interactions, Validator(own), RestSettings()), loop, own)

    yield begin
    stop()


def profile(**more: Any) -> Resource:
    """A Patient profile without a snapshot that asks for a name."""
    return {
        "resourceType": "StructureDefinition", "id": "named", "url": PROFILE, "name": "Named", "status": "active", "kind": "resource",
        "abstract": False, "type": "Patient", "baseDefinition": BASE + "Patient", "derivation": "constraint",
        "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
    } | more  # fmt: skip


def errors(client: Client, canonical: str = PROFILE, **patient: Any) -> list[str]:
    answer = client.post(f"/Patient/$validate?profile={canonical}", {"resourceType": "Patient", "text": TOLD} | patient)
    return [issue["diagnostics"] for issue in answer.json()["issue"] if issue["severity"] in ("error", "warning")]


def test_a_profile_counts_from_the_request_after_it_was_stored_until_it_is_deleted(start: Start) -> None:
    client = start()
    assert any("in no package" in text or "unknown" in text for text in errors(client))
    assert client.put("/StructureDefinition/named", profile()).status_code == 201
    assert any("name" in text for text in errors(client))
    assert not errors(client, name=[{"text": "A"}])
    client.put("/StructureDefinition/named", profile(differential={"element": [{"path": "Patient.birthDate", "min": 1}]}))
    assert any("birthDate" in text for text in errors(client, name=[{"text": "A"}]))
    assert client.delete("/StructureDefinition/named").status_code in (200, 204)
    assert any(PROFILE in text for text in errors(client, name=[{"text": "A"}]))


def test_a_profile_still_counts_after_a_restart(start: Start) -> None:
    start().put("/StructureDefinition/named", profile())
    assert any("name" in text for text in errors(start()))


def test_a_profile_created_within_a_transaction_counts(start: Start) -> None:
    client = start()
    entry = {"resource": profile(), "request": {"method": "POST", "url": "StructureDefinition"}}
    assert client.post("", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status_code == 200
    assert any("name" in text for text in errors(client))


def test_each_stored_version_can_be_asked_for(start: Start) -> None:
    client = start()
    client.put("/StructureDefinition/named", profile(version="1.0.0"))
    linked = {"element": [{"path": "Patient.link", "min": 1}]}
    client.put("/StructureDefinition/two", profile(id="two", version="2.0.0", differential=linked))
    assert any("name" in text for text in errors(client, PROFILE + "|1.0.0"))
    for canonical in (PROFILE, PROFILE + "|2.0.0"):
        assert any("link" in text for text in errors(client, canonical))


def test_a_stored_value_set_and_its_code_system_decide_at_once(start: Start) -> None:
    client = start()
    binding = {"path": "Patient.language", "binding": {"strength": "required", "valueSet": OWN + "ValueSet/tongues"}}
    client.put("/StructureDefinition/named", profile(differential={"element": [binding]}))
    value_set = {"resourceType": "ValueSet", "id": "tongues", "url": OWN + "ValueSet/tongues", "status": "active"}
    for allowed, refused in (("fr", "br"), ("br", "fr")):
        include = {"system": "urn:ietf:bcp:47", "concept": [{"code": allowed}]}
        client.put("/ValueSet/tongues", value_set | {"compose": {"include": [include]}})
        assert not errors(client, language=allowed)
        assert errors(client, language=refused)


def test_a_stored_profile_that_is_based_on_itself_is_named_and_nothing_fails(start: Start) -> None:
    client = start()
    client.put("/StructureDefinition/named", profile(baseDefinition=PROFILE))
    assert any("based on itself" in text for text in errors(client))


@pytest.mark.parametrize("type_name", ["Questionnaire", "Measure", "Library", "ConceptMap", "PlanDefinition", "StructureMap"])
def test_every_type_with_a_canonical_url_is_found_by_it(start: Start, type_name: str) -> None:
    server = start()
    url = f"{OWN}{type_name}/a"
    server.put(f"/{type_name}/a", {"resourceType": type_name, "id": "a", "url": url, "version": "1.0.0", "status": "active"})
    for canonical in (url, url + "|1.0.0"):
        found = server.definitions.resolve(canonical)
        assert found is not None
        assert found["resourceType"] == type_name
    server.delete(f"/{type_name}/a")
    assert server.definitions.resolve(url) is None


def test_a_patient_changes_nothing_in_what_is_compiled(start: Start) -> None:
    server = start()
    before = server.definitions.generation
    assert server.put("/Patient/p", {"resourceType": "Patient", "id": "p"}).status_code == 201
    assert server.definitions.generation == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Patient"},
        {"baseDefinition": BASE + "Patient"},
        {"type": "Patient", "baseDefinition": BASE + "Patient", "differential": {}},
        {"type": "Patient", "baseDefinition": BASE + "Patient", "differential": {"element": [{"id": "x"}]}},
        {"type": "Patient", "baseDefinition": BASE + "Patient", "snapshot": {"element": [{"id": "x"}]}},
        {"type": "Patient", "baseDefinition": BASE + "Patient", "derivation": "constraint", "snapshot": {}},
    ],
)
def test_a_stored_profile_that_is_incomplete_gives_an_outcome_and_no_failure(start: Start, wrong: Resource) -> None:
    client = start()
    stored = {"resourceType": "StructureDefinition", "id": "named", "url": PROFILE} | wrong
    if client.put("/StructureDefinition/named", stored).status_code == 201:
        assert client.post(f"/Patient/$validate?profile={PROFILE}", {"resourceType": "Patient"}).status_code == 200
