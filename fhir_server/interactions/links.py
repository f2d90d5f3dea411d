"""Links inside a transaction: full URLs become what the entries are stored as, conditional references what they match
(https://hl7.org/fhir/R4/http.html#trules).

R4 asks for it in references, in elements of type uri, url, oid and uuid, and in href and src of a narrative; not in canonical ones,
nor in texts that only look like links (Identifier.value).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema

_LINKS = frozenset(("uri", "url", "oid", "uuid"))
_LEADING = _LINKS | {"reference", "xhtml"}
"""Types of texts that may lead to an entry; most texts are of none."""

_IN_NARRATIVE = re.compile(r"""(?P<before>\b(?:href|src)\s*=\s*(?P<quote>["']))(?P<url>[^"']*)(?=(?P=quote))""")
_VERSION = "/_history/"


@dataclass(frozen=True, slots=True)
class ConditionalReference:
    """A `Reference` object whose `reference` is a search: Practitioner?identifier=..."""

    holder: dict[str, Any]
    search: str


class Links:
    """Where each full URL of a bundle leads; `created` are the places that the transaction makes, all in version 1."""

    def __init__(self, places: Mapping[str, str], created: frozenset[str] = frozenset()):
        self._places = places
        self._created = created

    def target(self, url: str) -> str | None:
        """What stands for a link, its version and fragment kept; None where it leads out of the bundle.

        A version of what the transaction creates can only be its first, whatever the bundle says.
        """
        found = self._places.get(url)
        if found is not None:
            return found
        base, hash_, fragment = url.partition("#")
        base, versioned, version = base.partition(_VERSION)
        place = self._places.get(base)
        if place is None:
            return None
        return place + (_VERSION + ("1" if place in self._created else version) if versioned else "") + hash_ + fragment


@dataclass(slots=True)
class Rewriting:
    """The walk over the resources of one transaction; `conditional` collects the references that are searches.

    `tables` (the type of each property of each type) are worked out when first needed; who keeps them spares the next one that.
    """

    links: Links
    schema: Schema
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    conditional: list[ConditionalReference] = field(default_factory=list)

    def resource(self, resource: Resource) -> None:
        """Replace in place every link that leads to an entry. A conformance resource's own `url` is its name and no link, even where the
        entry's full URL is the same.
        """
        name = resource.get("url")
        self._walk(resource, resource["resourceType"])
        if isinstance(name, str) and not name.startswith("urn:"):
            resource["url"] = name

    def _walk(self, node: dict[str, Any], type_name: str) -> None:
        table = self.tables.get(type_name) or self._table(type_name)
        for key, value in node.items():
            kind = type(value)
            if kind is str:
                if (declared := table.get(key)) in _LEADING:
                    self._text(node, key, value, declared)
            elif kind is dict:
                self._walk(value, self._type(key, value, table))
            elif kind is list:
                self._list(key, value, table)

    def _list(self, key: str, values: list[Any], table: dict[str, str]) -> None:
        for position, value in enumerate(values):
            if type(value) is dict:
                self._walk(value, self._type(key, value, table))
            elif type(value) is str and table.get(key) in _LINKS:
                values[position] = self.links.target(value) or value

    def _type(self, key: str, value: dict[str, Any], table: dict[str, str]) -> str:
        name = value.get("resourceType")
        if isinstance(name, str):
            return name
        return table.get(key, "Element")

    def _text(self, node: dict[str, Any], key: str, value: str, kind: str) -> None:
        if kind == "reference":
            self._reference(node, value)
        elif kind in _LINKS:
            node[key] = self.links.target(value) or value
        elif kind == "xhtml":
            node[key] = _IN_NARRATIVE.sub(self._in_narrative, value)

    def _reference(self, node: dict[str, Any], value: str) -> None:
        if "?" in value and not value.startswith(("http:", "https:", "urn:")):
            self.conditional.append(ConditionalReference(node, value))
        else:
            node["reference"] = self.links.target(value) or value

    def _in_narrative(self, found: re.Match[str]) -> str:
        return found["before"] + (self.links.target(found["url"]) or found["url"])

    def _table(self, type_name: str) -> dict[str, str]:
        """The type of each property; `reference` for Reference.reference, `Element` for the siblings of primitives."""
        definition = self.schema.get(type_name)
        elements = definition.elements if definition else {}
        table = {name: element.type for name, element in elements.items()}
        if type_name == "Reference":
            table["reference"] = "reference"
        self.tables[type_name] = table
        return table
