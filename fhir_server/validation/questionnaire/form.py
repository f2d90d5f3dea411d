"""A Questionnaire and a QuestionnaireResponse side by side, each indexed by linkId
(https://hl7.org/fhir/R4/questionnaireresponse.html#link).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.references import parse_reference
from fhir_server.validation.surroundings import Surroundings

BASE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"

Item = dict[str, Any]
Answer = dict[str, Any]


class Form:
    """A response that is checked, and the questionnaire that it answers."""

    def __init__(self, questionnaire: Resource, around: Surroundings):
        self.questionnaire, self.around, self.response = questionnaire, around, around.resource
        self.in_progress = self.response.get("status") == "in-progress"
        self._types = {
            one.name: one.type for one in around.definitions.schema["QuestionnaireResponse.item.answer"].elements.values() if one.choice
        }

    @cached_property
    def questions(self) -> dict[str, Item]:
        """The items of the questionnaire at any depth."""
        return {str(item.get("linkId")): item for item in below(self.questionnaire)}

    @cached_property
    def _answered(self) -> dict[str, list[tuple[Item, frozenset[int]]]]:
        found: dict[str, list[tuple[Item, frozenset[int]]]] = {}
        waiting: list[tuple[Any, frozenset[int]]] = [(self.response, frozenset())]
        while waiting:
            node, above = waiting.pop()
            inside = above | {id(node)}
            for item in objects(node.get("item")):
                found.setdefault(str(item.get("linkId")), []).append((item, inside))
                waiting += [(item, inside), *((answer, inside | {id(item)}) for answer in objects(item.get("answer")))]
        return found

    def contained(self, id_: str) -> Resource | None:
        """The resource that the questionnaire, or its own container, contains under this id."""
        own = next((one for one in objects(self.questionnaire.get("contained")) if one.get("id") == id_), None)
        return own or self.around.contained(id_)

    def answers_near(self, link_id: str, scopes: tuple[Item, ...]) -> list[Answer]:
        """The answers to a question in the nearest of the nodes around it (innermost first) that has any."""
        items = self._answered.get(link_id, [])
        for scope in scopes:
            near = [item for item, above in items if id(scope) in above or item is scope]
            if near:
                return [answer for item in near for answer in objects(item.get("answer"))]
        return []

    def value(self, answer: Answer) -> tuple[str | None, str, Any]:
        """(FHIR type, JSON name, value) of an answer; the type is None where it has no value."""
        for name, type_name in self._types.items():
            if name in answer:
                return type_name, name, answer[name]
        return None, "", None


def below(node: Any) -> Iterator[Item]:
    """All items below a questionnaire, a response or an item."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        items = objects(one.get("item"))
        yield from items
        waiting += items


def extension(item: Item, url: str) -> Any:
    """The value of an extension by URL; None without it."""
    return next(iter(extensions(item, url)), None)


def extensions(item: Item, url: str) -> list[Any]:
    """The values of all extensions with a URL."""
    found = [one for one in objects(item.get("extension")) if one.get("url") == url]
    return [value for one in found for key, value in one.items() if key.startswith("value")]


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
