"""Ids of elements are unique within their resource (https://hl7.org/fhir/R4/element.html#id)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.validation.location import Location, step_of
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/element.html#id"
APART = frozenset(("contained", "resource", "response", "outcome"))
"""Elements that hold resources, whose ids are their own."""

SELF_TOLD = ("StructureDefinition",)
"""Its rows have the same ids in snapshot and differential; `structure_definition` tells those that stand twice in one of them."""


def check_element_ids(around: Surroundings) -> Iterator[Issue]:
    """An error at each element with an id that an earlier one of the same resource has."""
    resource = around.resource
    if resource.get("resourceType") in SELF_TOLD or not _repeats(around.ids):
        return
    seen: set[str] = set()
    for id_, at in _placed(resource, str(resource["resourceType"]), around.at, around.definitions.schema):
        if id_ in seen:
            sentence = phrase("Another element of the resource has the id '{id}'; ids are unique in it.", id=id_)
            yield error("business-rule", at, sentence, "element-id", SOURCE)
        seen.add(id_)


def _repeats(ids: Sequence[Any]) -> bool:
    """Is there an id twice? A quick look without places, since there hardly ever is."""
    texts = [one for one in ids if type(one) is str]
    return len(set(texts)) < len(texts)


def _placed(node: dict[str, Any], type_name: str, at: Location, schema: Schema) -> Iterator[tuple[str, Location]]:
    """The ids below a node, in the order of the text, with the elements that have them."""
    elements = schema[type_name].elements if type_name in schema else {}
    for key, value in node.items():
        element = elements.get(key.removeprefix("_"))
        if key in APART or element is None:
            continue
        step = step_of(element.name, element.choice, element.type)
        inner = "Element" if key.startswith("_") else element.type
        for index, one in enumerate(value if isinstance(value, list) else (value,)):
            place: Location = (at, step, index if isinstance(value, list) else None)
            if isinstance(one, dict):
                if isinstance(one.get("id"), str):
                    yield one["id"], place
                yield from _placed(one, inner, place, schema)
