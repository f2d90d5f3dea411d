"""The items of a QuestionnaireResponse against those of its Questionnaire: there, in order, answered, and of the right type
(https://hl7.org/fhir/R4/questionnaireresponse.html#link).

While a response is in progress, what is still missing is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import alternatives, phrase
from fhir_server.questionnaires.answer_options import is_offered
from fhir_server.questionnaires.enablement import meets_conditions
from fhir_server.questionnaires.item import CORE, Item, extension
from fhir_server.questionnaires.moment import earliest
from fhir_server.questionnaires.pairing import Pair, stray
from fhir_server.validation.location import Location, step_of
from fhir_server.validation.questionnaire.expressions import check_calculated, check_constraints
from fhir_server.validation.questionnaire.form import Form
from fhir_server.validation.questionnaire.limits import check_limits
from fhir_server.validation.questionnaire.options import check_option
from fhir_server.validation.surroundings import Surroundings, error, finding, warning

CHOICE = ("Coding", "date", "time", "integer", "string", "Reference")
TYPES: Mapping[str, tuple[str, ...]] = {
    "boolean": ("boolean",),
    "decimal": ("decimal",),
    "integer": ("integer",),
    "date": ("date",),
    "dateTime": ("dateTime",),
    "time": ("time",),
    "string": ("string",),
    "text": ("string",),
    "url": ("uri",),
    "attachment": ("Attachment",),
    "reference": ("Reference",),
    "quantity": ("Quantity",),
    "choice": CHOICE,
    "open-choice": CHOICE,
}
"""The types of an answer's value by the type of the question."""

Numbered = list[tuple[int, Item]]


def check_questionnaire_response(around: Surroundings) -> Iterator[Issue]:
    """The issues of a response; a questionnaire that is not at hand is a warning."""
    canonical = around.resource.get("questionnaire")
    if not isinstance(canonical, str):
        sentence = phrase("The response names no questionnaire, so its answers cannot be checked.")
        yield finding("information", "required", around.at, sentence, "questionnaire-unnamed")
        return
    questionnaire = around.canonical(canonical, "Questionnaire")
    if questionnaire is None:
        sentence = phrase("The questionnaire {canonical} is not at hand, so the answers were not checked against it.", canonical=canonical)
        yield warning("required", around.at, sentence, "questionnaire-unknown")
        return
    try:
        form = Form(questionnaire, around)
    except FhirError as refused:
        yield from refused.issues
        return
    yield from _period(form)
    yield from _items(form.root, around.resource, around.at, form)
    yield from check_constraints(form)
    yield from check_calculated(form)


def _period(form: Form) -> Iterator[Issue]:
    period, authored = form.questionnaire.get("effectivePeriod") or {}, earliest(form.response.get("authored"))
    start, end = earliest(period.get("start")), earliest(period.get("end"))
    if authored and ((start and authored < start) or (end and authored > end)):
        allowed = phrase("{start} to {end}", start=period.get("start", ""), end=period.get("end", ""))
        sentence = phrase("The response was authored outside the period that the questionnaire is for ({allowed}).", allowed=allowed)
        yield warning("business-rule", (form.around.at, "authored", None), sentence, "questionnaire-period")


def _items(parent: Pair, node: Item, at: Location, form: Form) -> Iterator[Issue]:
    """The items of one node of the response (the response, a group's item, an answer) against the questions that belong there."""
    yield from _placed(parent, indexed(node.get("item")), at, form)
    pairs = parent.children if parent.type in ("", "group") else parent.below_answer(node)
    for _, same in groupby(pairs, key=lambda pair: id(pair.question)):
        yield from _question(list(same), at, form)


def _placed(parent: Pair, given: Numbered, at: Location, form: Form) -> Iterator[Issue]:
    """Items that belong elsewhere, nowhere, or further up."""
    places = {str(question.get("linkId")): place for place, question in enumerate(objects(parent.question.get("item")))}
    last = -1
    for index, item in given:
        link_id, here = str(item.get("linkId")), (at, "item", index)
        place = places.get(link_id)
        if place is not None:
            if place < last:
                yield error(
                    "structure",
                    here,
                    phrase("'{link_id}' comes before its predecessor in the questionnaire; keep its order.", link_id=link_id),
                    "item-order",
                )
            last = max(last, place)
        elif link_id in form.questions:
            yield error(
                "structure",
                here,
                phrase("'{link_id}' stands elsewhere in the questionnaire; nest it as it is there.", link_id=link_id),
                "item-place",
            )
            yield from _answers(stray(form.questions[link_id], item, parent, index), here, form)
        else:
            yield error(
                "not-found",
                at,
                phrase("The questionnaire has no item '{link_id}' (item[{index}]).", link_id=link_id, index=index),
                "item-unknown",
            )


