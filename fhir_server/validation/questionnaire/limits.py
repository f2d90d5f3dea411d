"""What a question's extensions ask of an answer: least and greatest value, length, decimal places, pattern, units, attachment size
(https://hl7.org/fhir/R4/questionnaire-profiles.html#extensions).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.regular_expression import regular_expression
from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.model.references import parse_reference
from fhir_server.questionnaires.answer_value import unit_of
from fhir_server.questionnaires.item import CORE as BASE
from fhir_server.questionnaires.item import SDC, Item, extension, extensions
from fhir_server.questionnaires.moment import earliest
from fhir_server.validation.attachment import content_of
from fhir_server.validation.location import Location
from fhir_server.validation.questionnaire.form import Form
from fhir_server.validation.questionnaire.options import in_value_set
from fhir_server.validation.surroundings import error, warning


def check_limits(question: Item, type_name: str, value: Any, at: Location, form: Form) -> Iterator[Issue]:
    """The issues of one answer's value; `at` is the value's place."""
    if type_name in ("string", "uri") and isinstance(value, str):
        yield from _text(question, value, at)
    elif type_name == "Quantity" and isinstance(value, dict):
        yield from _places(question, value.get("value"), at)
        yield from _quantity(question, value, at)
        yield from _units(question, value, at, form)
    elif type_name == "Attachment" and isinstance(value, dict):
        yield from _attachment(question, value, at)
    elif type_name == "Reference" and isinstance(value, dict):
        yield from _reference(question, value, at, form)
    else:
        yield from _places(question, value, at)
        yield from _range(question, value, at)


def _range(question: Item, value: Any, at: Location) -> Iterator[Issue]:
    found = _comparable(value)
    for name, word, wrong in (("minValue", phrase("least"), _less), ("maxValue", phrase("greatest"), _more)):
        limit = extension(question, BASE + name)
        wanted = _comparable(limit)
        if found is not None and wanted is not None and type(found) is type(wanted) and wrong(found, wanted):
            yield error(
                "invariant",
                at,
                phrase("The answer {value} is beyond the {word} value allowed, {limit}.", value=value, word=word, limit=limit),
                f"answer-{name}",
            )


def _less(value: Any, limit: Any) -> bool:
    return bool(value < limit)


def _more(value: Any, limit: Any) -> bool:
    return bool(value > limit)


def _comparable(value: Any) -> Any:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    return earliest(value) or (value if isinstance(value, str) else None)


def _text(question: Item, text: str, at: Location) -> Iterator[Issue]:
    least, most = extension(question, BASE + "minLength"), question.get("maxLength")
    if isinstance(least, int) and len(text) < least:
        yield error(
            "invariant",
            at,
            phrase("The answer has {text} characters; at least {least} are asked for.", text=len(text), least=least),
            "answer-minLength",
        )
    if isinstance(most, int) and len(text) > most:
        yield error(
            "invariant",
            at,
            phrase("The answer has {text} characters; at most {most} are allowed.", text=len(text), most=most),
            "answer-maxLength",
        )
    if question.get("type") == "string" and "\n" in text:
        yield warning("invariant", at, phrase("The answer has several lines; this question asks for one."), "answer-lines")
    pattern = extension(question, BASE + "regex")
    if isinstance(pattern, str):
        yield from _pattern(pattern, text, at)


def _pattern(pattern: str, text: str, at: Location) -> Iterator[Issue]:
    """With the bounds that FHIRPath has for the expressions of strangers."""
    try:
        matches = regular_expression(pattern, text, 0).fullmatch()
    except FhirPathError as fault:
        yield warning("not-supported", at, phrase("The form of the answer was not checked. {fault}", fault=fault), "answer-regex-unchecked")
        return
    if not matches:
        yield error(
            "invariant", at, phrase("The answer does not have the form that is asked for: {pattern}", pattern=pattern[:80]), "answer-regex"
        )


def _places(question: Item, value: Any, at: Location) -> Iterator[Issue]:
    most = extension(question, BASE + "maxDecimalPlaces")
    if isinstance(value, Decimal) and isinstance(most, int):
        exponent = value.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) else 0
        if places > most:
            yield error(
                "invariant",
                at,
                phrase(
                    "The answer {value} has {places} decimal places; at most {most} are allowed.", value=value, places=places, most=most
                ),
                "answer-places",
            )


def _quantity(question: Item, quantity: dict[str, Any], at: Location) -> Iterator[Issue]:
    for name, wrong in (("minQuantity", _less), ("maxQuantity", _more)):
        limit = extension(question, SDC + name)
        if not isinstance(limit, dict):
            limit = extension(question, BASE + name.replace("Quantity", "Value"))
        if not isinstance(limit, dict) or not isinstance(quantity.get("value"), (int, Decimal)):
            continue
        if "code" not in quantity or unit_of(quantity) != unit_of(limit):
            sentence = phrase(
                "{said} cannot be compared with the limit {said2}: give both the same coded unit.", said=_said(quantity), said2=_said(limit)
            )
            yield error("invariant", at, sentence, f"answer-{name}-unit")
        elif isinstance(limit.get("value"), (int, Decimal)) and wrong(quantity["value"], limit["value"]):
            yield error(
                "invariant", at, phrase("{said} is beyond the limit {said2}.", said=_said(quantity), said2=_said(limit)), f"answer-{name}"
            )


def _said(quantity: dict[str, Any]) -> str:
    unit = quantity.get("unit") or quantity.get("code") or phrase("(no unit)")
    return phrase("{value} {unit}", value=quantity.get("value"), unit=unit)


def _units(question: Item, quantity: dict[str, Any], at: Location, form: Form) -> Iterator[Issue]:
    options = [one for one in extensions(question, BASE + "questionnaire-unitOption") if isinstance(one, dict)]
    if options and unit_of(quantity) not in [(one.get("system"), one.get("code")) for one in options]:
        allowed = ", ".join(str(one.get("display") or one.get("code")) for one in options)
        yield error(
            "invariant",
            at,
            phrase("The unit of {said} is none of those offered: {allowed}.", said=_said(quantity), allowed=allowed),
            "answer-unit",
        )
    value_set = extension(question, BASE + "questionnaire-unitValueSet")
    if isinstance(value_set, str):
        yield from in_value_set(value_set, quantity, at, form, "unit")


def _attachment(question: Item, attachment: dict[str, Any], at: Location) -> Iterator[Issue]:
    most = extension(question, BASE + "maxSize")
    content = content_of(attachment)
    size = len(content) if content is not None else attachment.get("size")
    if isinstance(most, (int, Decimal)) and isinstance(size, int) and size > most:
        yield error(
            "required",
            at[0],
            phrase("The attachment has {size} bytes; at most {most} are allowed.", size=size, most=most),
            "answer-maxSize",
        )
    types = [one for one in extensions(question, BASE + "mimeType") if isinstance(one, str)]
    if types and attachment.get("contentType") not in types:
        sentence = phrase(
            "The attachment is {contenttype}; allowed: {types}.",
            contenttype=attachment.get("contentType") or phrase("of no stated type"),
            types=", ".join(types),
        )
        yield error("invariant", at, sentence, "answer-mimeType")


def _reference(question: Item, reference: dict[str, Any], at: Location, form: Form) -> Iterator[Issue]:
    text = reference.get("reference")
    type_name = parse_reference(text).type if isinstance(text, str) else None
    allowed = [str(one) for one in extensions(question, BASE + "questionnaire-referenceResource")]
    if type_name is None:
        return
    if type_name not in form.around.definitions.schema.resource_types:
        yield error(
            "invariant",
            at,
            phrase("{type_name} in the reference {text} is no resource type.", type_name=type_name, text=text),
            "answer-reference-type",
        )
    elif allowed and type_name not in allowed:
        yield error(
            "invariant",
            at,
            phrase("The reference is to a {type_name}; the question allows {allowed}.", type_name=type_name, allowed=", ".join(allowed)),
            "answer-reference-type",
        )
