"""Is a question to be answered? (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen)"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import Context, FhirPathError, compile_expression
from fhir_server.model.json_array import objects
from fhir_server.validation.questionnaire.form import Form, Item, extension, same_value
from fhir_server.validation.questionnaire.moment import earliest

EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def is_enabled(question: Item, form: Form, scopes: tuple[Item, ...]) -> bool:
    """True unless the conditions of a question say otherwise; `scopes` are the response's nodes around it, innermost first."""
    expression = extension(question, EXPRESSION)
    if isinstance(expression, dict) and expression.get("language") == "text/fhirpath":
        return _by_expression(str(expression.get("expression")), form)
    conditions = objects(question.get("enableWhen"))
    met = [_is_met(condition, form, scopes) for condition in conditions]
    return not met or (any(met) if question.get("enableBehavior") == "any" else all(met))


def _by_expression(source: str, form: Form) -> bool:
    schema = form.around.definitions.schema
    try:
        found = compile_expression(source, schema).evaluate(
            form.response, Context(resource=form.response, variables={"context": form.response}, steps=form.around.steps)
        )
    except (FhirPathError, ValueError, TypeError, ArithmeticError):
        return True  # not to be told, so nothing is held against the answer
    return bool(found) and found[0].value is not False


def _is_met(condition: Item, form: Form, scopes: tuple[Item, ...]) -> bool:
    answers = form.answers_near(str(condition.get("question")), scopes)
    relation = str(condition.get("operator"))
    if relation == "exists":
        return any(form.value(one)[0] for one in answers) is bool(condition.get("answerBoolean"))
    name = next((key for key in condition if key.startswith("answer")), "")
    found = [form.value(one) for one in answers]
    return any(_holds(relation, type_name, value, condition.get(name)) for type_name, _, value in found if type_name)


def _holds(relation: str, type_name: str | None, value: Any, wanted: Any) -> bool:
    if relation in ("=", "!="):
        return _equal(type_name, value, wanted) is (relation == "=")
    compare = _COMPARISONS.get(relation)
    left, right = _ordered(type_name, value), _ordered(type_name, wanted)
    if compare is None or left is None or right is None or type(left) is not type(right):
        return False
    return compare(left, right)


def _equal(type_name: str | None, value: Any, wanted: Any) -> bool:
    if type_name == "Quantity" and isinstance(value, dict) and isinstance(wanted, dict):
        return _ordered("Quantity", value) == _ordered("Quantity", wanted) and unit_of(value) == unit_of(wanted)
    return same_value(type_name, value, wanted)


def unit_of(quantity: dict[str, Any]) -> tuple[Any, Any]:
    """(system, code) of a quantity, else (None, unit)."""
    return (quantity.get("system"), quantity["code"]) if "code" in quantity else (None, quantity.get("unit"))


def _ordered(type_name: str | None, value: Any) -> Any:
    """A value that < and > compare as FHIR means it; None where there is no order."""
    if type_name == "Quantity":
        value = value.get("value") if isinstance(value, dict) else None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if type_name in ("date", "dateTime", "instant"):
        return earliest(value)
    return value if isinstance(value, str) else None
