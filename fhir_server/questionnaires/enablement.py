"""Is a question to be answered? (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen,
https://hl7.org/fhir/uv/sdc/STU4/behavior.html#enableWhenExpression)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from fhir_server.fhirpath import FhirPathError
from fhir_server.model.json_array import objects
from fhir_server.questionnaires.answer_value import ordered, same_value, unit_of
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import SDC, Answer, Item, answer_value, extension
from fhir_server.questionnaires.pairing import Pair

ENABLE_WHEN_EXPRESSION = SDC + "enableWhenExpression"

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def is_enabled(pair: Pair, environment: Environment) -> bool:
    """True unless the question's own conditions, or those of a group or question around it, say otherwise."""
    return all(meets_conditions(one, environment) for one in pair.upwards() if one.parent)


def meets_conditions(pair: Pair, environment: Environment) -> bool:
    """True unless the question's own conditions say otherwise; of an expression that cannot be told, true."""
    expression = extension(pair.question, ENABLE_WHEN_EXPRESSION)
    if isinstance(expression, dict):
        return _by_expression(expression, pair, environment)
    met = [_is_met(condition, pair, environment) for condition in objects(pair.question.get("enableWhen"))]
    return not met or (any(met) if pair.question.get("enableBehavior") == "any" else all(met))


def _by_expression(expression: Item, pair: Pair, environment: Environment) -> bool:
    try:
        found = environment.evaluate(expression, pair)
    except FhirPathError:
        return True  # not to be told, so nothing is held against the answer
    return bool(found) and found[0].value is not False


def _is_met(condition: Item, pair: Pair, environment: Environment) -> bool:
    near = pair.nearest(str(condition.get("question")))
    found = [answer_value(answer, environment.schema) for one in near for answer in one.answers]
    relation = str(condition.get("operator"))
    if relation == "exists":
        return any(type_name for type_name, _, _ in found) is bool(condition.get("answerBoolean"))
    wanted = condition.get(next((key for key in condition if key.startswith("answer")), ""))
    if relation == "!=":  # no answer is the one named: so it is where there is none
        return not any(_equal(type_name, value, wanted) for type_name, _, value in found if type_name)
    return any(_holds(relation, type_name, value, wanted) for type_name, _, value in found if type_name)


def _holds(relation: str, type_name: str | None, value: Any, wanted: Any) -> bool:
    if relation == "=":
        return _equal(type_name, value, wanted)
    compare = _COMPARISONS.get(relation)
    left, right = ordered(type_name, value), ordered(type_name, wanted)
    if compare is None or left is None or right is None or type(left) is not type(right):
        return False
    return compare(left, right)


def _equal(type_name: str | None, value: Any, wanted: Any) -> bool:
    if type_name == "Quantity" and isinstance(value, dict) and isinstance(wanted, dict):
        return ordered("Quantity", value) == ordered("Quantity", wanted) and unit_of(value) == unit_of(wanted)
    return same_value(type_name, value, wanted)


def enabled_answers(pair: Pair, environment: Environment) -> list[Answer]:
    """The answers of an item that count: none where the question is not to be asked."""
    return pair.answers if pair.answers and is_enabled(pair, environment) else []
