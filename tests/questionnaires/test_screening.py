"""The HAS screening form (annexe 3) says what the rules of 2014 say, for every pattern of answers and both thresholds."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, guide_folder
from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.calculation import calculate
from fhir_server.questionnaires.conversion import no_options
from fhir_server.questionnaires.enablement import is_enabled
from tests.questionnaires.forms import answered, group

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


class Screening:
    """A filled form, worked out."""

    def __init__(self, response: dict[str, Any], definitions: Definitions):
        self._environment = Environment(paired(FORM, response), definitions.schema, given={})
        assert calculate(self._environment, no_options) == []
        self._pairs = {pair.link_id: pair for pair in self._environment.root.walk() if pair.parent}

    def value(self, link_id: str) -> Any:
        (answer,) = self._pairs[link_id].answers
        return next(iter(answer.values()))

    def shows(self, link_id: str) -> bool:
        return is_enabled(self._pairs[link_id], self._environment)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_pattern_of_criteria_opens_the_judgement_or_not(purpose: str, definitions: Definitions) -> None:
    patterns = list(product("ON?", repeat=6))
    assert len(patterns) == 3**6
    for criteria in patterns:
        screening = Screening(filled(purpose, criteria), definitions)
        reached = criteria.count("O") >= PURPOSES[purpose]
        assert screening.value("yes-count") == criteria.count("O"), criteria
        assert screening.shows("judgement") == reached, criteria
        assert screening.value("outcome") == ("incomplete" if reached else "below-threshold"), criteria


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize(("answers", "outcome"), JUDGEMENT.items())
def test_each_judgement_has_its_outcome(purpose: str, answers: tuple[str, str], outcome: str, definitions: Definitions) -> None:
    for criteria in product("ON?", repeat=6):
        if criteria.count("O") == PURPOSES[purpose]:
            screening = Screening(filled(purpose, criteria, *answers), definitions)
            assert screening.value("outcome") == outcome, criteria
            assert screening.shows(f"outcome-{outcome}")
            assert screening.shows("accepted") == (answers[0] == "O")


@pytest.mark.parametrize("missing", range(6))
def test_a_blank_criterion_is_incomplete_as_long_as_the_threshold_is_not_reached(missing: int, definitions: Definitions) -> None:
    criteria = tuple("" if number == missing else "N" for number in range(6))
    assert Screening(filled("assistance", criteria), definitions).value("outcome") == "incomplete"


def test_the_eighth_answer_is_nothing_where_the_seventh_is_not_yes(definitions: Definitions) -> None:
    screening = Screening(filled("assistance", ("O",) * 6, "N", "O"), definitions)
    assert screening.value("outcome") == "not-needed"
