"""References that are searches (`Patient?identifier=x`), where nobody puts their target in their place.

R4 resolves them in transactions only (https://hl7.org/fhir/R4/http.html#trules, `links.ConditionalReference`). Stored as they are they
would lead nowhere and no search would find them, so any other write of one is refused. What stands in the entries of a Bundle that is
stored as a resource is that Bundle's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase

_WRITTEN = re.compile(rb'"reference":"(?!https?:|urn:)[^"?#]*\?')
_SEARCH = re.compile(r"(?!https?:|urn:)[^?#]*\?")


def refuse_conditional_references(resource: Resource, content: bytes) -> None:
    """INVALID for each reference that is a search; `content` is the resource as compact JSON, which is looked at first."""
    if _WRITTEN.search(content) is None:
        return
    if issues := [_issue(text, place) for text, place in _searches(resource, str(resource.get("resourceType")))]:
        raise FhirError(Category.INVALID, issues)


def _searches(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each search with its place, in order."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _searches(item, f"{place}[{index}]")
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str) and _SEARCH.match(value):
                yield value, f"{place}.reference"
            elif not _is_apart(name, value):
                yield from _searches(value, f"{place}.{name}")


def _is_apart(name: str, value: Any) -> bool:
    """A resource in a Bundle or in Parameters; what is contained belongs to its resource."""
    return name != "contained" and isinstance(value, dict) and "resourceType" in value


def _issue(search: str, place: str) -> Issue:
    sentence = phrase(
        "The reference '{search}' is a search, which only a transaction resolves. Name the target as Type/id, or send the resource in a "
        "Bundle of type transaction. Nothing was stored.",
        search=search[:200],
    )
    return Issue("error", "business-rule", sentence, place, message_id="conditional-reference")
