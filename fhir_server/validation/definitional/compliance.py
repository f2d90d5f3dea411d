"""Profiles that a StructureDefinition names beside its base: those that it imposes, and those that it claims to comply with
(http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile and -compliesWithProfile).

What is imposed holds for every resource under the profile (`profile.Profile.imposed`). A claim to comply says nothing of a resource: it is
about two definitions, so it is looked at here, when the StructureDefinition itself is validated. The claim is false where some element of
the profile plainly allows what the other one forbids; an element that cannot be compared does not speak against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from fhir_server.definitions.snapshot import generate_snapshot
from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import alternatives, phrase
from fhir_server.terminology.terminology import Terminology
from fhir_server.terminology.value_set import NotListable
from fhir_server.validation.assertions import matches
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning

BASE = "http://hl7.org/fhir/StructureDefinition/"
IMPOSES = BASE + "structuredefinition-imposeProfile"
COMPLIES = BASE + "structuredefinition-compliesWithProfile"
MAX_TOLD = 10
"""Of one claim; who reads ten knows that the two are different profiles."""

Row = dict[str, Any]


def check_compliance(around: Surroundings) -> Iterator[Issue]:
    """The issues of the profiles that a StructureDefinition imposes or complies with."""
    for index, extension in indexed(around.resource.get("extension")):
        url = extension.get("valueCanonical")
        if extension.get("url") in (IMPOSES, COMPLIES) and isinstance(url, str):
            yield from _named(extension["url"] == COMPLIES, url, (around.at, "extension", index), around)


def _named(complies: bool, url: str, at: Location, around: Surroundings) -> Iterator[Issue]:
    other = around.canonical(url, "StructureDefinition")
    if other is None:
        sentence = phrase("The profile {url} is not at hand, so what is said of it was not checked; add its package.", url=url)
        yield warning("not-found", at, sentence, "structure-other-unknown", COMPLIES if complies else IMPOSES)
    elif other.get("type") != around.resource.get("type"):
        sentence = phrase("{url} is about {type}, not about {type2}.", url=url, type=other.get("type"), type2=around.resource.get("type"))
        yield error("invalid", at, sentence, "structure-other-type", COMPLIES if complies else IMPOSES)
    elif complies:
        yield from _claim(url, other, at, around)


def _claim(url: str, other: Row, at: Location, around: Surroundings) -> Iterator[Issue]:
    own = {str(row.get("id")): row for row in _rows(around.resource, around)}
    looser = (_looser(row, own, around) for row in _rows(other, around)) if own else ()
    for place, how in islice((one for some in looser for one in some), MAX_TOLD):
        sentence = phrase("It does not comply with {url}: {place} {how}.", url=url, place=place, how=how)
        yield error("business-rule", at, sentence, "structure-complies", COMPLIES)


def _rows(definition: Row, around: Surroundings) -> list[Row]:
    """The snapshot's rows; [] where there is none and none can be made."""
    rows = (definition.get("snapshot") or {}).get("element")
    return rows if isinstance(rows, list) and rows else generate_snapshot(definition, around.definitions.resolve).elements


def _looser(wanted: Row, rows: dict[str, Row], around: Surroundings) -> Iterator[tuple[str, str]]:
    """(element id, what it allows) where the profile allows more than `wanted`."""
    id_ = str(wanted.get("id"))
    own = rows.get(id_) or _as_its_type_has_it(wanted, rows, around)
    if own is None or _is_forbidden(id_, rows):
        return
    holding = [own, *_in_every_slice(id_, rows)]
    for compare in (_number, _types, _value, partial(_binding, terminology=around.terminology)):
        found = [compare(one, wanted) for one in holding]
        if all(found):
            yield id_, found[0]


def _in_every_slice(id_: str, rows: dict[str, Row]) -> Iterator[Row]:
    """The row of the same element outside of its slices, which holds inside each of them too."""
    above, _, name = id_.rpartition(".")
    general = ".".join(step.partition(":")[0] for step in above.split(".")) + "." + name
    if general != id_ and general in rows:
        yield rows[general]


def _as_its_type_has_it(wanted: Row, rows: dict[str, Row], around: Surroundings) -> Row | None:
    """What holds for an element that the profile has no row for; None where a profile of its type may say something, or it is a slice."""
    above, _, name = str(wanted.get("id")).rpartition(".")
    parent, path = rows.get(above), str((wanted.get("base") or {}).get("path"))
    if parent is None or ":" in name or any(kind.get("profile") for kind in parent.get("type", ())):
        return None
    definition = around.definitions.resolve(BASE + path.partition(".")[0]) or {}
    return next((row for row in _rows(definition, around) if row.get("path") == path), None) if definition else None


def _is_forbidden(id_: str, rows: dict[str, Row]) -> bool:
    """True where the element, or one that it is in, may not be there at all."""
    steps = id_.split(".")
    above = (rows.get(".".join(steps[:count])) for count in range(1, len(steps) + 1))
    return any(str(row.get("max")) == "0" for row in above if row)


def _number(own: Row, wanted: Row) -> str:
    if int(own.get("min", 0)) < int(wanted.get("min", 0)):
        return phrase("occurs at least {min} time(s) here, there {wanted}", min=own.get("min", 0), wanted=wanted["min"])
    if _most(own) > _most(wanted):
        return phrase("may occur {max} time(s) here, there {wanted}", max=own.get("max"), wanted=wanted["max"])
    return ""


def _most(row: Row) -> float:
    most = str(row.get("max", "*"))
    return float(most) if most.isdecimal() else float("inf")


def _types(own: Row, wanted: Row) -> str:
    allowed = {str(one.get("code")) for one in wanted.get("type", ())}
    others = sorted({str(one.get("code")) for one in own.get("type", ())} - allowed)
    return phrase("may be {others} here", others=alternatives(others)) if allowed and others else ""


def _value(own: Row, wanted: Row) -> str:
    for key, value in wanted.items():
        if key.startswith(("fixed", "pattern")) and not _keeps(own, key, value):
            return phrase("has no {key} here that keeps to the one there", key=key)
    return ""


def _keeps(own: Row, key: str, value: Any) -> bool:
    kind = key.removeprefix("fixed").removeprefix("pattern")
    fixed = own.get("fixed" + kind)
    if key.startswith("fixed"):
        return bool(fixed == value)
    return matches(fixed, value) or matches(own.get("pattern" + kind), value)


def _binding(own: Row, wanted: Row, terminology: Terminology) -> str:
    asked, given = wanted.get("binding") or {}, own.get("binding") or {}
    value_set = asked.get("valueSet")
    if asked.get("strength") != "required" or not value_set or any(key.startswith(("fixed", "pattern")) for key in own):
        return ""
    if given.get("strength") != "required":
        return phrase("need not be coded with {value_set} here", value_set=value_set)
    more = _beyond(str(given.get("valueSet")), str(value_set), terminology)
    return phrase("may have the code '{code}' here, which {value_set} has not", code=more, value_set=value_set) if more else ""


def _beyond(own: str, wanted: str, terminology: Terminology) -> str | None:
    """A code of one value set that the other has not; None where there is none, or they cannot be listed."""
    if own == wanted:
        return None
    try:
        codes = terminology.expand(own)
    except NotListable:
        return None
    return next((code for system, code in codes if terminology.validate_code(wanted, system, code).is_no), None)
