"""When two answers are the same, and which of two comes first (https://hl7.org/fhir/R4/valueset-questionnaire-enable-operator.html)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fhir_server.model.references import parse_reference
from fhir_server.questionnaires.moment import earliest


def same_coding(value: Any, wanted: Any) -> bool:
    """System and code alike; the display is for people."""
    return isinstance(value, dict) and isinstance(wanted, dict) and all(value.get(one) == wanted.get(one) for one in ("system", "code"))


def same_value(type_name: str | None, value: Any, wanted: Any) -> bool:
    """Are two values of one type the same answer?"""
    if type_name == "Coding":
        return same_coding(value, wanted)
    if type_name == "Reference" and isinstance(value, dict) and isinstance(wanted, dict):
        return bool(_target(value) == _target(wanted))
    return bool(value == wanted)


def _target(reference: dict[str, Any]) -> Any:
    text = reference.get("reference")
    return parse_reference(text).type_and_id or text if isinstance(text, str) else None


def same_amount(type_name: str | None, value: Any, wanted: Any) -> bool:
    """As `same_value`, and numbers are alike that are so in the decimal places of the shorter one: the other was not rounded."""
    if type_name == "Quantity" and isinstance(value, dict) and isinstance(wanted, dict):
        return unit_of(value) == unit_of(wanted) and _alike(value.get("value"), wanted.get("value"))
    return _alike(value, wanted) if type_name in ("decimal", "integer") else same_value(type_name, value, wanted)


def _alike(value: Any, wanted: Any) -> bool:
    one, two = ordered(None, value), ordered(None, wanted)
    if not isinstance(one, Decimal) or not isinstance(two, Decimal):
        return bool(value == wanted)
    places = Decimal(1).scaleb(-min(_places(one), _places(two)))
    return one.quantize(places, ROUND_HALF_UP) == two.quantize(places, ROUND_HALF_UP)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def unit_of(quantity: dict[str, Any]) -> tuple[Any, Any]:
    """(system, code) of a quantity, else (None, unit)."""
    return (quantity.get("system"), quantity["code"]) if "code" in quantity else (None, quantity.get("unit"))


def ordered(type_name: str | None, value: Any) -> Any:
    """A value that < and > compare as FHIR means it; None where there is no order."""
    if type_name == "Quantity":
        value = value.get("value") if isinstance(value, dict) else None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if type_name in ("date", "dateTime", "instant"):
        return earliest(value)
    return value if isinstance(value, str) else None
