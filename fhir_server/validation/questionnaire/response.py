"""The items of a QuestionnaireResponse against those of its Questionnaire: there, in order, answered, and of the right type
(https://hl7.org/fhir/R4/questionnaireresponse.html#link).

While a response is in progress, what is still missing is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import alternatives, phrase
from fhir_server.validation.location import Location, step_of
from fhir_server.validation.questionnaire.enable_when import is_enabled
from fhir_server.validation.questionnaire.form import BASE_EXTENSION, Form, Item, extension
from fhir_server.validation.questionnaire.limits import check_limits
from fhir_server.validation.questionnaire.moment import earliest
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
    form = Form(questionnaire, around)
    yield from _period(form)
    yield from _items(objects(questionnaire.get("item")), around.resource, around.at, form, (around.resource,))


def _period(form: Form) -> Iterator[Issue]:
    period, authored = form.questionnaire.get("effectivePeriod") or {}, earliest(form.response.get("authored"))
    start, end = earliest(period.get("start")), earliest(period.get("end"))
    if authored and ((start and authored < start) or (end and authored > end)):
        allowed = phrase("{start} to {end}", start=period.get("start", ""), end=period.get("end", ""))
        sentence = phrase("The response was authored outside the period that the questionnaire is for ({allowed}).", allowed=allowed)
        yield warning("business-rule", (form.around.at, "authored", None), sentence, "questionnaire-period")


def _items(questions: list[Item], node: Item, at: Location, form: Form, scopes: tuple[Item, ...]) -> Iterator[Issue]:
    """The items of one node of the response against the questions that belong there."""
    given = indexed(node.get("item"))
    yield from _placed(questions, given, at, form, scopes)
    by_link: dict[str, Numbered] = {}
    for index, item in given:
        by_link.setdefault(str(item.get("linkId")), []).append((index, item))
    for question in questions:
        yield from _question(question, by_link.get(str(question.get("linkId")), []), at, form, scopes)


def _placed(questions: list[Item], given: Numbered, at: Location, form: Form, scopes: tuple[Item, ...]) -> Iterator[Issue]:
    """Items that belong elsewhere, nowhere, or further up."""
    places = {str(question.get("linkId")): place for place, question in enumerate(questions)}
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
            yield from _answers(form.questions[link_id], item, here, form, scopes)
        else:
            yield error(
                "not-found",
                at,
                phrase("The questionnaire has no item '{link_id}' (item[{index}]).", link_id=link_id, index=index),
                "item-unknown",
            )


def _question(question: Item, given: Numbered, at: Location, form: Form, scopes: tuple[Item, ...]) -> Iterator[Issue]:
    link_id = question.get("linkId")
    enabled = is_enabled(question, form, scopes)
    if not given and enabled and question.get("required"):
        yield _missing(phrase("The required item '{link_id}' is missing; add it.", link_id=link_id), at, form)
    if len(given) > 1 and not question.get("repeats"):
        sentence = phrase("'{link_id}' does not repeat, but stands here {given} times.", link_id=link_id, given=len(given))
        yield error("invalid", (at, "item", given[1][0]), sentence, "item-repeats")
    for index, item in given:
        here: Location = (at, "item", index)
        if not enabled and ("answer" in item or "item" in item):
            sentence = phrase("'{link_id}' is answered, though the conditions for asking it are not met (enableWhen).", link_id=link_id)
            yield error("invalid", here, sentence, "item-disabled")
        yield from _answers(question, item, here, form, scopes, enabled)


def _missing(sentence: str, at: Location, form: Form, code: str = "required") -> Issue:
    return finding("warning" if form.in_progress else "error", code, at, sentence, "answer-missing")


def _answers(question: Item, item: Item, at: Location, form: Form, scopes: tuple[Item, ...], enabled: bool = True) -> Iterator[Issue]:
    kind, answers = question.get("type"), indexed(item.get("answer"))
    yield from _text(question, item, at)
    if kind == "group":
        yield from _group(question, item, at, form, scopes, enabled)
    elif kind == "display":
        yield from _display(item, at)
    else:
        yield from _counted(question, answers, at, form, enabled)
        if "item" in item:
            sentence = phrase("Items below a question stand in its answer (answer.item), not in the item itself.")
            yield error("structure", at, sentence, "item-not-group")
        for index, answer in answers:
            yield from _answer(question, answer, (at, "answer", index), form, (answer, item, *scopes))


def _text(question: Item, item: Item, at: Location) -> Iterator[Issue]:
    said, asked = item.get("text"), question.get("text")
    if isinstance(said, str) and isinstance(asked, str) and said != asked:
        sentence = phrase(
            "The text is not that of the question '{linkid}' ('{asked}'); copy it, or leave it out.",
            linkid=question.get("linkId"),
            asked=asked[:60],
        )
        yield error("invalid", at, sentence, "item-text")


def _group(question: Item, item: Item, at: Location, form: Form, scopes: tuple[Item, ...], enabled: bool) -> Iterator[Issue]:
    if "answer" in item:
        yield error("structure", at, phrase("A group has no answers; it has items."), "group-answer")
    if question.get("required") and enabled and "item" not in item:
        yield _missing(phrase("The required group has no items."), at, form, "invariant")
    yield from _items(objects(question.get("item")), item, at, form, (item, *scopes))


def _display(item: Item, at: Location) -> Iterator[Issue]:
    if "answer" in item:
        yield error("structure", at, phrase("An item of type display has no answers."), "display-answer")
    if "item" in item:
        yield error("structure", at, phrase("An item of type display has no items."), "display-item")


def _counted(question: Item, answers: Numbered, at: Location, form: Form, enabled: bool) -> Iterator[Issue]:
    number = len(answers)
    least, most = (
        extension(question, BASE_EXTENSION + "questionnaire-minOccurs"),
        extension(question, BASE_EXTENSION + "questionnaire-maxOccurs"),
    )
    if enabled and isinstance(least, int) and number < least:
        yield _missing(phrase("{number} answers; at least {least} are asked for.", number=number, least=least), at, form, "invalid")
    elif enabled and question.get("required") and not number:
        yield _missing(phrase("The required item '{link_id}' has no answer; add it.", link_id=question.get("linkId")), at, form)
    if isinstance(most, int) and number > most:
        yield error("invalid", at, phrase("{number} answers; at most {most} are allowed.", number=number, most=most), "answer-maxOccurs")
    elif number > 1 and not question.get("repeats"):
        yield error("invalid", at, phrase("{number} answers; the question takes one.", number=number), "answer-repeats")


def _answer(question: Item, answer: Item, at: Location, form: Form, scopes: tuple[Item, ...]) -> Iterator[Issue]:
    type_name, name, value = form.value(answer)
    allowed = TYPES.get(str(question.get("type")))
    if type_name is not None and allowed is not None:
        yield from _value(question, (type_name, value), allowed, (at, step_of(name, "value", type_name), None), form)
    yield from _items(objects(question.get("item")), answer, at, form, scopes)


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
