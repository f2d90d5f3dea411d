"""The entries of a searchset: resources with ids, of the type that was searched for, each with its search mode
(https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/bundle.html#searchset).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning

SOURCE = "https://hl7.org/fhir/R4/bundle.html#searchset"
OUTCOME = "OperationOutcome"


def check_searchset(around: Surroundings) -> Iterator[Issue]:
    """The issues of a searchset's links and entries; none for other Bundles."""
    if around.resource.get("type") != "searchset":
        return
    self_link = next((link for link in objects(around.resource.get("link")) if link.get("relation") == "self"), None)
    if self_link is None:
        sentence = phrase("Add a link with the relation self that says what was searched for.")
        yield warning("invalid", around.at, sentence, "searchset-self", SOURCE)
    types = _searched(str((self_link or {}).get("url", "")), around)
    entries = indexed(around.resource.get("entry"))
    if any("mode" not in (entry.get("search") or {}) for _, entry in entries):
        sentence = phrase("Say in each entry's search.mode whether it matched or was included.")
        yield warning("invalid", around.at, sentence, "searchset-mode", SOURCE)
    for index, entry in entries:
        yield from _entry(entry, (around.at, "entry", index), types)


def _searched(url: str, around: Surroundings) -> frozenset[str]:
    """The resource types that a search's URL names; none where it does not say."""
    parts = urlsplit(url)
    last = parts.path.rpartition("/")[2]
    if last in around.definitions.schema.resource_types:
        return frozenset((last,))
    listed = parse_qs(parts.query).get("_type", [])
    return frozenset(name for one in listed for name in one.split(","))


def _entry(entry: dict[str, Any], at: Location, types: frozenset[str]) -> Iterator[Issue]:
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        yield error("invalid", at, phrase("An entry of a searchset holds a resource."), "searchset-resource", SOURCE)
        return
    mode, place = (entry.get("search") or {}).get("mode"), (at, "resource", None)
    if mode in ("match", "include") and "id" not in resource and resource.get("resourceType") != OUTCOME:
        sentence = phrase("A resource that a search found has an id.")
        yield error("invalid", place, sentence, "searchset-id", SOURCE)
    yield from _type(str(resource.get("resourceType")), mode, place, types)


def _type(found: str, mode: Any, at: Location, types: frozenset[str]) -> Iterator[Issue]:
    if mode == "match" and types and found not in types:
        sentence = phrase("A {found} cannot match a search for {types}; its mode is include.", found=found, types=", ".join(sorted(types)))
        yield error("invalid", at, sentence, "searchset-type", SOURCE)
    elif mode == "outcome" and found != OUTCOME:
        sentence = phrase("An entry with the mode outcome holds an OperationOutcome, not a {found}.", found=found)
        yield error("invalid", at, sentence, "searchset-type", SOURCE)
