"""The HAS screening form (annexe 3) says what the rules of 2014 say, for every pattern of answers and both thresholds."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, guide_folder
from tests.questionnaires.forms import answered, group
from tests.questionnaires.worked_out import WorkedOut

FORM = json.loads((guide_folder() / "Questionnaire-screening-has-2014.json").read_bytes())
CRITERIA = [item["linkId"] for item in next(item for item in FORM["item"] if item["linkId"] == "criteria")["item"]]
SYSTEM = "https://passerelle.care/fhir/CodeSystem/yes-no-unknown"
PURPOSES = {"assistance": 2, "pps": 1}
JUDGEMENT = {
    ("", ""): "incomplete", ("?", ""): "incomplete", ("N", ""): "not-needed",
    ("O", ""): "incomplete", ("O", "O"): "referral", ("O", "N"): "refused", ("O", "?"): "ask-again",
}  # fmt: skip
"""What follows from the seventh and eighth answers, blank ones too, once the threshold is reached."""


def choice(link_id: str, code: str) -> dict[str, Any]:
    return answered(link_id, {"valueCoding": {"system": SYSTEM, "code": code}}) if code else {"linkId": link_id}


def filled(purpose: str, criteria: tuple[str, ...], needed: str = "", accepted: str = "") -> dict[str, Any]:
    """A response as someone fills it in; what the form works out is there and empty."""
    aim = {"valueCoding": {"system": "https://passerelle.care/fhir/CodeSystem/screening-purpose", "code": purpose}}
    items = [
        answered("purpose", aim),
        group("criteria", *(choice(link_id, code) for link_id, code in zip(CRITERIA, criteria, strict=True))),
        {"linkId": "yes-count"},
        group("judgement", choice("needed", needed), choice("accepted", accepted)),
        {"linkId": "outcome"},
    ]
    return {"resourceType": "QuestionnaireResponse", "questionnaire": FORM["url"], "status": "completed", "item": items}


def concluded(criteria: tuple[str, ...], threshold: int) -> str:
    """What six answered criteria give before anybody judges: a ? is neither O nor N, so it may still become either."""
    yes, unknown = criteria.count("O"), criteria.count("?")
    return "incomplete" if yes >= threshold else "undetermined" if yes + unknown >= threshold else "below-threshold"


def screened(response: dict[str, Any], definitions: Definitions) -> WorkedOut:
    return WorkedOut(FORM, response, definitions)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_pattern_of_criteria_opens_the_judgement_or_not(purpose: str, definitions: Definitions) -> None:
    patterns = list(product("ON?", repeat=6))
    assert len(patterns) == 3**6
    for criteria in patterns:
        screening = screened(filled(purpose, criteria), definitions)
        reached = criteria.count("O") >= PURPOSES[purpose]
        assert screening.value("yes-count") == criteria.count("O"), criteria
        assert screening.shows("judgement") == reached, criteria
        outcome = concluded(criteria, PURPOSES[purpose])
        assert screening.value("outcome") == outcome, criteria
        assert screening.shows(f"outcome-{outcome}"), criteria


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize(("answers", "outcome"), JUDGEMENT.items())
def test_each_judgement_has_its_outcome(purpose: str, answers: tuple[str, str], outcome: str, definitions: Definitions) -> None:
    for criteria in product("ON?", repeat=6):
        if criteria.count("O") == PURPOSES[purpose]:
            screening = screened(filled(purpose, criteria, *answers), definitions)
            assert screening.value("outcome") == outcome, criteria
            assert screening.shows(f"outcome-{outcome}")
            assert screening.shows("accepted") == (answers[0] == "O")


@pytest.mark.parametrize("missing", range(6))
def test_a_blank_criterion_is_incomplete_as_long_as_the_threshold_is_not_reached(missing: int, definitions: Definitions) -> None:
    criteria = tuple("" if number == missing else "N" for number in range(6))
    assert screened(filled("assistance", criteria), definitions).value("outcome") == "incomplete"


def test_the_eighth_answer_is_nothing_where_the_seventh_is_not_yes(definitions: Definitions) -> None:
    screening = screened(filled("assistance", ("O",) * 6, "N", "O"), definitions)
    assert screening.value("outcome") == "not-needed"
