"""The audit trail over HTTP: for the data protection officer only, searched as AuditEvent, never written; a person's access history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import Scope

from fhir_server.interactions import Interactions
from fhir_server.rest.application import FhirApplication, fhir_application
from fhir_server.rest.authentication import Nobody
from fhir_server.rest.routes import AUDITED_ROUTES
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import EVERYTHING, OPEN, Caller
from fhir_server.store.audit import AuditEntry
from fhir_server.validation import Validator
from tests.rest.conftest import Client

OFFICER = Caller("dpo", "app", EVERYTHING, roles=frozenset(["data-protection-officer"]))
PERSON = Caller("person", "app", EVERYTHING, patient="a")
HOUR = 3_600_000_000
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
ENTRIES = [
    AuditEntry(START, "read", "R", 0, "nurse", "app", "Léa <Roy>", (("Practitioner", "p"),), entities=(("Observation", "o", 1),),
        patients=("a",), method="GET", purpose="TREAT"),
    AuditEntry(START + HOUR, "search-type", "E", 0, "doctor", "app", entities=(("Patient", "a", 1), ("Patient", "b", 1)),
        patients=("a", "b"), query="family=Roy", method="GET"),
    AuditEntry(START + 2 * HOUR, "read", "R", 4, "stranger", "app", entities=(("Patient", "a", None),), patients=("a",), method="GET"),
    AuditEntry(START + 48 * HOUR, "update", "U", 0, "nurse", "app", entities=(("CarePlan", "c", 2),), patients=("b",), method="PUT"),
    AuditEntry(START + 49 * HOUR, "$everything", "E", 0, "doctor", "app", patients=("b",), method="GET"),
]  # fmt: skip


class Known(Nobody):
    """Authentication that knows who calls."""

    def __init__(self, caller: Caller):
        self._caller = caller

    async def caller_of(self, scope: Scope) -> Caller:
        return self._caller


@pytest.fixture
def asked_by(interactions: Interactions, validator: Validator, loop: asyncio.AbstractEventLoop) -> Any:
    """A client for a caller of a server with the trail on, which has ENTRIES."""
    interactions.trail = frozenset(["AuditEvent"])
    for entry in ENTRIES:
        loop.run_until_complete(interactions.store.audit.record([entry]))
    made: list[FhirApplication] = []

    def client(caller: Caller) -> Client:
        settings = RestSettings(audit=True, default_count=50)
        made.append(fhir_application(interactions, validator, settings, AUDITED_ROUTES, Known(caller)))
        return Client(made[-1], loop)

    yield client
    for application in made:
        loop.run_until_complete(application.service.runner.close())


def found(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [entry["resource"]["recorded"][:13] + entry["resource"]["subtype"][-1]["code"] for entry in response.json().get("entry", [])]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["2026-01-03T01everything", "2026-01-03T00update", "2026-01-01T02read", "2026-01-01T01search-type", "2026-01-01T00read"]),
        ("_sort=date&_count=1", ["2026-01-01T00read"]),
        ("date=2026-01-01&action=R", ["2026-01-01T02read", "2026-01-01T00read"]),
        ("date=ge2026-01-02", ["2026-01-03T01everything", "2026-01-03T00update"]),
        ("date=gt2026-01-01T00:30:00Z&date=lt2026-01-03T00:30:00%2B01:00&outcome=0", ["2026-01-01T01search-type"]),
        ("patient=b", ["2026-01-03T01everything", "2026-01-03T00update", "2026-01-01T01search-type"]),
        ("patient=Patient/b&subtype=update", ["2026-01-03T00update"]),
        ("entity=Patient/a&subtype=read", ["2026-01-01T02read", "2026-01-01T00read"]),
        ("entity=CarePlan/c,Observation/o", ["2026-01-03T00update", "2026-01-01T00read"]),
        ("agent=Practitioner/p", ["2026-01-01T00read"]),
        ("altid=stranger", ["2026-01-01T02read"]),
        ("subtype=http://hl7.org/fhir/restful-interaction|operation", ["2026-01-03T01everything"]),
        ("outcome=4,8", ["2026-01-01T02read"]),
        ("action=D", []),
    ],
)
def test_the_trail_is_searched(asked_by: Callable[[Caller], Client], query: str, expected: list[str]) -> None:
    assert found(asked_by(OFFICER).get(f"/AuditEvent?{query}")) == expected


@pytest.mark.parametrize("query", ["site=x", "date=soon", "date=ne2026", "action=X", "outcome=5", "_sort=action", "patient=a,b", "_page=x"])
def test_what_cannot_be_asked_is_refused(asked_by: Callable[[Caller], Client], query: str) -> None:
    assert asked_by(OFFICER).get(f"/AuditEvent?{query}").status_code == 400


def test_pages_lead_through_the_whole_trail(asked_by: Callable[[Caller], Client]) -> None:
    client, seen, address = asked_by(OFFICER), list[str](), "/AuditEvent?_count=2"
    while address:
        bundle = client.get(address).json()
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        address = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert len(set(seen)) == len(seen) == len(ENTRIES)
    one = client.get(f"/AuditEvent/{seen[0]}")
    assert (one.status_code, one.json()["id"], one.headers["etag"]) == (200, seen[0], 'W/"1"')
    assert client.get("/AuditEvent/abc-9").status_code == client.get("/AuditEvent/nothing").status_code == 404


@pytest.mark.parametrize("caller", [OPEN, PERSON], ids=["administrator", "person"])
def test_only_the_data_protection_officer_sees_the_trail(asked_by: Callable[[Caller], Client], caller: Caller) -> None:
    client = asked_by(caller)
    assert client.get("/AuditEvent").status_code == 403
    assert client.get("/AuditEvent/abc-1").status_code == 403
    assert client.post("/AuditEvent/_search", b"", content_type="application/x-www-form-urlencoded").status_code == 403


def test_nobody_writes_an_audit_event(asked_by: Callable[[Caller], Client], issue_of: Callable[[httpx.Response], Any]) -> None:
    client = asked_by(OFFICER)
    event = client.get("/AuditEvent?_count=1").json()["entry"][0]["resource"]
    created = client.post("/AuditEvent", event)
    assert created.status_code == 405
    assert "cannot be sent or changed" in issue_of(created)["diagnostics"]
    assert client.put(f"/AuditEvent/{event['id']}", event).status_code == 405
    entry = {"resource": event, "request": {"method": "POST", "url": "AuditEvent"}}
    assert client.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status_code == 405
    (element,) = (one for one in client.get("/metadata").json()["rest"][0]["resource"] if one["type"] == "AuditEvent")
    assert [one["code"] for one in element["interaction"]] == ["read", "search-type"]


def test_where_the_trail_is_off_an_audit_event_is_a_resource_as_any(client: Client) -> None:
    coding = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
    event = {"resourceType": "AuditEvent", "type": coding, "recorded": "2026-01-01T00:00:00Z", "agent": [{"requestor": True}],
        "source": {"observer": {"display": "x"}}}  # fmt: skip
    created = client.post("/AuditEvent", event)
    assert created.status_code == 201
    assert client.get(f"/AuditEvent/{created.json()['id']}").status_code == 200
    assert client.get("/AuditEvent").json()["total"] == 1


def test_a_person_sees_who_saw_what_in_words(asked_by: Callable[[Caller], Client]) -> None:
    response = asked_by(PERSON).get("/Patient/a/$access-history", accept_language="fr")
    texts = [entry["resource"]["text"]["div"] for entry in response.json()["entry"]]
    assert len(texts) == 3
    assert "Consulté : refusé · identité" in texts[0]
    assert "Léa &lt;Roy> · Consulté · mesures et observations · soins" in texts[2]
    english = asked_by(OFFICER).get("/Patient/a/$access-history?_count=1", accept_language="en").json()
    assert "Viewed: refused" in english["entry"][0]["resource"]["text"]["div"]
    assert any(link["relation"] == "next" for link in english["link"])


@pytest.mark.parametrize(("caller", "patient"), [(OPEN, "a"), (PERSON, "b")])
def test_an_access_history_is_for_nobody_else(asked_by: Callable[[Caller], Client], caller: Caller, patient: str) -> None:
    assert asked_by(caller).get(f"/Patient/{patient}/$access-history").status_code == 404
