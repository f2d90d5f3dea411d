"""The links of a Bundle: each relation that leads somewhere once, and those of paging where there are pages
(https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.link).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.link"
PAGES = ("first", "previous", "prev", "next", "last")
PAGED = ("searchset", "history")


def check_bundle_links(around: Surroundings) -> Iterator[Issue]:
    """The issues of a Bundle's links."""
    paged = around.resource.get("type") in PAGED
    seen: set[str] = set()
    for index, link in indexed(around.resource.get("link")):
        relation, at = str(link.get("relation")), (around.at, "link", index)
        place: Location = at if paged else (at, "relation", None)
        if relation in PAGES and not paged:
            sentence = phrase("The relation '{relation}' is for the pages of a search or a history; take the link out.", relation=relation)
            yield error("invalid", place, sentence, "bundle-link-page", SOURCE)
        elif relation in seen and relation in (*PAGES, "self"):
            sentence = phrase("Another link has the relation '{relation}'; keep one.", relation=relation)
            yield error("invalid", place, sentence, "bundle-link-twice", SOURCE)
        seen.add(relation)
