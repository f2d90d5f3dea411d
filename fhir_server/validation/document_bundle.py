"""A document or message in a Bundle: what its first resource refers to is in it, and nothing in it stands alone
(https://hl7.org/fhir/R4/documents.html#content, https://hl7.org/fhir/R4/messaging.html#message).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.model.references import parse_reference
from fhir_server.validation.bundle_index import BundleIndex, Entry
from fhir_server.validation.location import Location
from fhir_server.validation.objects import objects_within
from fhir_server.validation.surroundings import Surroundings, error, warning

SOURCE = "https://hl7.org/fhir/R4/documents.html#content"
MESSAGE_SOURCE = "https://hl7.org/fhir/R4/messaging.html#message"
WITHIN = ("subject", "encounter", "author", "custodian")
"""The references of a Composition whose targets a document must hold, beside those of its sections, attesters and events."""

Place = tuple[Location, Any]
"""Where a Reference stands, and the Reference."""


def check_document(around: Surroundings) -> Iterator[Issue]:
    """The issues of a Bundle that is a document or a message; none for other Bundles."""
    index = around.bundle
    first = index.entries[0] if index and index.entries else None
    kind = around.resource.get("type")
    if index is None or first is None or first.index != 0 or first.resource.get("resourceType") != FIRST.get(kind):
        return  # bdl-11 and bdl-12 tell
    at: Location = ((around.at, "entry", 0), "resource", None)
    places = _document_places(first.resource, at) if kind == "document" else _message_places(first.resource, at)
    for place, reference in places:
        yield from _is_here(reference, place, index, first, str(kind))
    yield from _unreached(index, around, str(kind))


FIRST: dict[Any, str] = {"document": "Composition", "message": "MessageHeader"}


def _document_places(composition: Resource, at: Location) -> Iterator[Place]:
    for name in WITHIN:
        yield from _references(composition.get(name), at, name)
    for outer, inner in (("attester", "party"), ("event", "detail")):
        for number, one in indexed(composition.get(outer)):
            yield from _references(one.get(inner), (at, outer, number), inner)
    yield from _section_places(composition, at)


def _section_places(node: dict[str, Any], at: Location) -> Iterator[Place]:
    for number, section in indexed(node.get("section")):
        place: Location = (at, "section", number)
        for name in ("author", "focus", "entry"):
            yield from _references(section.get(name), place, name)
        yield from _section_places(section, place)


def _message_places(header: Resource, at: Location) -> Iterator[Place]:
    yield from _references(header.get("focus"), at, "focus")


def _references(value: Any, at: Location, name: str) -> Iterator[Place]:
    if isinstance(value, dict):
        yield (at, name, None), value
    for number, one in indexed(value):
        yield (at, name, number), one


def _is_here(reference: dict[str, Any], at: Location, index: BundleIndex, source: Entry, kind: str) -> Iterator[Issue]:
    text = reference.get("reference")
    if not isinstance(text, str) or parse_reference(text).kind not in ("relative", "absolute", "urn"):
        return
    found = index.find(text, source.full_url)
    if not found:
        hint = phrase(" An entry has this type and id, but another fullUrl.") if index.look_alikes(text) else ""
        yield error(
            "invalid",
            at,
            phrase("{text} is not in the {kind}; add it as an entry.{hint}", text=text, kind=kind, hint=hint),
            "document-reference",
            SOURCE,
        )


def _unreached(index: BundleIndex, around: Surroundings, kind: str) -> Iterator[Issue]:
    forward, backward = _links(index)
    ahead = _reach(0, forward)
    anyhow = _reach(0, [one + other for one, other in zip(forward, backward, strict=True)])
    for number, entry in enumerate(index.entries):
        place: Location = (around.at, "entry", entry.index)
        name = entry.full_url or entry.type_and_id
        if number not in anyhow:
            sentence = phrase(
                "No chain of references joins {name} to the {first}; refer to it, or take the entry out.", name=name, first=FIRST[kind]
            )
            make = error if kind == "document" else warning
            yield make("informational", place, sentence, "document-unreachable", SOURCE if kind == "document" else MESSAGE_SOURCE)
        elif number not in ahead and kind == "document" and entry.resource.get("resourceType") != "Provenance":
            sentence = phrase(
                "{name} refers to others, but nothing that starts at the Composition refers to it; only Provenance may stand so.", name=name
            )
            yield warning("invalid", place, sentence, "document-only-backward", SOURCE)


def _links(index: BundleIndex) -> tuple[list[list[int]], list[list[int]]]:
    """For each entry, the entries that it refers to, and those that refer to it."""
    numbers = {entry.index: number for number, entry in enumerate(index.entries)}
    forward: list[list[int]] = [[] for _ in index.entries]
    backward: list[list[int]] = [[] for _ in index.entries]
    for number, entry in enumerate(index.entries):
        for text in set(_texts(entry.resource)):
            for target in index.find(text, entry.full_url):
                forward[number].append(numbers[target.index])
                backward[numbers[target.index]].append(number)
    return forward, backward


def _reach(start: int, links: list[list[int]]) -> set[int]:
    found, waiting = {start}, [start]
    while waiting:
        new = set(links[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def _texts(resource: Resource) -> Iterator[str]:
    """The texts of all references in a resource, at any depth."""
    return (one["reference"] for one in objects_within(resource) if isinstance(one.get("reference"), str))
