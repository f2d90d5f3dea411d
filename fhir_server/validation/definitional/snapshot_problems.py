"""What is wrong with a StructureDefinition whose snapshot is made (https://hl7.org/fhir/R4/profiling.html#snapshot): a differential that
contradicts its base or itself, a base that is based on the definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fhir_server.definitions.snapshot import generate_snapshot
from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.validation.definitional.compliance import check_compliance
from fhir_server.validation.definitional.structure_definition import check_structure_definition
from fhir_server.validation.location import Location, expression
from fhir_server.validation.surroundings import Surroundings

TOLD_BY_OTHERS = frozenset(("snapshot-base-missing", "snapshot-base-unnamed", "snapshot-unreadable"))
"""A base that is not at hand is a warning of `structure_definition`; the base's own faults are not those of this definition."""


def check_structure(around: Surroundings) -> Iterator[Issue]:
    """All issues of a StructureDefinition; where a row of the differential has an error, the snapshot's word on it is not told as well."""
    faulty: set[str] = set()
    for issue in (*check_structure_definition(around), *check_compliance(around)):
        faulty |= {str(issue.expression)} if issue.is_error else set()
        yield issue
    for issue in snapshot_problems(around):
        if not any(place == issue.expression or place.startswith(f"{issue.expression}.") for place in faulty):
            yield issue


def snapshot_problems(around: Surroundings) -> Iterator[Issue]:
    """The issues of making the snapshot, each at its row of the differential."""
    resource = around.resource
    if not isinstance(resource.get("differential"), dict):
        return
    made = generate_snapshot(resource, lambda canonical: _resolved(canonical, around))
    for issue in made.issues:
        if issue.message_id not in TOLD_BY_OTHERS:
            severity = "error" if issue.is_error else issue.severity
            yield replace(issue, severity=severity, expression=_place(issue, resource, around.at))


def _resolved(canonical: str, around: Surroundings) -> dict[str, Any] | None:
    own = around.resource.get("url")
    return around.resource if own and canonical.partition("|")[0] == own else around.canonical(canonical, "StructureDefinition")


def _place(issue: Issue, resource: dict[str, Any], at: Location) -> str:
    differential: Location = (at, "differential", None)
    rows = list(reversed(indexed(resource["differential"].get("element"))))  # of two rows for an element, the second is too much
    for key in ("id", "path"):
        for index, row in rows:
            if issue.expression == row.get(key):
                return expression((differential, "element", index))
    return expression((at, "baseDefinition", None) if issue.severity == "fatal" else differential)
