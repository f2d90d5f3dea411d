"""A narrative's links, images, ids and language (https://hl7.org/fhir/R4/narrative.html#xhtml).

Which elements and attributes it may have is told by the invariants txt-1 and txt-2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.model.xhtml import UnreadableXhtml, xhtml_for_xml
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Visit, warning

SOURCE = "https://hl7.org/fhir/R4/narrative.html#xhtml"
XML_LANG = "http://www.w3.org/XML/1998/namespace lang"


@dataclass(slots=True)
class Anchors:
    """What a narrative refers to and can be referred to by."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    language: str | None = None
    sections: list[str] = field(default_factory=list)
    depth: int = 0

    def end(self, _name: str) -> None:
        self.depth -= 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; names are `namespace local`."""
        local = name.rpartition(" ")[2]
        language = attributes.get("lang") or attributes.get(XML_LANG)
        if self.depth == 0:
            self.language = language
        elif self.depth == 1 and local == "div" and language:
            self.sections.append(language)
        self.depth += 1
        self.ids += {attributes[one] for one in ("id", "name") if one in attributes and (one == "id" or local == "a")}
        if local == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if local == "img" and "src" in attributes:
            self.images.append(attributes["src"])


def anchors(div: Any) -> Anchors | None:
    """The ids, links and images of a narrative's div; None where it cannot be read."""
    found = Anchors()
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    try:
        parser.Parse(xhtml_for_xml(div).encode("utf-8", "surrogatepass"), True)
    except (UnreadableXhtml, expat.ExpatError):
        return None
    return found


def check_narrative(visit: Visit) -> Iterator[Issue]:
    """The issues of one Narrative beside txt-1 and txt-2."""
    div = visit.value.get("div") if isinstance(visit.value, dict) else None
    found = anchors(div) if isinstance(div, str) else None
    if found is None:
        return
    at: Location = (visit.at, "div", None)
    for id_, times in Counter(found.ids).items():
        if times > 1:
            yield warning(
                "invalid",
                at,
                phrase("The id '{id}' stands {times} times in the narrative; ids are unique.", id=id_, times=times),
                "narrative-id",
                SOURCE,
            )
    for link in found.links:
        if link.startswith("#") and link[1:] and link[1:] not in found.ids and link[1:] not in _ids(visit.around.container):
            yield warning(
                "invalid",
                at,
                phrase("The link '{link}' leads to no id of the narrative or the resource.", link=link),
                "narrative-link",
                SOURCE,
            )
    for image in found.images:
        if image.startswith("#") and visit.around.contained(image[1:]) is None:
            yield warning("invalid", at, phrase("The image '{image}' is no contained resource.", image=image), "narrative-image", SOURCE)
    yield from _language(visit, found.language or next(iter(found.sections), None))


def _language(visit: Visit, language: str | None) -> Iterator[Issue]:
    said = visit.around.resource.get("language")
    if not isinstance(said, str):
        return
    if language is not None and language.partition("-")[0].lower() != said.partition("-")[0].lower():
        sentence = phrase("The resource is in '{said}', its narrative in '{language}'; make them agree.", said=said, language=language)
        yield warning("business-rule", visit.around.at, sentence, "narrative-language", SOURCE)


def _ids(node: Any) -> set[str]:
    """The ids of a resource's elements."""
    found: set[str] = set()
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("id"), str):
                found.add(one["id"])
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def images_of(resource: Resource) -> Iterator[str]:
    """The image sources of all narratives in a resource that refer to contained resources."""
    waiting: list[Any] = [resource]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            div = node.get("div")
            if isinstance(div, str) and "<img" in div and (found := anchors(div)):
                yield from (one for one in found.images if one.startswith("#"))
            waiting += node.values()
