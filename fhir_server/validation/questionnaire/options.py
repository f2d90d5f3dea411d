"""The answers that a choice offers: answerOption and answerValueSet
(https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.answerOption).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import objects
from fhir_server.model.phrase import phrase
from fhir_server.questionnaires.answer_value import same_value
from fhir_server.questionnaires.item import Item
from fhir_server.terminology.answer import Answer as Verdict
from fhir_server.validation.location import Location
from fhir_server.validation.questionnaire.form import Form
from fhir_server.validation.surroundings import error, finding, warning
from fhir_server.validation.tables import value_set

_SAID = {"answer": phrase("answer"), "unit": phrase("unit")}


def check_option(question: Item, type_name: str, value: Any, at: Location, form: Form) -> Iterator[Issue]:
    """The issues of an answer to a choice; `at` is the place of the value, its parent that of the answer."""
    is_open = question.get("type") == "open-choice" and type_name == "string"
    if is_open:
        yield from _spelt_out(question, value, at)
    elif isinstance(canonical := question.get("answerValueSet"), str) and type_name == "Coding":
        yield from in_value_set(canonical, value, at[0], form, "answer")
    elif "answerOption" in question:
        yield from _among_options(question, type_name, value, at)
    else:
        yield finding(
            "information",
            "invariant",
            at[0],
            phrase("The question offers no options, so the choice cannot be checked."),
            "answer-no-options",
        )


def _among_options(question: Item, type_name: str, value: Any, at: Location) -> Iterator[Issue]:
    name = "value" + type_name[0].upper() + type_name[1:]
    offered = [one.get(name) for one in objects(question.get("answerOption")) if name in one]
    if not any(same_value(type_name, value, one) for one in offered):
        place = at[0] if type_name == "Coding" else at
        yield error(
            "invariant",
            place,
            phrase("The answer {said} is none of the options that the question offers.", said=_said(value)),
            "answer-option",
        )


def _spelt_out(question: Item, text: Any, at: Location) -> Iterator[Issue]:
    """Free text that is the display of an option was most likely meant as the option."""
    codings = [one.get("valueCoding") for one in objects(question.get("answerOption"))]
    if any(isinstance(one, dict) and text in (one.get("code"), one.get("display")) for one in codings):
        yield warning(
            "invariant",
            at[0],
            phrase("The text '{text}' is that of an option; answer with its code.", text=str(text)[:60]),
            "answer-spelt-out",
        )


def in_value_set(canonical: str, coding: dict[str, Any], at: Location, form: Form, what: str) -> Iterator[Issue]:
    """The issue of a code that is not in the set, or cannot be checked; contained value sets and those of the Bundle are known too."""
    verdict = _verdict(canonical, coding, form)
    if verdict is None:
        yield warning(
            "code-invalid",
            at,
            phrase("The value set {canonical} is not known, so the {what} cannot be checked.", canonical=canonical, what=_SAID[what]),
            f"{what}-value-set-unknown",
        )
    elif verdict.is_no:
        yield error(
            "code-invalid",
            at,
            phrase("{said} is not in the value set of the question. {reason}", said=_said(coding), reason=verdict.reason),
            f"{what}-value-set",
        )
    elif verdict.verdict == "unknown":
        yield warning("code-invalid", at, verdict.reason, f"{what}-value-set-unchecked")


def _verdict(canonical: str, coding: dict[str, Any], form: Form) -> Verdict | None:
    terminology, code = form.around.terminology, str(coding.get("code", ""))
    system = coding.get("system")
    if canonical.startswith("#"):
        contained = form.contained(canonical[1:])
        return value_set(contained, terminology).answer(system, code) if contained else None
    if form.around.definitions.resolve(canonical):
        return terminology.validate_code(canonical, system, code)
    found = form.around.canonical(canonical, "ValueSet")
    return value_set(found, terminology).answer(system, code) if found else None


def _said(value: Any) -> str:
    if isinstance(value, dict):
        code = value.get("code") or value.get("reference") or phrase("(no code)")
        return phrase("{system}#{code}", system=value.get("system", phrase("(no system)")), code=code)
    return f"'{str(value)[:60]}'"
