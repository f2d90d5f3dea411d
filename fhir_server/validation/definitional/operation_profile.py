"""The Parameters profiles of an OperationDefinition say the same of each parameter as its own list does
(https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.inputProfile).

The fault lies between the two, so its place names both: `OperationDefinition.inputProfile.parameter[1]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import error, warning

SOURCE = "https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.inputProfile"
USES = {"inputProfile": "in", "outputProfile": "out"}
ANYTHING = ("Any", "Type", "Element", "Resource", "DomainResource")
"""Types that a profile may narrow to others."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProfiledParameter:
    """A slice of Parameters.parameter: `types` and `targets` are None where the profile leaves them open."""

    name: str
    row: Row
    types: frozenset[str] | None
    targets: frozenset[str] | None


def check_operation_profile(operation: Resource, at: Location, element: str, profile: Resource) -> Iterator[Issue]:
    """The issues between the operation's parameters and its profile in `element`, inputProfile or outputProfile."""
    profiled = {one.name: one for one in _profiled(profile)}
    place: Location = (at, element, None)
    listed = [(index, one) for index, one in indexed(operation.get("parameter")) if one.get("use") == USES[element]]
    for name in sorted(profiled.keys() - {str(one.get("name")) for _, one in listed}):
        sentence = phrase("The profile has a parameter '{name}', which the operation does not list; add it, or mend its name.", name=name)
        yield warning("business-rule", place, sentence, "operation-profile-parameter", SOURCE)
    for index, one in listed:
        if profiled:
            yield from _compared(one, (place, "parameter", index), profiled)


def _profiled(profile: Resource) -> Iterator[ProfiledParameter]:
    rows = objects((profile.get("differential") or profile.get("snapshot") or {}).get("element"))
    by_id = {str(row.get("id")): row for row in rows}
    for row in rows:
        named = by_id.get(f"{row.get('id')}.name", {})
        name = named.get("fixedString", named.get("patternString"))
        if row.get("path") == "Parameters.parameter" and "sliceName" in row and isinstance(name, str):
            holders = [by_id.get(f"{row.get('id')}.{part}", {}) for part in ("value[x]", "resource")]
            yield _parameter(name, row, [kind for one in holders if str(one.get("max")) != "0" for kind in objects(one.get("type"))])


def _parameter(name: str, row: Row, kinds: list[Row]) -> ProfiledParameter:
    targets = frozenset(one for kind in kinds for one in _targets(kind))
    return ProfiledParameter(name, row, frozenset(str(kind.get("code")) for kind in kinds) or None, targets or None)


def _targets(holder: Row) -> frozenset[str]:
    found = holder.get("targetProfile")
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def _compared(parameter: Row, at: Location, profiled: Mapping[str, ProfiledParameter]) -> Iterator[Issue]:
    name = str(parameter.get("name"))
    found = profiled.get(name)
    if found is None:
        sentence = phrase("The profile has no parameter '{name}', which the operation lists.", name=name)
        yield warning("business-rule", at, sentence, "operation-profile-parameter", SOURCE)
        return
    for key in ("min", "max"):
        if key in found.row and str(found.row[key]) != str(parameter.get(key)):
            yield _differs(at, name, key, found.row[key], parameter.get(key))
    kind = str(parameter.get("type"))
    if found.types is not None and kind not in ANYTHING and found.types != {kind}:
        yield _differs(at, name, "type", _told(found.types), kind)
    own = _targets(parameter)
    if found.targets is not None and found.targets != own:
        yield _differs(at, name, "targetProfile", _told(found.targets), _told(own))


def _told(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)) or "-"


def _differs(at: Location, name: str, key: str, profiled: Any, listed: Any) -> Issue:
    sentence = phrase(
        "The profile and the operation differ on the {key} of the parameter '{name}': {profiled} in the profile, {listed} here.",
        key=key,
        name=name,
        profiled=profiled,
        listed=listed,
    )
    return error("business-rule", at, sentence, "operation-profile-differs", SOURCE)
