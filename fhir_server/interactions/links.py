"""References inside a transaction: full URLs become what the entries are stored as, conditional references what they match
(https://hl7.org/fhir/R4/http.html#trules).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.model.json_format import Resource

_NEVER = frozenset(("value", "valueString", "valueCode", "valueMarkdown", "valueId", "div"))
"""Text that may look like a link and is none: Identifier.value, strings. R4 asks for Reference, uri, url, oid, uuid and canonical."""

_IN_NARRATIVE = re.compile(r"""(?<=href=")[^"]*|(?<=src=")[^"]*""")


@dataclass(frozen=True, slots=True)
class ConditionalReference:
    """A `Reference` object whose `reference` is a search: Practitioner?identifier=..."""

    holder: dict[str, Any]

    @property
    def search(self) -> str:
        return str(self.holder["reference"])


def rewrite(resource: Resource, urls: Mapping[str, str]) -> list[ConditionalReference]:
    """Replace in place every link to a full URL of `urls`; returns the conditional references found on the way."""
    conditional: list[ConditionalReference] = []
    _walk(resource, urls, conditional)
    return conditional


def _walk(node: dict[str, Any], urls: Mapping[str, str], conditional: list[ConditionalReference]) -> None:
    for key, value in node.items():
        kind = type(value)
        if kind is str:
            if key == "reference":
                _reference(node, value, urls, conditional)
            elif value.startswith("urn:") and key not in _NEVER:
                node[key] = urls.get(value, value)
            elif key == "div" and "urn:" in value:
                node[key] = _IN_NARRATIVE.sub(lambda found: urls.get(found[0], found[0]), value)
        elif kind is dict:
            _walk(value, urls, conditional)
        elif kind is list:
            _walk_list(key, value, urls, conditional)


def _walk_list(key: str, values: list[Any], urls: Mapping[str, str], conditional: list[ConditionalReference]) -> None:
    for position, value in enumerate(values):
        if type(value) is dict:
            _walk(value, urls, conditional)
        elif type(value) is str and value.startswith("urn:") and key not in _NEVER:
            values[position] = urls.get(value, value)


def _reference(node: dict[str, Any], value: str, urls: Mapping[str, str], conditional: list[ConditionalReference]) -> None:
    if "?" in value and not value.startswith(("http:", "https:", "urn:")):
        conditional.append(ConditionalReference(node))
    else:
        base, separator, fragment = value.partition("#")
        if base in urls:
            node["reference"] = urls[base] + separator + fragment
