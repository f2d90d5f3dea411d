"""What an expression gives, as answers of the type that the question asks for
(https://hl7.org/fhir/uv/sdc/STU4/populate.html#expression-based-population).

Values are only turned where nothing is lost that the question asks about: a decimal without a fraction into an integer, a time into its
day, a code into the option that has it. What fits nowhere is left out, and `answers_of` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import FhirPathError, Node
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.values import described, system_value
from fhir_server.model.json_array import objects
from fhir_server.model.schema import Schema
from fhir_server.model.temporal import Temporal
from fhir_server.questionnaires.item import CORE, Answer, Item, answer_types, extension

Coding = dict[str, Any]
Options = Callable[[str, Item], list[Coding]]
"""Of a code and a question: the codings of its value set that have the code or the display."""

UNIT = CORE + "questionnaire-unit"
UCUM = "http://unitsofmeasure.org"


def no_options(_code: str, _question: Item) -> list[Coding]:
    """For those who have no terminology at hand."""
    return []


def answers_of(nodes: list[Node], question: Item, schema: Schema, options: Options) -> list[Answer]:
    """The answers that these values make, each once; of a question that does not repeat the first.

    FhirPathError where there are values and none of them can be an answer.
    """
    found: list[Answer] = []
    for node in nodes:
        answer = _answer(node, question, schema, options)
        if answer and answer not in found:
            found.append(answer)
    if nodes and not found:
        said = described(nodes[0].value)
        raise FhirPathError(f"The expression gives {said} of the type {nodes[0].type}, which cannot answer this question.")
    return found if question.get("repeats") else found[:1]


def _answer(node: Node, question: Item, schema: Schema, options: Options) -> Answer | None:
    kind = str(question.get("type"))
    convert = _CONVERSIONS.get(kind)
    if convert is not None:
        value = convert(node, question)
        return None if value is None else {_KEYS[kind]: value}
    return _chosen(node, question, schema, options) if kind in ("choice", "open-choice") else None


def _boolean(node: Node, _: Item) -> Any:
    value = system_value(node)
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value))


def _decimal(node: Node, _: Item) -> Any:
    value = system_value(node)
    value = value.value if isinstance(value, Quantity) else value
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _integer(node: Node, question: Item) -> Any:
    value = _decimal(node, question)
    return int(value) if value is not None and value == int(value) else None


def _string(node: Node, _: Item) -> Any:
    value = system_value(node)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | Decimal | Temporal | Quantity):
        return str(value) or None
    return (value.get("text") or value.get("display") or None) if isinstance(value, dict) else None


def _date(node: Node, _: Item) -> Any:
    value = system_value(node)
    return str(value)[:10] if isinstance(value, Temporal) and value.kind in ("date", "dateTime") else None


def _date_time(node: Node, _: Item) -> Any:
    value = system_value(node)
    return str(value) if isinstance(value, Temporal) and value.kind in ("date", "dateTime") else None


def _time(node: Node, _: Item) -> Any:
    value = system_value(node)
    return str(value) if isinstance(value, Temporal) and value.kind == "time" else None


def _quantity(node: Node, question: Item) -> Any:
    if isinstance(node.value, dict):
        return node.value if "value" in node.value else None
    value = system_value(node)
    if isinstance(value, Quantity):
        coded = {} if value.calendar else {"system": UCUM, "code": value.unit}
        return {"value": value.value, "unit": value.word or value.unit, **coded}
    return {"value": value, **_unit_asked(question)} if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _unit_asked(question: Item) -> dict[str, Any]:
    unit = extension(question, UNIT)
    if not isinstance(unit, dict):
        return {}
    said = {"unit": unit.get("display") or unit.get("code"), "system": unit.get("system"), "code": unit.get("code")}
    return {name: value for name, value in said.items() if value}


def _reference(node: Node, _: Item) -> Any:
    value = node.value
    if isinstance(value, dict) and isinstance(value.get("resourceType"), str):
        return {"reference": f"{value['resourceType']}/{value['id']}"} if value.get("id") else None
    return value if isinstance(value, dict) and node.type == "Reference" else None


def _attachment(node: Node, _: Item) -> Any:
    return node.value if isinstance(node.value, dict) and node.type == "Attachment" else None


_CONVERSIONS: dict[str, Callable[[Node, Item], Any]] = {
    "boolean": _boolean, "decimal": _decimal, "integer": _integer, "string": _string, "text": _string, "url": _string, "date": _date,
    "dateTime": _date_time, "time": _time, "quantity": _quantity, "reference": _reference, "attachment": _attachment,
}  # fmt: skip
_KEYS = {
    "boolean": "valueBoolean", "decimal": "valueDecimal", "integer": "valueInteger", "string": "valueString", "text": "valueString",
    "url": "valueUri", "date": "valueDate", "dateTime": "valueDateTime", "time": "valueTime", "quantity": "valueQuantity",
    "reference": "valueReference", "attachment": "valueAttachment",
}  # fmt: skip


def _chosen(node: Node, question: Item, schema: Schema, options: Options) -> Answer | None:
    value = node.value
    if isinstance(value, dict):
        codings = objects(value.get("coding")) if node.type == "CodeableConcept" else [value] if node.type == "Coding" else []
        if codings:
            return {"valueCoding": next((one for one in codings if _offered(one, question, options)), codings[0])}
        text = value.get("text")
        return {"valueString": text} if text and question.get("type") == "open-choice" else None
    return _by_code(node, question, schema, options)


def _offered(coding: Coding, question: Item, options: Options) -> bool:
    found = offered_codings(str(coding.get("code", "")), question, options)
    return any(one.get("system") == coding.get("system") for one in found)


def _by_code(node: Node, question: Item, schema: Schema, options: Options) -> Answer | None:
    """A code or a text as the option that has it; of an open choice else as text."""
    text = _string(node, question)
    if text is None:
        return None
    if found := offered_codings(text, question, options):
        return {"valueCoding": found[0]}
    plain = _plain_option(node, question, schema)
    return plain or ({"valueString": text} if question.get("type") == "open-choice" else None)


def _plain_option(node: Node, question: Item, schema: Schema) -> Answer | None:
    """An option that is no coding and has this value."""
    value = system_value(node)
    said = str(value) if isinstance(value, Temporal) else value
    for option in objects(question.get("answerOption")):
        for name in answer_types(schema):
            if name in option and not isinstance(option[name], dict) and option[name] == said:
                return {name: option[name]}
    return None


def offered_codings(code: str, question: Item, options: Options) -> list[Coding]:
    """The codings with this code, or display, that a question offers."""
    listed = [one["valueCoding"] for one in objects(question.get("answerOption")) if isinstance(one.get("valueCoding"), dict)]
    if found := [one for one in listed if one.get("code") == code] or [one for one in listed if one.get("display") == code]:
        return found
    return options(code, question)
