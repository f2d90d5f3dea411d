"""$extract for those who may not create on condition that nothing matches: what they see made already is not made again."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.security.caller import Caller
from fhir_server.security.scope import Scope
from tests.access.conftest import Server
from tests.access.people import GP, care_team, patient, professional, reference
from tests.questionnaires.forms import SDC, answered, form, question, response

OBSERVED = {"url": SDC + "observationExtract", "valueBoolean": True}
CODED = [{"system": "http://loinc.org", "code": "72514-3"}]
DERIVED = [{**CODED[0], "code": "1", "extension": [{"url": SDC + "observationExtract", "valueCode": "derived"}]}]
FORM = form(question("pain", "integer", question("why", "string", code=DERIVED), code=CODED, extension=[OBSERVED]))
ANSWER = {**response(answered("pain", {"valueInteger": 3})), "id": "r", "subject": reference("Patient/p")}
WRITER = professional("Practitioner/gp", scopes=(Scope("user", "*", frozenset("cr")), Scope("user", "Questionnaire", frozenset("rs"))))


@pytest.fixture
def record(server: Server) -> Server:
    server.store({**FORM, "id": "q"}, patient("p"), care_team("t", "p", "Practitioner/gp"), ANSWER)
    return server


def extracted(server: Server, caller: Caller) -> dict[str, Any]:
    answer = server.get(caller, "/QuestionnaireResponse/r/$extract")
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["resource"] for one in answer.json()["parameter"]}


def test_a_member_of_the_circle_posts_what_is_not_there_yet(record: Server) -> None:
    first = extracted(record, GP)["return"]
    assert "ifNoneExist" not in first["entry"][0]["request"]
    assert record.ask(GP, "POST", "", first).status_code == 200
    second = extracted(record, GP)
    assert "return" not in second
    assert "was made of this answer before" in second["issues"]["issue"][0]["diagnostics"]


def test_what_comes_later_refers_to_what_stands(record: Server) -> None:
    assert record.ask(GP, "POST", "", extracted(record, GP)["return"]).status_code == 200
    (standing,) = record.found(GP, "/Observation")
    below = [{"linkId": "why", "answer": [{"valueString": "fall"}]}]
    record.store({**ANSWER, "item": [answered("pain", {"valueInteger": 3, "item": below})]})
    (entry,) = extracted(record, GP)["return"]["entry"]
    assert {"reference": standing} in entry["resource"]["derivedFrom"]


def test_who_may_not_search_is_told_to_look(record: Server) -> None:
    answer = extracted(record, WRITER)
    assert answer["return"]["entry"]
    assert [one["severity"] for one in answer["issues"]["issue"]] == ["warning"]
