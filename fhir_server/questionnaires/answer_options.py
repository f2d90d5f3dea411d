"""Which of its options a question offers now (https://hl7.org/fhir/uv/sdc/STU4/behavior.html#answerOptionsToggleExpression)."""

from __future__ import annotations

from typing import Any

from fhir_server.fhirpath import FhirPathError
from fhir_server.model.json_array import objects
from fhir_server.questionnaires.answer_value import same_value
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import SDC, Item, complex_extensions, extension
from fhir_server.questionnaires.pairing import Pair

ANSWER_OPTIONS_TOGGLE_EXPRESSION = SDC + "answerOptionsToggleExpression"


def is_offered(type_name: str, value: Any, pair: Pair, environment: Environment) -> bool:
    """False of a value that toggles name, and for which none of them holds; of one that cannot be told, true."""
    toggles = [one for one in complex_extensions(pair.question, ANSWER_OPTIONS_TOGGLE_EXPRESSION) if _names(one, type_name, value)]
    return not toggles or any(_holds(one, pair, environment) for one in toggles)


def _names(toggle: Item, type_name: str, value: Any) -> bool:
    name = "value" + type_name[0].upper() + type_name[1:]
    options = [one for one in objects(toggle.get("extension")) if one.get("url") == "option" and name in one]
    return any(same_value(type_name, value, one[name]) for one in options)


def _holds(toggle: Item, pair: Pair, environment: Environment) -> bool:
    try:
        found = environment.evaluate(extension(toggle, "expression"), pair)
    except FhirPathError:
        return True
    return bool(found) and found[0].value is not False
