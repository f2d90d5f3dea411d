"""The constraints of an ElementDefinition: one key, one expression, and a source that is the profile itself
(https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint.key).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import error

SOURCE = "https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint.key"
EVERYWHERE = "ele-1"
"""A key that R4's own definitions give several expressions."""

Rows = list[tuple[int, dict[str, Any]]]


def check_constraints(structure: dict[str, Any], base: dict[str, Any] | None, at: Location) -> Iterator[Issue]:
    """The issues of all constraints of the snapshot and the differential."""
    rows = indexed((structure.get("snapshot") or {}).get("element"))
    yield from _conflicts(rows, {}, (at, "snapshot", None))
    rows = indexed((structure.get("differential") or {}).get("element"))
    yield from _conflicts(rows, _expressions(base), (at, "differential", None))
    yield from _sources(rows, structure, (at, "differential", None))


def _expressions(base: dict[str, Any] | None) -> dict[str, str]:
    """The expressions of a base's constraints by key."""
    rows = objects(((base or {}).get("snapshot") or {}).get("element"))
    listed = [one for row in rows for one in objects(row.get("constraint"))]
    return {str(one["key"]): one["expression"] for one in listed if "key" in one and isinstance(one.get("expression"), str)}


def _conflicts(rows: Rows, known: Mapping[str, str], at: Location) -> Iterator[Issue]:
    expressions = dict(known)
    for number, row in rows:
        for index, one in indexed(row.get("constraint")):
            key, expression = one.get("key"), one.get("expression")
            if not isinstance(key, str) or not isinstance(expression, str) or key == EVERYWHERE:
                continue
            if expressions.setdefault(key, expression) != expression:
                sentence = phrase("Another constraint has the key '{key}' and the expression {other}; give this one a key of its own.",
                                  key=key, other=expressions[key][:120])  # fmt: skip
                yield error("invalid", ((at, "element", number), "constraint", index), sentence, "structure-constraint-key", SOURCE)


def _sources(rows: Rows, structure: dict[str, Any], at: Location) -> Iterator[Issue]:
    url = structure.get("url")
    for number, row in rows:
        for index, one in indexed(row.get("constraint")):
            source = one.get("source")
            if isinstance(source, str) and isinstance(url, str) and source.partition("|")[0] != url:
                sentence = phrase(
                    "A constraint that the differential adds has the profile itself as its source, not {source}.", source=source
                )
                yield error("invalid", ((at, "element", number), "constraint", index), sentence, "structure-constraint-source", SOURCE)