def _question(pairs: list[Pair], at: Location, form: Form) -> Iterator[Issue]:
    question, link_id, given = pairs[0].question, pairs[0].link_id, [one for one in pairs if one.item is not None]
    if not given and question.get("required") and meets_conditions(pairs[0], form.environment):
        yield _missing(phrase("The required item '{link_id}' is missing; add it.", link_id=link_id), at, form)
    if len(given) > 1 and not question.get("repeats"):
        sentence = phrase("'{link_id}' does not repeat, but stands here {given} times.", link_id=link_id, given=len(given))
        yield error("invalid", (at, "item", given[1].index), sentence, "item-repeats")
    for pair in given:
        here, enabled = (at, "item", pair.index), meets_conditions(pair, form.environment)
        if not enabled and pair.item and ("answer" in pair.item or "item" in pair.item):
            sentence = phrase("'{link_id}' is answered, though the conditions for asking it are not met (enableWhen).", link_id=link_id)
            yield error("invalid", here, sentence, "item-disabled")
        yield from _answers(pair, here, form, enabled)


def _missing(sentence: str, at: Location, form: Form, code: str = "required") -> Issue:
    return finding("warning" if form.in_progress else "error", code, at, sentence, "answer-missing")


def _answers(pair: Pair, at: Location, form: Form, enabled: bool = True) -> Iterator[Issue]:
    question, item = pair.question, pair.item or {}
    answers = indexed(item.get("answer"))
    yield from _text(question, item, at)
    if pair.type == "group":
        yield from _group(pair, at, form, enabled)
    elif pair.type == "display":
        yield from _display(item, at)
    else:
        yield from _counted(question, answers, at, form, enabled)
        if "item" in item:
            sentence = phrase("Items below a question stand in its answer (answer.item), not in the item itself.")
            yield error("structure", at, sentence, "item-not-group")
        for index, answer in answers:
            yield from _answer(pair, answer, (at, "answer", index), form)


def _text(question: Item, item: Item, at: Location) -> Iterator[Issue]:
    said, asked = item.get("text"), question.get("text")
    if isinstance(said, str) and isinstance(asked, str) and said != asked:
        sentence = phrase(
            "The text is not that of the question '{linkid}' ('{asked}'); copy it, or leave it out.",
            linkid=question.get("linkId"),
            asked=asked[:60],
        )
        yield error("invalid", at, sentence, "item-text")


def _group(pair: Pair, at: Location, form: Form, enabled: bool) -> Iterator[Issue]:
    item = pair.item or {}
    if "answer" in item:
        yield error("structure", at, phrase("A group has no answers; it has items."), "group-answer")
    if pair.question.get("required") and enabled and "item" not in item:
        yield _missing(phrase("The required group has no items."), at, form, "invariant")
    yield from _items(pair, item, at, form)


def _display(item: Item, at: Location) -> Iterator[Issue]:
    if "answer" in item:
        yield error("structure", at, phrase("An item of type display has no answers."), "display-answer")
    if "item" in item:
        yield error("structure", at, phrase("An item of type display has no items."), "display-item")


def _counted(question: Item, answers: Numbered, at: Location, form: Form, enabled: bool) -> Iterator[Issue]:
    number = len(answers)
    least, most = (
        extension(question, CORE + "questionnaire-minOccurs"),
        extension(question, CORE + "questionnaire-maxOccurs"),
    )
    if enabled and isinstance(least, int) and number < least:
        yield _missing(phrase("{number} answers; at least {least} are asked for.", number=number, least=least), at, form, "invalid")
    elif enabled and question.get("required") and not number:
        yield _missing(phrase("The required item '{link_id}' has no answer; add it.", link_id=question.get("linkId")), at, form)
    if isinstance(most, int) and number > most:
        yield error("invalid", at, phrase("{number} answers; at most {most} are allowed.", number=number, most=most), "answer-maxOccurs")
    elif number > 1 and not question.get("repeats"):
        yield error("invalid", at, phrase("{number} answers; the question takes one.", number=number), "answer-repeats")


def _answer(pair: Pair, answer: Item, at: Location, form: Form) -> Iterator[Issue]:
    type_name, name, value = form.value(answer)
    allowed = TYPES.get(pair.type)
    if type_name is not None and allowed is not None:
        yield from _value(pair.question, (type_name, value), allowed, (at, step_of(name, "value", type_name), None), form)
        if not is_offered(type_name, value, pair, form.environment):
            sentence = phrase("The questionnaire does not offer this option here (answerOptionsToggleExpression).")
            yield error("invariant", at, sentence, "answer-option-disabled")
    yield from _items(pair, answer, at, form)


def _value(question: Item, typed: tuple[str, Any], allowed: tuple[str, ...], at: Location, form: Form) -> Iterator[Issue]:
    type_name, value = typed
    if type_name not in allowed:
        yield error(
            "invariant",
            at,
            phrase("The answer is a {type_name}; the question asks for {allowed}.", type_name=type_name, allowed=alternatives(allowed)),
            "answer-type",
        )
    elif question.get("type") in ("choice", "open-choice") or "answerOption" in question:
        yield from check_option(question, type_name, value, at, form)
        yield from check_limits(question, type_name, value, at, form)
    else:
        yield from check_limits(question, type_name, value, at, form)
