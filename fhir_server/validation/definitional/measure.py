"""A Measure's criteria in CQL: are their definitions in the libraries it names? (https://hl7.org/fhir/R4/measure.html)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.validation.attachment import content_of
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/measure-definitions.html#Measure.group.population.criteria"
CQL = ("text/cql", "text/cql-identifier", "text/cql.identifier")

_DEFINE = re.compile(r'^\s*define\s+(?:function\s+|fluent\s+|private\s+|public\s+)*(?:"([^"]+)"|(\w+))', re.MULTILINE)
_NAMED = re.compile(r'(?:"([^"]+)"|(\w+))\.(?:"([^"]+)"|(\w+))')


def check_measure(around: Surroundings) -> Iterator[Issue]:
    """The issues of a Measure's criteria; what cannot be read as Library.Definition is passed over."""
    libraries = dict(_libraries(around))
    for criteria, at in _criteria(around.resource, around.at):
        named = _NAMED.fullmatch(str(criteria.get("expression", ""))) if criteria.get("language") in CQL else None
        if named is None:
            continue
        library, definition = named[1] or named[2], named[3] or named[4]
        if library in libraries and definition not in libraries[library]:
            yield error(
                "invalid",
                at,
                phrase("The library {library} defines no '{definition}'.", library=library, definition=definition),
                "measure-criteria",
                SOURCE,
            )


def _libraries(around: Surroundings) -> Iterator[tuple[str, set[str]]]:
    """The definitions of each library at hand that has its CQL, by the library's name and by the end of its URL."""
    listed = around.resource.get("library")
    for canonical in listed if isinstance(listed, list) else ():
        library = around.canonical(canonical, "Library") if isinstance(canonical, str) else None
        source = _cql(library) if library else None
        for name in (library.get("name"), str(library.get("url")).rpartition("/")[2]) if library and source is not None else ():
            if name:
                yield str(name), {quoted or plain for quoted, plain in _DEFINE.findall(source or "")}


def _cql(library: Resource) -> str | None:
    texts = [content_of(one) for one in objects(library.get("content")) if one.get("contentType") == "text/cql"]
    return next((text.decode("utf-8", "replace") for text in texts if text), None)


def _criteria(measure: Resource, at: Location) -> Iterator[tuple[dict[str, Any], Location]]:
    for number, group in indexed(measure.get("group")):
        for name in ("population", "stratifier"):
            yield from _of(group, name, (at, "group", number))
    yield from _of(measure, "supplementalData", at)


def _of(node: dict[str, Any], name: str, at: Location) -> Iterator[tuple[dict[str, Any], Location]]:
    for index, one in indexed(node.get(name)):
        if isinstance(one.get("criteria"), dict):
            yield one["criteria"], ((at, name, index), "criteria", None)
