"""The HAS inclusion form (annexe 4): 21 boxes in five groups, and a problem for each that is ticked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, guide_folder
from fhir_server.validation.validator import Validator
from tests.questionnaires.extracting import entries_of
from tests.questionnaires.forms import answered, group

FORM = json.loads((guide_folder() / "Questionnaire-inclusion-has-2014.json").read_bytes())
SYSTEM = "https://passerelle.care/fhir/CodeSystem/inclusion-reason"
DOMAIN = "https://passerelle.care/fhir/CodeSystem/problem-domain"
GROUPS = {group["linkId"]: group["item"] for group in next(one for one in FORM["item"] if one["linkId"] == "reasons")["item"]}
BOXES = {name: [option["valueCoding"] for option in items[0]["answerOption"]] for name, items in GROUPS.items()}
DOMAINS = {
    "health": "medical",
    "self-management": "psychological",
    "isolation": "social",
    "socio-economic": "social",
    "use-of-care": "use-of-care",
}
ELSEWHERE = {"loss-of-autonomy": "autonomy", "self-management-other": "autonomy"}
"""Boxes whose problem is of another domain than their group's."""


def filled(name: str, *ticked: dict[str, Any], other: str = "") -> dict[str, Any]:
    """A response with boxes of one group; `other` is what was written beside the last one."""
    boxes = [answered(f"{name}-reasons", *({"valueCoding": one} for one in ticked))] if ticked else []
    words = [answered(f"{name}-other-text", {"valueString": other})] if other else []
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": FORM["url"],
        "status": "completed",
        "subject": {"reference": "Patient/jeanne"},
        "authored": "2026-03-01T10:00:00+01:00",
        "item": [
            group("requester", answered("requester-name", {"valueString": "Camille Modèle"})),
            group("reasons", group(name, *boxes, *words)),
        ],
    }


def test_twenty_one_boxes_in_five_groups_each_ending_in_other() -> None:
    assert [len(boxes) for boxes in BOXES.values()] == [4, 5, 4, 4, 4]
    assert [boxes[-1]["code"] for boxes in BOXES.values()] == [f"{name}-other" for name in BOXES]


@pytest.mark.parametrize("name", BOXES)
def test_each_ticked_box_is_a_problem_as_the_requester_tells_it(name: str, definitions: Definitions) -> None:
    entries = entries_of(FORM, filled(name, *BOXES[name], other="à préciser"), definitions.schema)
    assert [entry["request"] for entry in entries] == [{"method": "POST", "url": "Condition"}] * len(BOXES[name])
    for entry, box in zip(entries, BOXES[name], strict=True):
        problem = entry["resource"]
        assert problem["code"] == {"coding": [box], "text": "à préciser" if box["code"].endswith("-other") else box["display"]}
        (domain,) = [one["code"] for one in problem["category"][0]["coding"] if one["system"] == DOMAIN]
        assert domain == ELSEWHERE.get(box["code"], DOMAINS[name])


def test_a_problem_is_whole_and_keeps_to_its_profile(definitions: Definitions) -> None:
    (entry,) = entries_of(FORM, filled("isolation", BOXES["isolation"][0]), definitions.schema)
    problem = entry["resource"]
    assert (problem["subject"], problem["recordedDate"]) == ({"reference": "Patient/jeanne"}, "2026-03-01T10:00:00+01:00")
    assert problem["asserter"] == {"display": "Camille Modèle"}
    assert problem["verificationStatus"]["coding"][0]["code"] == "unconfirmed"
    assert problem["meta"]["profile"] == ["https://passerelle.care/fhir/StructureDefinition/passerelle-condition"]
    assert [issue for issue in Validator(definitions).validate(problem) if issue.is_error] == []


def test_no_box_no_problem(definitions: Definitions) -> None:
    assert entries_of(FORM, filled("isolation"), definitions.schema) == []
