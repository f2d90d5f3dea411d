"""Contained resources: each has its own id, and something refers to it or it refers to its container
(https://hl7.org/fhir/R4/references.html#contained, invariant dom-3).

dom-3 is checked here and not as FHIRPath: R4's expression walks the whole resource once for every contained one, and it knows nothing of
the images of a narrative.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.validation.narrative import images_of
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "http://hl7.org/fhir/StructureDefinition/DomainResource#dom-3"


def check_contained(around: Surroundings) -> Iterator[Issue]:
    """The issues of a container's contained resources."""
    contained = indexed(around.resource.get("contained"))
    if not contained:
        return
    yield from _duplicates(around, contained)
    texts = _references(around.resource)
    wanted = {text[1:].partition("|")[0] for text in texts} | {image[1:] for image in images_of(around.resource)}
    lonely = [one for _, one in contained if one.get("id") not in wanted and not _refers_to_container(one)]
    if lonely:
        names = ", ".join(f"{one.get('resourceType')} #{one.get('id')}" for one in lonely)
        sentence = phrase(
            "Contained, but nothing refers to it, nor it to its container: {names}. Refer to it, or take it out. (dom-3)", names=names
        )
        yield error("invariant", around.at, sentence, "invariant-dom-3", SOURCE)


def _duplicates(around: Surroundings, contained: list[tuple[int, Resource]]) -> Iterator[Issue]:
    seen: set[Any] = set()
    for index, one in contained:
        id_ = one.get("id")
        if id_ is None:
            sentence = phrase("A contained resource needs an id, so that it can be referred to.")
            yield error("required", (around.at, "contained", index), sentence, "contained-id-missing", SOURCE)
        elif isinstance(id_, str) and id_ in seen:
            sentence = phrase("Another contained resource has the id '{id}'; ids are unique within the container.", id=id_)
            yield error("business-rule", (around.at, "contained", index), sentence, "contained-id", SOURCE)
        seen.add(id_ if isinstance(id_, str) else None)


def _references(resource: Resource) -> set[str]:
    """All strings of a resource that begin with #, wherever they stand: references, canonicals and URIs alike."""
    found: set[str] = set()
    waiting: list[Any] = [resource]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            if node.startswith("#"):
                found.add(node)
        elif isinstance(node, (dict, list)):
            waiting += node.values() if isinstance(node, dict) else node
    return found


def _refers_to_container(contained: Resource) -> bool:
    return "#" in _references(contained)
