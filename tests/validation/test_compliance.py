"""A StructureDefinition beside others: what its snapshot brings to light, what it imposes, and what it claims to comply with."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from tests.validation.conftest import CORE, MINE, MakeValidator, Rows, profile, sliced
from tests.validation.content_checking import Check, checker, found

COMPLIES, IMPOSES = CORE + "structuredefinition-compliesWithProfile", CORE + "structuredefinition-imposeProfile"
EXTENSION = "StructureDefinition.extension[0]"
GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"
FEW = {
    "resourceType": "ValueSet", "url": "http://example.org/ValueSet/few", "status": "active",
    "compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male"}, {"code": "female"}]}]},
}  # fmt: skip


@pytest.fixture(scope="module")
def content(definitions: Definitions) -> Check:
    return checker(definitions)


def claiming(url: str, rows: Rows, type_name: str = "Patient") -> dict[str, Any]:
    return profile(type_name, rows, "mine", extension=[{"url": COMPLIES, "valueCanonical": url}])


REQUIRED = {"strength": "required", "valueSet": FEW["url"]}
NAMES = sliced("name", ("value", "use"))

CLAIMS: list[tuple[str, str, Rows, Rows, str]] = [
    ("the same", "Patient", [{"id": "birthDate", "min": 1}], [{"id": "birthDate", "min": 1}], ""),
    ("narrower", "Patient", [{"id": "name", "min": 2, "max": "2"}], [{"id": "name", "min": 1, "max": "3"}], ""),
    ("fewer times", "Patient", [], [{"id": "birthDate", "min": 1}], "Patient.birthDate occurs at least 0"),
    ("more times", "Patient", [{"id": "name", "max": "4"}], [{"id": "name", "max": "3"}], "Patient.name may occur 4"),
    ("an element below a type", "Patient", [], [{"id": "name.family", "min": 1}], "Patient.name.family occurs at least 0"),
    ("an element of every repeat, in a slice there", "Patient",
     [NAMES, {"id": "name.family", "min": 1}, {"id": "name:a", "min": 0}, {"id": "name:a.use", "fixedCode": "old"}],
     [NAMES, {"id": "name:a", "min": 0}, {"id": "name:a.family", "min": 1}], ""),
    ("below what is forbidden", "Patient", [{"id": "name", "max": "0"}], [{"id": "name.family", "min": 1}], ""),
    ("another type", "Observation", [], [{"id": "value[x]", "type": [{"code": "Quantity"}]}], "may be "),
    ("without the fixed value", "Patient", [], [{"id": "gender", "fixedCode": "male"}], "has no fixedCode"),
    ("a fixed value for a pattern", "Patient", [{"id": "gender", "fixedCode": "male"}], [{"id": "gender", "patternCode": "male"}], ""),
    ("a wider binding", "Patient", [], [{"id": "gender", "binding": REQUIRED}], "may have the code 'other'"),
    ("a weaker binding", "Patient", [], [{"id": "maritalStatus", "binding": REQUIRED}], "need not be coded"),
    ("a fixed value for a binding", "Patient", [{"id": "gender", "fixedCode": "male"}], [{"id": "gender", "binding": REQUIRED}], ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "type_name", "rows", "others", "told"), CLAIMS, ids=[one[0] for one in CLAIMS])
def test_a_claim_to_comply_is_true_or_told(content: Check, title: str, type_name: str, rows: Rows, others: Rows, told: str) -> None:
    other = profile(type_name, others, "other")
    issues = content(claiming(other["url"], rows, type_name), other, FEW)
    assert found(issues) == ([("error", "structure-complies", EXTENSION)] if told else [])
    assert all(told in one.diagnostics for one in issues)


def test_profiles_that_have_nothing_in_common_are_told_ten_times_and_no_more(content: Check) -> None:
    names = ("identifier", "active", "name", "telecom", "gender", "birthDate", "deceased[x]", "address", "photo", "contact", "link")
    other = profile("Patient", [{"id": name, "min": 1} for name in names], "other")
    assert len(content(claiming(other["url"], []), other)) == 10


@pytest.mark.parametrize("url", [COMPLIES, IMPOSES])
def test_a_profile_that_is_named_is_there_and_about_the_same_type(content: Check, url: str) -> None:
    mine = profile("Patient", [], "mine", extension=[{"url": url, "valueCanonical": MINE + "other"}])
    assert found(content(mine)) == [("warning", "structure-other-unknown", EXTENSION)]
    assert found(content(mine, profile("Observation", [], "other"))) == [("error", "structure-other-type", EXTENSION)]


def test_a_claim_to_comply_asks_nothing_of_resources(with_definitions: MakeValidator) -> None:
    other = profile("Patient", [{"id": "birthDate", "min": 1}], "other")
    mine = claiming(other["url"], [])
    resource = {"resourceType": "Patient", "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}}
    assert with_definitions([mine, other]).validate(resource, mine["url"]) == []


ROW = "StructureDefinition.differential.element[{}]"
SNAPSHOTS: list[tuple[str, Rows, list[tuple[str, str]]]] = [
    ("in order", [sliced("name", ("value", "use")), {"id": "name:a", "min": 1, "max": "1"}], []),
    ("min above max", [{"id": "name", "min": 2, "max": "1"}], [("snapshot-min-max", ROW.format(0))]),
    ("min above max in a slice", [sliced("name", ("value", "use")), {"id": "name:a", "min": 2, "max": "1"}],
     [("snapshot-min-max", ROW.format(1))]),
    ("slices that need more than there may be", [
        {**sliced("name", ("value", "use")), "max": "1"}, {"id": "name:a", "min": 1}, {"id": "name:b", "min": 1},
    ], [("snapshot-slices-min", ROW.format(0))]),
    ("told once", [{"id": "gender", "max": "*"}], [("structure-max", ROW.format(0))]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rows", "expected"), SNAPSHOTS, ids=[one[0] for one in SNAPSHOTS])
def test_what_the_snapshot_brings_to_light_stands_at_its_row(
    content: Check, title: str, rows: Rows, expected: list[tuple[str, str]]
) -> None:
    assert found(content(profile("Patient", rows, "mine"))) == [("error", *one) for one in expected]


def test_a_definition_that_is_based_on_itself_is_an_error(content: Check) -> None:
    mine = profile("Patient", [], "mine", baseDefinition=MINE + "mine")
    assert found(content(mine, mine)) == [("error", "snapshot-base-circular", "StructureDefinition.baseDefinition")]
