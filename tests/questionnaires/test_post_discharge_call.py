"""The call after a discharge tells an alert where there is one, none where all is known to be well, and else nothing."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, guide_folder
from tests.questionnaires.forms import answered, group
from tests.questionnaires.worked_out import WorkedOut

FORM = json.loads((guide_folder() / "Questionnaire-post-discharge-call.json").read_bytes())
SYSTEM = "https://passerelle.care/fhir/CodeSystem/yes-no-unknown"
QUESTIONS = ("instructions-understood", "medicines-obtained", "help-in-place", "appointment-made", "new-symptoms")
WELL = ("O", "O", "O", "O", "N")


def alert(definitions: Definitions, reached: bool, answers: tuple[str, ...], carer: str = "") -> Any:
    given = zip((*QUESTIONS, "carer-copes"), (*answers, carer), strict=True)
    asked = group("situation", *(answered(name, {"valueCoding": {"system": SYSTEM, "code": code}}) for name, code in given if code))
    items = [answered("reached", {"valueBoolean": reached}), *([asked] if reached else []), {"linkId": "alert"}]
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": FORM["url"], "status": "completed", "item": items}
    return WorkedOut(FORM, response, definitions).value("alert")


def test_each_pattern_of_answers(definitions: Definitions) -> None:
    for answers in product("ON?", repeat=5):
        trouble = "N" in answers[:4] or answers[4] == "O"
        expected = True if trouble else False if answers == WELL else None
        assert alert(definitions, True, answers) is expected, answers


@pytest.mark.parametrize(("carer", "expected"), [("", False), ("O", False), ("?", False), ("N", True)])
def test_only_a_carer_who_does_not_cope_is_an_alert(carer: str, expected: bool, definitions: Definitions) -> None:
    assert alert(definitions, True, WELL, carer) is expected


@pytest.mark.parametrize("missing", range(5))
def test_a_question_that_was_not_answered_is_no_good_news(missing: int, definitions: Definitions) -> None:
    answers = tuple("" if number == missing else code for number, code in enumerate(WELL))
    assert alert(definitions, True, answers) is None


def test_nobody_on_the_telephone_is_neither_an_alert_nor_good_news(definitions: Definitions) -> None:
    assert alert(definitions, False, ("",) * 5) is None
