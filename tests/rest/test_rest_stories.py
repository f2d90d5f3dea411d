"""The five stories of the guide on a server: loaded, loaded again, and read as those read them who take part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.profiles.test_stories import EVERYWHERE, STORIES, of_type, references, resources

BY_NAME = {path.stem: path for path in STORIES}
FORMS = "https://passerelle.care/fhir/Questionnaire/"


def load(client: Any, path: Path) -> list[dict[str, Any]]:
    answer = client.post("/", json.loads(path.read_bytes()))
    assert answer.status_code == 200, answer.text
    return [entry["response"] for entry in answer.json()["entry"]]


def found(client: Any, search: str) -> list[str]:
    answer = client.get(f"/{search}")
    assert answer.status_code == 200, answer.text
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in answer.json().get("entry", [])]


@EVERYWHERE
def test_loading_it_twice_changes_nothing(client: Any, path: Path) -> None:
    assert {one["status"] for one in load(client, path)} == {"201 Created"}
    again = load(client, path)
    assert {(one["status"], one["etag"]) for one in again} == {("200 OK", 'W/"1"')}


@EVERYWHERE
def test_every_reference_can_be_followed(client: Any, path: Path) -> None:
    load(client, path)
    targets = set(references(resources(path)))
    assert {target for target in targets if client.get(f"/{target}").status_code != 200} == set()


@EVERYWHERE
def test_the_general_practitioner_finds_the_plan_and_the_circle_by_the_ins(client: Any, path: Path) -> None:
    load(client, path)
    (patient,) = of_type(path, "Patient")
    ins = patient["identifier"][0]["value"]
    plan, circle = (f"{kind}/{of_type(path, kind)[0]['id']}" for kind in ("CarePlan", "CareTeam"))
    assert found(client, f"CarePlan?patient.identifier={ins}&_include=CarePlan:care-team") == [plan, circle]


QUESTIONS = [
    ("palliative-care-at-home", "Task?code=plan-validation&status=completed", ["Task/palliative-plan-validation"]),
    ("palliative-care-at-home", "DocumentReference?type=http://loinc.org|42348-3", ["DocumentReference/palliative-directives"]),
    ("palliative-care-at-home", "Patient?death-date=ge2026-11-01", ["Patient/palliative-patient"]),
    ("hospital-to-home", "Task?code=ward-request&encounter=Encounter/return-home-stay", ["Task/return-home-ward-request"]),
    ("hospital-to-home", f"QuestionnaireResponse?questionnaire={FORMS}post-discharge-call", ["QuestionnaireResponse/return-home-call"]),
    ("hospital-to-home", "Task?code=discharge-follow-up&status=completed", ["Task/return-home-follow-up-call"]),
    ("precariousness-and-psychiatry", "Task?business-status=refused", ["Task/precarious-housing"]),
    ("precariousness-and-psychiatry", "Task?business-status=unmet", ["Task/precarious-weekend-nurse"]),
    (
        "precariousness-and-psychiatry",
        "ServiceRequest?requester=PractitionerRole/precarious-social-worker&category=referral",
        ["ServiceRequest/precarious-referral"],
    ),
    (
        "obesity-x-ailes",
        "Task?code=contact&patient:missing=true&_sort=authored-on",
        ["Task/x-ailes-first-contact", "Task/x-ailes-second-contact"],
    ),
    (
        "obesity-x-ailes",
        "EpisodeOfCare?type=https://passerelle.care/fhir/CodeSystem/help-level|&_sort=date",
        [f"EpisodeOfCare/x-ailes-{level}" for level in ("orientation", "remote", "reinforced")],
    ),
    (
        "obesity-x-ailes",
        "PractitionerRole?service=HealthcareService/x-ailes-lyon&_sort=_id",
        [f"PractitionerRole/x-ailes-referent-{number}" for number in (1, 2, 3)],
    ),
    ("cerebral-injury", "ServiceRequest?requester=RelatedPerson/brain-injury-mother", ["ServiceRequest/brain-injury-referral"]),
    ("cerebral-injury", "Task?code=reevaluation&_sort=period", [f"Task/brain-injury-reevaluation-{number}" for number in (1, 2, 3, 4)]),
    (
        "cerebral-injury",
        "Communication?recipient=RelatedPerson/brain-injury-mother,PractitionerRole/brain-injury-gp&sent=ge2025-12-18&_sort=_id",
        ["Communication/brain-injury-closing-letter-gp", "Communication/brain-injury-closing-letter-mother"],
    ),
]


@pytest.mark.parametrize(("name", "search", "answer"), QUESTIONS)
def test_what_the_story_is_about_is_found(client: Any, name: str, search: str, answer: list[str]) -> None:
    load(client, BY_NAME[name])
    assert found(client, search) == answer


def test_all_five_live_on_one_server(client: Any) -> None:
    for path in STORIES:
        load(client, path)
    assert len(found(client, "Patient?_count=20")) == len(STORIES)
