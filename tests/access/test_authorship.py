"""Answers to a form are by who is authenticated, whatever a browser says."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.security.caller import OPEN, Caller
from tests.access.conftest import Server
from tests.access.people import GP, HOSPITAL, care_team, patient, person, professional, reference
from tests.questionnaires.forms import answered, response

ANSWERS = {**response(answered("a", {"valueString": "x"})), "subject": reference("Patient/p")}
IN_A_ROLE = professional("PractitionerRole/role", "Practitioner/gp")
TWICE = professional("Practitioner/gp", "Practitioner/gp-again")
CARER = professional("RelatedPerson/carer")
TEAM = professional("Organization/dac")
MEMBERS = ("Practitioner/gp", "RelatedPerson/carer", "Organization/dac")


@pytest.fixture
def record(server: Server) -> Server:
    server.store(patient("p"), care_team("t", "p", *MEMBERS))
    return server


def by(author: str) -> dict[str, Any]:
    return ANSWERS | {"author": reference(author)}


@pytest.mark.parametrize(
    ("caller", "author"),
    [(GP, "Practitioner/gp"), (IN_A_ROLE, "Practitioner/gp"), (CARER, "RelatedPerson/carer"), (person("p"), "Patient/p")],
    ids=["professional", "in a role", "carer", "person"],
)
def test_who_writes_is_named(record: Server, caller: Caller, author: str) -> None:
    stored = record.ask(caller, "POST", "/QuestionnaireResponse", ANSWERS).json()
    assert stored["author"] == reference(author)
    assert record.ask(caller, "POST", "/QuestionnaireResponse", by(author)).status_code == 201
    refused = record.ask(caller, "POST", "/QuestionnaireResponse", by("Practitioner/another"))
    assert (refused.status_code, "leave author out" in refused.text) == (403, True)


@pytest.mark.parametrize("caller", [TWICE, TEAM, HOSPITAL, OPEN], ids=["two records", "organisation", "hospital", "anyone"])
def test_where_it_cannot_be_told_nobody_is_named(record: Server, caller: Caller) -> None:
    assert "author" not in record.ask(caller, "POST", "/QuestionnaireResponse", ANSWERS).json()


def test_software_that_serves_a_whole_structure_writes_what_others_said(record: Server) -> None:
    stored = record.ask(HOSPITAL, "POST", "/QuestionnaireResponse", by("Practitioner/gp")).json()
    assert stored["author"] == reference("Practitioner/gp")


def test_in_a_transaction_too(record: Server) -> None:
    entry = {"resource": dict(ANSWERS), "request": {"method": "POST", "url": "QuestionnaireResponse"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert record.ask(GP, "POST", "", bundle).status_code == 200
    (found,) = record.get(GP, "/QuestionnaireResponse?author=Practitioner/gp").json()["entry"]
    assert found["resource"]["author"] == reference("Practitioner/gp")
    entry["resource"]["author"] = reference("Practitioner/another")
    assert record.ask(GP, "POST", "", bundle).status_code == 403


def test_what_another_wrote_may_be_amended_and_stays_theirs(record: Server) -> None:
    record.store({**by("Practitioner/nurse"), "id": "r"})
    amended = {**by("Practitioner/nurse"), "id": "r", "status": "amended"}
    answer = record.ask(GP, "PUT", "/QuestionnaireResponse/r", amended)
    assert (answer.status_code, answer.json()["author"]) == (200, reference("Practitioner/nurse"))
