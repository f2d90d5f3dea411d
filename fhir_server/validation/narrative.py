"""A narrative's links, images, ids and language (https://hl7.org/fhir/R4/narrative.html#xhtml).

Which elements and attributes it may have is told by the invariants txt-1 and txt-2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.model.xhtml import UnreadableXhtml, unparsed_xhtml
from fhir_server.validation.location import Location
from fhir_server.validation.objects import objects_within
from fhir_server.validation.surroundings import Visit, error, warning

SOURCE = "https://hl7.org/fhir/R4/narrative.html#xhtml"
XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
XHTML = "http://www.w3.org/1999/xhtml"
BLOCKS = frozenset(("div", "blockquote", "table", "ol", "ul", "p"))
"""Elements that a browser ends a paragraph for (https://html.spec.whatwg.org/#the-p-element)."""

_DATA = re.compile(r"data:\s*[\w*]+/[\w.+*-]+(;\s*\w+=[^;,\s]+)?;base64,[A-Za-z0-9+/\s]*={0,2}")
_DECLARED = re.compile(r"\sxmlns(:\w+)?\s*=")
_URL = re.compile(r"[\w;?:@&=+$.,/%\-~#\[\]!'()*|]+")


@dataclass(slots=True)
class Anchors:
    """What a narrative refers to and can be referred to by."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    language: str | None = None
    sections: list[str] = field(default_factory=list)
    depth: int = 0
    foreign: list[str] = field(default_factory=list)  # names of elements outside of XHTML's namespace
    blocks: list[str] = field(default_factory=list)  # of blocks inside a paragraph
    paragraphs: int = 0

    def end(self, name: str) -> None:
        self.depth -= 1
        self.paragraphs -= name.endswith(" p")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; names are `namespace local`."""
        namespace, _, local = name.rpartition(" ")
        if namespace != XHTML:
            self.foreign.append(local)
        if self.paragraphs and local in BLOCKS:
            self.blocks.append(local)
        self.paragraphs += name.endswith(" p")
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
        parser.Parse(unparsed_xhtml(div).encode("utf-8", "surrogatepass"), True)
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
    yield from _form(found, str(div), at)
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


def _form(found: Anchors, div: str, at: Location) -> Iterator[Issue]:
    """What is no XHTML, or what a browser shows otherwise than written."""
    if found.foreign or not _DECLARED.search(div.partition(">")[0]):
        sentence = phrase("The div needs the namespace of XHTML: xmlns='{xhtml}'.", xhtml=XHTML)
        yield error("invalid", at, sentence, "narrative-namespace", SOURCE)
    for name in dict.fromkeys(found.blocks):
        sentence = phrase("A paragraph cannot hold a {name}; end the p before it.", name=name)
        yield error("invalid", at, sentence, "narrative-paragraph", SOURCE)
    for link in (*found.links, *found.images):
        if not (_DATA if link.startswith("data:") else _URL).fullmatch(link):
            sentence = phrase("The address '{link}' is no URL; escape what is not allowed in one.", link=link[:60])
            yield error("invalid", at, sentence, "narrative-url", SOURCE)


def _language(visit: Visit, language: str | None) -> Iterator[Issue]:
    said = visit.around.resource.get("language")
    if not isinstance(said, str):
        return
    if language is not None and language.partition("-")[0].lower() != said.partition("-")[0].lower():
        sentence = phrase("The resource is in '{said}', its narrative in '{language}'; make them agree.", said=said, language=language)
        yield warning("business-rule", visit.around.at, sentence, "narrative-language", SOURCE)


def _ids(node: Any) -> set[str]:
    """The ids of a resource's elements."""
    return {one["id"] for one in objects_within(node) if isinstance(one.get("id"), str)}


def images_of(resource: Resource) -> Iterator[str]:
    """The image sources of all narratives in a resource that refer to contained resources."""
    for one in objects_within(resource):
        div = one.get("div")
        if isinstance(div, str) and "<img" in div and (found := anchors(div)):
            yield from (image for image in found.images if image.startswith("#"))
