"""What a profile fixes, in a resource extracted by it (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#definition-based-extraction): its
fixed values and patterns, where their element is required or stands in something that was extracted; its extensions' URLs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from fhir_server.definitions.snapshot import generate_snapshot
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.definition_path import Step, element_at
from fhir_server.questionnaires.definition_target import Target
from fhir_server.questionnaires.item import CORE

Resolve = Callable[[str], Resource | None]
Row = Mapping[str, Any]


class ExtractedProfile:
    """A profile as far as extraction by it needs it; `canonical` of a base type fixes nothing."""

    def __init__(self, definition: Resource, resolve: Resolve):
        self.url, self.type = str(definition.get("url")), str(definition.get("type"))
        self.is_base = self.url == CORE + self.type
        snapshot = (definition.get("snapshot") or {}).get("element") or generate_snapshot(definition, resolve).elements
        self.rows: dict[str, Row] = {} if self.is_base else {str(row.get("id")): row for row in snapshot}

    def extension_url(self, element_id: str) -> str | None:
        """The URL of the extension that a slice is."""
        types = self.rows.get(element_id, {}).get("type") or [{}]
        profile = next(iter(types[0].get("profile", ())), None)
        return str(profile).partition("|")[0] if profile else None

    def complete(self, target: Target, schema: Schema) -> None:
        """Add to the target what the profile fixes."""
        for name, row in self.rows.items():
            above, _, last = name.rpartition(".")
            for holder in [made for made_as, made in target.made if made_as == above]:
                self._complete_element(target, holder, name, _step(last), row, schema)
        if not self.is_base:
            target.resource["meta"] = {"profile": [self.url]}

    def _complete_element(self, target: Target, holder: dict[str, Any], name: str, step: Step, row: Row, schema: Schema) -> None:
        kept = next((row[key] for key in row if key.startswith(("fixed", "pattern"))), None)
        here = [made for made_as, made in target.made if made_as == name and _holds(holder, made)]
        if isinstance(kept, dict) and here:
            for made in here:
                _merge(made, kept)
        elif not here and (self._is_due(name, row, holder is target.resource) if kept is not None else self._is_whole(name, row)):
            self._make(target, holder, name, step, {} if kept is None else deepcopy(kept), schema)

    def _is_due(self, name: str, row: Row, at_root: bool) -> bool:
        """A kept value: always where it is required; where not, within what was extracted only."""
        return bool(row.get("min")) or (not at_root and ":" not in name.rpartition(".")[2])

    def _is_whole(self, name: str, row: Row) -> bool:
        """True for a required element of which all that is required is fixed: nobody has to be asked for it."""
        if not row.get("min"):
            return False
        below = [other for other in self.rows if other.startswith(name + ".") and other.count(".") == name.count(".") + 1]
        required = [other for other in below if self.rows[other].get("min")]
        return bool(required) and all(_is_kept(self.rows[other]) or self._is_whole(other, self.rows[other]) for other in required)

    def _make(self, target: Target, holder: dict[str, Any], name: str, step: Step, value: Any, schema: Schema) -> None:
        type_name = _type_of(target, holder, name, schema, self.rows)
        element = element_at(type_name, step, schema, holder, None) if type_name else None
        if element is None or (element.name in holder and not element.is_list):
            return
        if element.is_list:
            holder.setdefault(element.name, []).append(value)
        else:
            holder[element.name] = value
        if isinstance(value, dict):
            target.made.append((name, value))


def _step(text: str) -> Step:
    name, _, slice_ = text.partition(":")
    return Step(name, slice_)


def _is_kept(row: Row) -> bool:
    return any(key.startswith(("fixed", "pattern")) for key in row)


def _holds(holder: dict[str, Any], made: dict[str, Any]) -> bool:
    """Is this element one of those directly below?"""
    return any(value is made or (isinstance(value, list) and any(one is made for one in value)) for value in holder.values())


def _merge(value: dict[str, Any], pattern: dict[str, Any]) -> None:
    for name, kept in pattern.items():
        if isinstance(kept, dict) and isinstance(value.get(name), dict):
            _merge(value[name], kept)
        else:
            value.setdefault(name, deepcopy(kept))


def _type_of(target: Target, holder: dict[str, Any], name: str, schema: Schema, rows: Mapping[str, Row]) -> str | None:
    """The type of the element above the one with this id."""
    if holder is target.resource:
        return target.type
    above = rows.get(name.rpartition(".")[0], {})
    codes = [str(one.get("code")) for one in above.get("type") or ()]
    code = codes[0] if codes else ""
    return str(above.get("path")) if code in ("BackboneElement", "Element") else code if code in schema else None
