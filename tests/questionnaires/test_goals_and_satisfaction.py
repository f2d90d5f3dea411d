"""Satisfaction is told where all four questions are answered; a question that was left out is no dissatisfaction."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, guide_folder
from tests.questionnaires.forms import answered, group
from tests.questionnaires.worked_out import WorkedOut

FORM = json.loads((guide_folder() / "Questionnaire-goals-and-satisfaction.json").read_bytes())
QUESTIONS = [one["linkId"] for one in next(item for item in FORM["item"] if item["linkId"] == "satisfaction")["item"]]
SYSTEM = "https://passerelle.care/fhir/CodeSystem/scored-answer"
SCORES = {"very-poor": 0, "poor": 1, "good": 2, "very-good": 3}


def score(definitions: Definitions, *codes: str) -> Any:
    given = [answered(name, {"valueCoding": {"system": SYSTEM, "code": code}}) for name, code in zip(QUESTIONS, codes, strict=False)]
    items = [*([group("satisfaction", *given)] if given else []), {"linkId": "satisfaction-score"}]
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": FORM["url"], "status": "completed", "item": items}
    return WorkedOut(FORM, response, definitions).value("satisfaction-score")


@pytest.mark.parametrize("code", SCORES)
def test_four_answers_are_added(code: str, definitions: Definitions) -> None:
    assert score(definitions, code, code, code, "good") == 3 * SCORES[code] + 2


@pytest.mark.parametrize("number", range(4))
def test_fewer_answers_give_no_score(number: int, definitions: Definitions) -> None:
    assert score(definitions, *["very-good"] * number) is None
