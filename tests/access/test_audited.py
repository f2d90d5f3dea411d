"""What callers do leaves entries in the audit trail: with the change, or before the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import Interactions, Searching
from fhir_server.rest.application import fhir_application
from fhir_server.rest.routes import AUDITED_ROUTES
from fhir_server.rest.settings import RestSettings
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
