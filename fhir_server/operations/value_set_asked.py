"""Which value set an operation is about: the stored one, one in the body, or one by its URL (https://hl7.org/fhir/R4/valueset-operations.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.sent import sent
from fhir_server.terminology import Terminology
from fhir_server.terminology.value_set import ValueSet

MAX_PARTS = 200
"""Includes, excludes and filters of a value set that comes in a body: each may walk a whole code system."""

_REPEATED_REPETITION = re.compile(r"[*+}]\)*[*+{]")


def value_set_asked(arguments: Arguments, definitions: Definitions, stored: Resource | None) -> Resource:
    """The ValueSet resource; MALFORMED where none or several are named, NOT_FOUND where it is not here."""
    inline, url = sent(arguments, "valueSet", "ValueSet", definitions), arguments.text("url")
    if sum(one is not None for one in (stored, inline, url)) != 1:
        sentence = "Name one value set: by its id in the address, by 'url', or send it as the parameter 'valueSet'."
        raise fault(Category.MALFORMED, "required", sentence)
    if inline is not None:
        return _bounded(inline)
    return stored if stored is not None else _resolved(str(url), arguments.text("valueSetVersion"), definitions)


def _resolved(url: str, version: str | None, definitions: Definitions) -> Resource:
    canonical = f"{url}|{version}" if version and "|" not in url else url
    found = definitions.resolve(canonical)
    if found is None or found.get("resourceType") != "ValueSet":
        sentence = f"The value set {canonical[:200]} is neither in a package in use nor stored here; add the package, or PUT the ValueSet."
        raise fault(Category.NOT_FOUND, "not-found", sentence)
    return found


def compiled(resource: Resource, terminology: Terminology) -> ValueSet:
    """The set as something that answers; MALFORMED where it is no ValueSet that could be read."""
    try:
        return ValueSet(resource, terminology)
    except (AttributeError, TypeError, ValueError):
        raise fault(Category.MALFORMED, "structure", "The ValueSet cannot be read; POST it to /ValueSet/$validate to learn why.") from None


def _bounded(resource: Resource) -> Resource:
    compose = resource.get("compose")
    parts = [part for name in ("include", "exclude") for part in _objects(compose, name)]
    filters = [one for part in parts for one in _objects(part, "filter")]
    if len(parts) + len(filters) > MAX_PARTS:
        sentence = f"A ValueSet in a body may have {MAX_PARTS} includes, excludes and filters; store a larger one and name it by its URL."
        raise fault(Category.TOO_LARGE, "too-costly", sentence)
    if any(one.get("op") == "regex" and _REPEATED_REPETITION.search(str(one.get("value"))) for one in filters):
        raise fault(Category.INVALID, "too-costly", "A regex filter repeats a repetition, which can take for ever; write it without.")
    return resource


def _objects(holder: Any, name: str) -> Iterator[dict[str, Any]]:
    listed = holder.get(name) if isinstance(holder, dict) else None
    yield from (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))
