"""A value that an answer or an expression gave, as the element that it is meant for writes it
(https://hl7.org/fhir/R4/questionnaire.html#definition, https://hl7.org/fhir/uv/sdc/STU4/extraction.html): a Coding in a CodeableConcept,
a code out of a Coding, a text as the reference of a Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.fhirpath.plain import plain
from fhir_server.model.schema import Schema

Conversion = Callable[[Any], Any]

TEXTS = ("string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid", "base64Binary")
NUMBERS = ("integer", "positiveInt", "unsignedInt", "decimal")
QUANTITIES = ("Quantity", "Age", "Duration", "Distance", "Count", "SimpleQuantity", "MoneyQuantity")
_SYSTEM = {
    "System.Boolean": "boolean", "System.String": "string", "System.Integer": "integer", "System.Decimal": "decimal",
    "System.Date": "date", "System.DateTime": "dateTime", "System.Time": "time", "System.Quantity": "Quantity",
}  # fmt: skip
_INSTANT = re.compile(r".{10}T\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)")


def type_of(node: Node) -> str:
    """The FHIR type of a value; that of a computed one is the FHIR type of its kind."""
    return _SYSTEM.get(node.type, node.type)


def element_value(node: Node, target: str, schema: Schema) -> Any:
    """The value as JSON of the type `target`; None where it has no such form."""
    value, kind = plain(node.value), type_of(node)
    if value is None or kind == target or schema.is_subtype(kind, target) or {kind, target} <= set(QUANTITIES):
        return value
    conversion = _CONVERSIONS.get((_family(kind), _family(target)))
    return conversion(value) if conversion else None


def _family(kind: str) -> str:
    if kind in TEXTS:
        return "text"
    return "number" if kind in NUMBERS and kind != "decimal" else "Quantity" if kind in QUANTITIES else kind


def _coding(concept: Any) -> Any:
    return next(iter(concept.get("coding", ())), None)


def _code(coding: Any) -> Any:
    return coding.get("code") or coding.get("display")


def _label(concept: Any) -> Any:
    return concept.get("text") or _code(_coding(concept) or {})


def _decimal(text: Any) -> Decimal | None:
    try:
        found = Decimal(str(text).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _whole(number: Any) -> int | None:
    found = _decimal(number)
    return int(found) if found is not None and found == int(found) else None


def _instant(text: Any) -> Any:
    return text if _INSTANT.fullmatch(text) else None


def _truth(text: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(text).strip().lower())


def _under(name: str) -> Conversion:
    return lambda value: {name: value}


_CONVERSIONS: Mapping[tuple[str, str], Conversion] = {
    ("text", "text"): str,
    ("Coding", "CodeableConcept"): lambda value: {"coding": [value]},
    ("Coding", "text"): _code,
    ("CodeableConcept", "Coding"): _coding,
    ("CodeableConcept", "text"): _label,
    ("text", "CodeableConcept"): _under("text"),
    ("text", "Coding"): _under("display"),
    ("text", "Reference"): _under("reference"),
    ("text", "Identifier"): _under("value"),
    ("text", "Annotation"): _under("text"),
    ("text", "HumanName"): _under("text"),
    ("text", "Address"): _under("text"),
    ("text", "ContactPoint"): _under("value"),
    ("text", "Dosage"): _under("text"),
    ("text", "boolean"): _truth,
    ("text", "number"): _whole,
    ("text", "decimal"): _decimal,
    ("text", "date"): str,
    ("text", "dateTime"): str,
    ("text", "instant"): _instant,
    ("Reference", "text"): lambda value: value.get("reference"),
    ("boolean", "text"): lambda value: "true" if value else "false",
    ("number", "number"): lambda value: value,
    ("number", "decimal"): lambda value: value,
    ("decimal", "number"): _whole,
    ("number", "text"): str,
    ("decimal", "text"): str,
    ("number", "Quantity"): _under("value"),
    ("decimal", "Quantity"): _under("value"),
    ("Quantity", "decimal"): lambda value: value.get("value"),
    ("Quantity", "number"): lambda value: _whole(value.get("value")),
    ("date", "dateTime"): str,
    ("instant", "dateTime"): str,
    ("dateTime", "instant"): _instant,
    ("dateTime", "date"): lambda value: value[:10],
    ("instant", "date"): lambda value: value[:10],
    ("date", "text"): str,
    ("dateTime", "text"): str,
    ("instant", "text"): str,
    ("time", "text"): str,
    ("date", "Period"): _under("start"),
    ("dateTime", "Period"): _under("start"),
}
