"""The extension narrativeLink: the part of a narrative that an element was told in (https://hl7.org/fhir/extensions/StructureDefinition-narrativeLink.html)."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.narrative import anchors
from fhir_server.validation.surroundings import Visit, error

URL = "http://hl7.org/fhir/StructureDefinition/narrativeLink"


def check_narrative_link(visit: Visit) -> Iterator[Issue]:
    """In a Bundle, the link's resource is an entry and the part is there once."""
    extension, bundle = visit.value, visit.around.bundle
    if not isinstance(extension, dict) or extension.get("url") != URL or bundle is None:
        return
    link = extension.get("valueUrl") or extension.get("valueUri")
    address, has_part, part = link.partition("#") if isinstance(link, str) else ("", "", "")
    if not has_part:
        return
    entries = bundle.find(address, visit.around.full_url) if address else ()
    target = entries[0].resource if entries else None if address else visit.around.container
    if target is None:
        yield error(
            "not-found", visit.at, phrase("No entry of the Bundle has the fullUrl {address}.", address=address), "narrative-link-entry", URL
        )
        return
    div = (target.get("text") or {}).get("div")
    found = anchors(div) if isinstance(div, str) else None
    number = found.ids.count(part) if found else 0
    if number != 1:
        sentence = phrase(
            "The narrative of {address} has {number} elements with the id '{part}'; it must have one.",
            address=address or phrase("the resource"),
            number=number,
            part=part[:80],
        )
        yield error("invalid", visit.at, sentence, "narrative-link-part", URL)
