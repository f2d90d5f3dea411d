"""Organisations as tenants: what one writes opens or closes nothing that is kept for another."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.security.caller import Caller
from tests.access.conftest import Server
from tests.access.people import SYSTEM, care_team, consent, observation, patient, professional, referral

OURS: dict[str, Any] = {"tag": [{"system": "https://passerelle.care/tenant", "code": "ours"}]}
NEIGHBOUR = Caller("neighbour", "neighbour", SYSTEM, tenant="theirs", whole=True)
GP = professional("Practitioner/gp", tenant="ours")


@pytest.mark.parametrize(
    "opening",
    [
        care_team("", "p", "Practitioner/gp"),
        consent("", "p", "permit", "Practitioner/gp"),
        referral("", "q", "Practitioner/gp", supportingInfo=[{"reference": "Observation/o"}]) | {"subject": {"display": "nobody"}},
    ],
    ids=lambda one: one["resourceType"],
)
def test_who_serves_the_whole_of_one_lets_nobody_in_to_anothers_persons(server: Server, opening: dict[str, Any]) -> None:
    server.store(patient("p", meta=OURS), observation("o", "p", meta=OURS))
    answer = server.ask(NEIGHBOUR, "POST", f"/{opening['resourceType']}", {name: value for name, value in opening.items() if name != "id"})
    assert answer.status_code == 422, answer.text
    assert [server.get(GP, f"/{place}").status_code for place in ("Patient/p", "Observation/o")] == [404, 404]


def test_nor_shuts_anybody_out(server: Server) -> None:
    server.store(patient("p", meta=OURS), care_team("t", "p", "Practitioner/gp", meta=OURS))
    denial = {name: value for name, value in consent("", "p", "deny").items() if name != "id"}
    assert server.ask(NEIGHBOUR, "POST", "/Consent", denial).status_code == 422
    assert server.get(GP, "/Patient/p").status_code == 200


def test_a_person_and_what_is_about_them_come_together(server: Server) -> None:
    team = care_team("x", "x", "Practitioner/gp") | {"subject": {"reference": "urn:uuid:1"}}
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
        {"resource": team, "request": {"method": "POST", "url": "CareTeam"}},
    ]
    assert server.ask(NEIGHBOUR, "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries}).status_code == 200


def test_who_stands_in_a_circle_elsewhere_is_not_told_so(server: Server) -> None:
    server.store(patient("p", meta=OURS), care_team("t", "p", "Practitioner/gp", meta=OURS))
    elsewhere = professional("Practitioner/gp", tenant="theirs")
    hidden, absent = (server.ask(elsewhere, "POST", "/Observation", observation("x", one)) for one in ("p", "q"))
    assert hidden.status_code == absent.status_code == 422
    assert hidden.text.replace("Patient/p", "Patient/q") == absent.text
