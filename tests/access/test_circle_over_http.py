"""A professional sees the persons in whose care team they stand now, and nobody else."""

from __future__ import annotations

import pytest

from tests.access.conftest import Server
from tests.access.people import DAC, GP, HOSPITAL, STRANGER, care_team, consent, observation, patient, person, referral, task

PEOPLE = [patient("p"), patient("q"), observation("op", "p"), observation("oq", "q")]
LONG_AGO, SOON = "2020-01-01", "2999-01-01"


def member(target: str, **period: str) -> dict[str, object]:
    return {"member": {"reference": target}, "period": period}


def test_in_the_circle_all_of_a_person_is_seen_and_nothing_of_another(server: Server) -> None:
    server.store(*PEOPLE, care_team("t", "p", "Practitioner/gp"))
    assert server.get(GP, "/Patient/p").status_code == 200
    assert server.get(GP, "/Observation/op").status_code == 200
    assert server.get(GP, "/Observation/oq").status_code == 404
    assert server.found(GP, "/Patient") == {"Patient/p"}
    assert server.found(GP, "/Observation?code:text=weight") == {"Observation/op"}
    assert server.found(GP, "/") == {"Patient/p", "Observation/op", "CareTeam/t"}
    assert server.get(GP, "/Observation?_summary=count").json()["total"] == 1
    assert server.found(STRANGER, "/Patient") == set()


def test_hidden_and_absent_look_the_same(server: Server) -> None:
    server.store(*PEOPLE)
    hidden, absent = (server.get(GP, f"/Patient/{id_}") for id_ in ("q", "z"))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("'q'", "'z'") == absent.text


@pytest.mark.parametrize(
    ("team", "sees"),
    [
        (care_team("t", "p", member("Practitioner/gp", start=LONG_AGO)), True),
        (care_team("t", "p", member("Practitioner/gp", end=LONG_AGO)), False),
        (care_team("t", "p", member("Practitioner/gp", start=SOON)), False),
        (care_team("t", "p", member("Practitioner/gp", end=LONG_AGO), member("Practitioner/gp", start=LONG_AGO, end=SOON)), True),
        (care_team("t", "p", "Practitioner/gp", period={"end": LONG_AGO}), False),
        (care_team("t", "p", "Practitioner/gp", status="inactive"), False),
        (care_team("t", "p", "Practitioner/gp", status="proposed"), False),
        (care_team("t", "p", "PractitionerRole/gp-role"), True),
        (care_team("t", "p", {"member": {"reference": "Practitioner/x"}, "onBehalfOf": {"reference": "Practitioner/gp"}}), True),
        (care_team("t", "p", managingOrganization=[{"reference": "Practitioner/gp"}]), True),
    ],
    ids=["now", "left", "not yet", "returned", "circle ended", "inactive", "proposed", "by role", "on behalf", "manages"],
)  # fmt: skip
def test_who_stands_in_the_circle_now(server: Server, team: dict[str, object], sees: bool) -> None:
    role = {"resourceType": "PractitionerRole", "id": "gp-role", "practitioner": {"reference": "Practitioner/gp"}}
    server.store(*PEOPLE, role, team)
    assert (server.get(GP, "/Patient/p").status_code == 200) is sees
    assert server.found(GP, "/Observation") == ({"Observation/op"} if sees else set())


def test_a_referral_shows_itself_and_what_it_names_until_it_is_refused(server: Server) -> None:
    named = {"supportingInfo": [{"reference": "Observation/op"}]}
    server.store(*PEOPLE, observation("other", "p"), referral("r", "p", "Organization/dac", **named))
    assert server.found(DAC, "/") >= {"ServiceRequest/r", "Patient/p", "Observation/op"}
    assert "Observation/other" not in server.found(DAC, "/")
    server.store(task("t", "rejected", "Organization/dac", "ServiceRequest/r", "p"))
    assert server.found(DAC, "/") == set()
    server.store(task("u", "requested", "Organization/dac", "ServiceRequest/r", "p"))
    assert server.found(DAC, "/") == {"Task/u", "ServiceRequest/r", "Patient/p", "Observation/op"}


def test_consents_open_and_close(server: Server) -> None:
    server.store(*PEOPLE, consent("c", "p", "permit", "Practitioner/gp"))
    assert server.found(GP, "/Patient") == {"Patient/p"}
    server.store(consent("c", "p", "permit", "Practitioner/gp", status="inactive"))
    assert server.found(GP, "/Patient") == set()
    server.store(care_team("t", "p", "Practitioner/gp"), consent("d", "p", "deny"))
    assert server.found(GP, "/Patient") == set()
    server.store(consent("c", "p", "permit", "Practitioner/gp"))
    assert server.found(GP, "/Patient") == {"Patient/p"}
    server.store(consent("e", "p", "deny", "Practitioner/gp"))
    assert server.found(GP, "/Patient") == set()


def test_who_sees_referrals_only_learns_no_more_by_a_task_of_their_own(server: Server) -> None:
    sent = referral("sr", "p", "Organization/other", supportingInfo=[{"reference": "Observation/op"}])
    server.store(*PEOPLE, sent, consent("c", "p", "permit", "Practitioner/gp", **{"class": [{"code": "ServiceRequest"}]}))
    asked = task("x", "requested", "Practitioner/gp", "ServiceRequest/sr", "p")
    asked = {name: value for name, value in asked.items() if name not in ("id", "for")}
    assert server.ask(GP, "POST", "/Task", asked).status_code == 422
    assert server.found(GP, "/") == {"ServiceRequest/sr"}


def test_who_was_sent_a_referral_answers_it_by_a_task(server: Server) -> None:
    server.store(*PEOPLE, referral("sr", "p", "Organization/dac", supportingInfo=[{"reference": "Observation/op"}]))
    accepted = task("x", "accepted", "Organization/dac", "ServiceRequest/sr", "p")
    assert server.ask(DAC, "POST", "/Task", accepted).status_code == 201


def test_an_emergency_comes_before_the_denial_of_a_single_resource(server: Server) -> None:
    denied = [{"meaning": "instance", "reference": {"reference": "Observation/op"}}]
    glass = consent("g", "p", "permit", "Practitioner/gp") | {"policyRule": {"coding": [{"code": "BTG"}]}}
    server.store(*PEOPLE, care_team("t", "p", "Practitioner/gp"), consent("c", "p", "deny", "Practitioner/gp", data=denied))
    assert server.found(GP, "/Observation") == set()
    server.store(glass)
    assert server.found(GP, "/Observation") == {"Observation/op"}


def test_a_person_sees_their_own_record(server: Server) -> None:
    server.store(*PEOPLE, observation("secret", "p", meta={"security": [{"code": "INVISIBLE_PATIENT"}]}))
    assert server.found(person("p"), "/") == {"Patient/p", "Observation/op"}
    assert server.get(person("p"), "/Observation/secret").status_code == 404


def test_who_serves_the_whole_sees_it(server: Server) -> None:
    server.store(*PEOPLE)
    assert server.found(HOSPITAL, "/Observation") == {"Observation/op", "Observation/oq"}
