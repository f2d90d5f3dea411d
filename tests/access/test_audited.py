"""What callers do leaves entries in the audit trail: with the change, or before the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import fhir_application
from fhir_server.rest.routes import AUDITED_ROUTES
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import Caller
from fhir_server.store.audit import AuditEntry, AuditSearch
from fhir_server.store.store import Store
from fhir_server.validation import Validator
from tests.access.conftest import Callers, Server
from tests.access.people import GP, HOSPITAL, OFFICER, STRANGER, care_team, observation, patient, person


@pytest.fixture
def audited(store: Store, definitions: Definitions, validator: Validator, run: Callable[[Any], Any]) -> Iterator[Server]:
    callers = Callers()
    interactions = Interactions(store, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))
    settings = RestSettings(audit=True)
    application = fhir_application(interactions, validator, settings, AUDITED_ROUTES, authentication=callers)
    opened = Server(application, callers, run)
    opened.store(patient("p"), patient("q"), observation("o", "p"), care_team("t", "p", "Practitioner/gp"))
    yield opened
    opened.close()


def newest(store: Store, run: Callable[[Any], Any], **search: Any) -> list[AuditEntry]:
    return [one.entry for one in run(store.audit.page(AuditSearch(**search), 50)).records]


def test_reads_and_searches_tell_whose_data_was_seen(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    audited.get(GP, "/Observation/o")
    audited.get(GP, "/Observation?status=final")
    found = newest(store, run, subject=GP.subject)
    assert [(one.interaction, one.action, one.outcome, one.entities, one.patients) for one in found] == [
        ("search-type", "E", 0, (("Observation", "o", 1),), ("p",)),
        ("read", "R", 0, (("Observation", "o", 1),), ("p",)),
    ]
    assert found[0].query == "status=final"
    assert found[0].route == "/fhir/{type}"


def test_a_change_and_its_entry_are_one(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    answer = audited.ask(GP, "POST", "/Observation", {**observation("", "p"), "id": "x"})
    assert answer.status_code == 201, answer.text
    (entry,) = newest(store, run, subject=GP.subject)
    assert (entry.interaction, entry.action, entry.patients) == ("create", "C", ("p",))
    assert entry.entities == (("Observation", answer.json()["id"], 1),)


def test_a_refusal_names_what_was_asked_for(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    assert audited.get(STRANGER, "/Patient/p").status_code == 404
    (entry,) = newest(store, run, subject=STRANGER.subject)
    assert (entry.interaction, entry.outcome, entry.about, entry.entities) == ("read", 4, "not-found", (("Patient", "p", None),))


def test_entries_of_a_batch_are_told_one_by_one_and_its_reads_together(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    entries = [
        {"request": {"method": "GET", "url": "Observation/o"}},
        {"request": {"method": "DELETE", "url": "Observation/o"}},
        {"request": {"method": "PUT", "url": "Patient/q"}, "resource": {**patient("q"), "active": True}},
    ]
    audited.ask(HOSPITAL, "POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    found = {one.interaction: one for one in newest(store, run, subject=HOSPITAL.subject)}
    assert found.keys() == {"batch", "delete", "update"}
    assert "p" in found["delete"].patients
    assert "p" in found["batch"].patients


def test_the_trail_is_the_officers_alone(audited: Server) -> None:
    audited.get(GP, "/Patient/p")
    assert audited.get(OFFICER, f"/AuditEvent?agent={GP.subject}").status_code in (200, 400)
    for caller in (GP, HOSPITAL, person("p")):
        assert audited.get(caller, "/AuditEvent").status_code == 403
        assert audited.get(caller, "/AuditEvent/1-1").status_code == 403
    assert not [one for one in audited.found(HOSPITAL, "/") if one.startswith("AuditEvent")]


def test_a_person_reads_who_saw_their_record(audited: Server) -> None:
    audited.get(GP, "/Observation/o")
    history = audited.get(person("p"), "/Patient/p/$access-history")
    assert history.status_code == 200
    assert any("Practitioner/gp" in str(one) for one in history.json()["entry"])
    assert audited.get(person("q"), "/Patient/p/$access-history").status_code == 404


def test_what_a_transaction_reads_is_told_beside_what_it_writes(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    entries = [
        {"request": {"method": "PUT", "url": "Patient/q"}, "resource": {**patient("q"), "active": True}},
        {"request": {"method": "GET", "url": "Observation/o"}},
        {"request": {"method": "GET", "url": "Patient?_id=p"}},
    ]
    answer = audited.ask(HOSPITAL, "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.text
    assert "p" in {person for one in newest(store, run, subject=HOSPITAL.subject) for person in one.patients}


def finished(server: Server, caller: Caller, answer: httpx.Response) -> dict[str, Any]:
    """The manifest of an asynchronous request."""
    assert answer.status_code == 202, answer.text
    place = answer.headers["content-location"].removeprefix(server.BASE)
    for _ in range(500):
        status = server.get(caller, place)
        if status.status_code != 202:
            manifest: dict[str, Any] = status.json()
            return manifest
        server.pause()
    raise AssertionError("the job does not end")


def test_an_export_tells_whose_data_left(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    manifest = finished(
        audited, HOSPITAL, audited.get(HOSPITAL, "/$export?_type=Observation", Prefer="respond-async", Accept="application/fhir+json")
    )
    assert manifest["output"]
    assert "p" in {person for one in newest(store, run, subject=HOSPITAL.subject) for person in one.patients}


def test_an_import_is_told(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    sent = audited.send(
        HOSPITAL,
        "POST",
        "/$import",
        b'{"resourceType":"Patient","id":"i"}\n',
        content_type="application/fhir+ndjson",
        prefer="respond-async",
    )
    finished(audited, HOSPITAL, sent)
    assert "i" in {person for one in newest(store, run, subject=HOSPITAL.subject) for person in one.patients}


def test_an_officer_of_a_tenant_reads_the_trail_of_that_tenant(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    audited.get(GP, "/Patient/p")
    ours = replace(HOSPITAL, tenant="a", subject="a-hospital")
    audited.ask(ours, "POST", "/Patient", {"resourceType": "Patient"})
    officer = replace(OFFICER, tenant="a")
    seen = audited.get(officer, "/AuditEvent?_count=50")
    assert seen.status_code == 200
    assert "a-hospital" in seen.text
    assert GP.subject not in seen.text
    record = run(store.audit.page(AuditSearch(subject=GP.subject), 1)).records[0]
    assert audited.get(OFFICER, f"/AuditEvent/{record.id}").status_code == 200
    assert audited.get(officer, f"/AuditEvent/{record.id}").status_code == 404
    assert GP.subject not in audited.get(officer, "/Patient/p/$access-history").text


def test_whose_document_was_opened_is_told(audited: Server, store: Store, run: Callable[[Any], Any]) -> None:
    """The content of a document says nothing of its person itself; the document does."""
    document = {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": {"reference": "Patient/p"}}
    audited.store(
        {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "YQ=="},
        document | {"content": [{"attachment": {"url": "Binary/b"}}]},
    )
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Binary/b"}}]}
    for answer in (audited.get(GP, "/Binary/b"), audited.get(GP, "/Binary/b/_history/1"), audited.ask(GP, "POST", "", bundle)):
        assert answer.status_code == 200
    assert [one.patients for one in newest(store, run, subject=GP.subject)] == [("p",)] * 3
