"""Items of a Questionnaire and of a QuestionnaireResponse as they are written: their extensions, what lies below them, an answer's value
(https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/R4/questionnaireresponse.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.schema import Schema

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

Item = dict[str, Any]
Answer = dict[str, Any]


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


def complex_extensions(item: Item, url: str) -> list[Item]:
    """All extensions with a URL that are made of extensions."""
    return [one for one in objects(item.get("extension")) if one.get("url") == url and "extension" in one]


@lru_cache(maxsize=8)
def answer_types(schema: Schema) -> dict[str, str]:
    """JSON name -> FHIR type of what an answer may be."""
    return {one.name: one.type for one in schema["QuestionnaireResponse.item.answer"].elements.values() if one.choice}


def answer_value(answer: Answer, schema: Schema) -> tuple[str | None, str, Any]:
    """(FHIR type, JSON name, value) of an answer; the type is None where it has no value."""
    for name, type_name in answer_types(schema).items():
        if name in answer:
            return type_name, name, answer[name]
    return None, "", None
