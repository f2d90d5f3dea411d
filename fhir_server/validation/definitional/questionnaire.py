"""A Questionnaire's conditions: do they ask about questions that are there, before them, with answers that these can have?
(https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). That linkIds are unique is que-2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import alternatives, phrase
from fhir_server.validation.location import Location
from fhir_server.validation.questionnaire.response import TYPES
from fhir_server.validation.surroundings import Surroundings, error, warning

SOURCE = "https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen"

Placed = tuple[dict[str, Any], Location]


def check_questionnaire(around: Surroundings) -> Iterator[Issue]:
    """The issues of a Questionnaire's enableWhen."""
    items = list(_items(around))
    order = {str(item.get("linkId")): number for number, (item, _) in reversed(list(enumerate(items)))}
    for number, (item, at) in enumerate(items):
        yield from _behavior(item, at)
        for _, condition in indexed(item.get("enableWhen")):
            yield from _condition(condition, number, at, order, items)


def _behavior(item: dict[str, Any], at: Location) -> Iterator[Issue]:
    """que-12 as it is meant: R4's expression only begins at three conditions, and finds those itself."""
    if len(indexed(item.get("enableWhen"))) == 2 and "enableBehavior" not in item:
        yield error(
            "invariant",
            at,
            phrase("With more than one enableWhen, enableBehavior says whether all or any must hold. (que-12)"),
            "invariant-que-12",
            SOURCE,
        )


def _items(around: Surroundings) -> Iterator[Placed]:
    waiting: list[Placed] = [(one, (around.at, "item", index)) for index, one in reversed(indexed(around.resource.get("item")))]
    while waiting:
        item, place = waiting.pop()
        yield item, place
        waiting += [(one, (place, "item", index)) for index, one in reversed(indexed(item.get("item")))]


def _condition(condition: dict[str, Any], number: int, at: Location, order: dict[str, int], items: list[Placed]) -> Iterator[Issue]:
    link_id = condition.get("question")
    place = order.get(str(link_id))
    if place is None:
        yield error(
            "business-rule",
            at,
            phrase("The condition asks about '{link_id}', which is no linkId here.", link_id=link_id),
            "enable-when-target",
            SOURCE,
        )
    elif place == number:
        yield error("business-rule", at, phrase("The condition asks about its own question."), "enable-when-self", SOURCE)
    else:
        if place > number:
            yield warning(
                "business-rule",
                at,
                phrase("The condition asks about '{link_id}', which comes later.", link_id=link_id),
                "enable-when-order",
                SOURCE,
            )
        yield from _type(condition, items[place][0], at)


def _type(condition: dict[str, Any], question: dict[str, Any], at: Location) -> Iterator[Issue]:
    name = next((key for key in condition if key.startswith("answer")), None)
    allowed = TYPES.get(str(question.get("type")))
    if name is None or condition.get("operator") == "exists" or allowed is None:
        return
    if name.removeprefix("answer").lower() not in [one.lower() for one in (*allowed, *(["string"] if "uri" in allowed else []))]:
        sentence = phrase(
            "The condition compares with {name}, but '{linkid}' is answered with {allowed}.",
            name=name,
            linkid=question.get("linkId"),
            allowed=alternatives(allowed),
        )
        yield warning("business-rule", at, sentence, "enable-when-type", SOURCE)
