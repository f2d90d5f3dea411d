"""The check at every write (https://hl7.org/fhir/R4/json.html)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Issue
from fhir_server.validation.structure import MAX_ISSUES, StructureCheck


@pytest.fixture(scope="module")
def check(definitions: Definitions) -> StructureCheck:
    return StructureCheck(definitions.schema)


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **content}


EXTENSION = {"url": "http://example.org/e", "valueString": "x"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'

GOOD = [
    patient(),
    patient(name=[{"family": "F", "given": ["A", "B"]}], birthDate="2000", active=True),
    patient(birthDate="2000", _birthDate={"id": "b"}),
    patient(_birthDate={"extension": [EXTENSION]}),
    patient(name=[{"given": ["A", None], "_given": [None, {"extension": [EXTENSION]}]}]),
    patient(name=[{"_given": [{"extension": [EXTENSION]}]}]),
    patient(deceasedDateTime="2000", _deceasedDateTime={"id": "d"}),
    patient(contained=[{"resourceType": "Device", "id": "d"}]),
    patient(text={"status": "generated", "div": DIV}),
    {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": patient(id="a")}]},
    {
        "resourceType": "Parameters",
        "parameter": [{"name": "a", "resource": patient()}, {"name": "b", "part": [{"name": "c", "valueCode": "x"}]}],
    },
    {"resourceType": "Questionnaire", "item": [{"linkId": "1", "item": [{"linkId": "2", "item": [{"linkId": "3"}]}]}]},
]


@pytest.mark.parametrize("resource", GOOD)
def test_a_good_structure_passes(check: StructureCheck, resource: dict[str, Any]) -> None:
    assert check.check(resource) == []


BAD: list[tuple[Any, str, str | None, str]] = [
    ([], "json-type", None, "an array"),
    ({}, "resource-type", None, "no resourceType"),
    ({"resourceType": "Patiant"}, "resource-type", None, "Did you mean 'Patient'?"),
    ({"resourceType": "DomainResource"}, "resource-type", None, "not a resource type"),
    (patient(birthdate="2000"), "unknown-element", "Patient.birthdate", "Did you mean 'birthDate'?"),
    (patient(name=[{"givn": ["A"]}]), "unknown-element", "Patient.name[0].givn", "Did you mean 'given'?"),
    (patient(fhir_comments=["x"]), "unknown-element", "Patient.fhir_comments", "DSTU2"),
    (patient(deceased=True), "unknown-element", "Patient.deceased", "deceasedBoolean"),
    (patient(**{"a b": 1}), "unknown-element", "Patient", "'a b'"),
    (patient(name={"family": "F"}), "json-type", "Patient.name", "put it in [ and ]"),
    (patient(birthDate=["2000"]), "json-type", "Patient.birthDate", "does not repeat"),
    (patient(maritalStatus=[{"text": "x"}]), "json-type", "Patient.maritalStatus", "does not repeat"),
    (patient(maritalStatus="x"), "json-type", "Patient.maritalStatus", "CodeableConcept"),
    (patient(birthDate={"extension": [EXTENSION]}), "json-type", "Patient.birthDate", "'_birthDate'"),
    (patient(name=["F"]), "json-type", "Patient.name[0]", "an object (HumanName)"),
    (patient(birthDate="2000-02-30"), "primitive-format", "Patient.birthDate", "29 days"),
    (patient(active="true"), "primitive-format", "Patient.active", "without quotation marks"),
    (patient(id="a b"), "primitive-format", "Patient.id", "an id is expected"),
    (patient(name=[{"given": ["A", 5]}]), "primitive-format", "Patient.name[0].given[1]", "a string is expected"),
    (patient(birthDate=None), "primitive-format", "Patient.birthDate", "null"),
    (patient(name=[{"given": ["A", None]}]), "primitive-format", "Patient.name[0].given[1]", "null"),
    (patient(name=[{"_given": [None]}]), "ele-1", "Patient.name[0].given[0]", "remove it"),
    (
        patient(name=[{"given": ["A", "B"], "_given": [{"id": "a"}]}]),
        "null-padding",
        "Patient.name[0].given",
        "fill the shorter one with null",
    ),
    (patient(_birthDate={"id": "b"}), "ele-1", "Patient.birthDate", "an id only"),
    (patient(name=[{"id": "n"}]), "ele-1", "Patient.name[0]", "an id only"),
    (patient(name=[]), "empty-array", "Patient.name", "array is empty"),
    (patient(name=[{}]), "empty-object", "Patient.name[0]", "object is empty"),
    (patient(birthDate="2000", _birthDate={}), "empty-object", "Patient.birthDate", "object is empty"),
    (patient(deceasedBoolean=True, deceasedDateTime="2000"), "choice-twice", "Patient", "deceasedBoolean and deceasedDateTime"),
    (patient(deceasedBoolean=True, _deceasedDateTime={"extension": [EXTENSION]}), "choice-twice", "Patient", "keep one"),
    (patient(text={"status": "generated", "div": "<div>a<br></div>"}), "xhtml", "Patient.text.div", "not well-formed"),
    (patient(contained=[{"id": "d"}]), "resource-type", "Patient.contained[0]", "no resourceType"),
    (
        patient(resourceType="Patient", name=[{"resourceType": "HumanName", "text": "x"}]),
        "unknown-element",
        "Patient.name[0].resourceType",
        "no element",
    ),
    (
        {"resourceType": "Observation", "valueQuantity": {"value": "5"}},
        "primitive-format",
        "Observation.value.ofType(Quantity).value",
        "without quotation marks",
    ),
    (
        {"resourceType": "Bundle", "entry": [{"resource": patient(name=[{"given": ["A", ""]}])}]},
        "primitive-format",
        "Bundle.entry[0].resource.name[0].given[1]",
        "empty string",
    ),
]


@pytest.mark.parametrize(("resource", "message_id", "expression", "says"), BAD)
def test_a_fault_is_found_at_its_place(check: StructureCheck, resource: Any, message_id: str, expression: str | None, says: str) -> None:
    issues = check.check(resource)
    assert [(issue.message_id, issue.expression) for issue in issues] == [(message_id, expression)]
    assert says in issues[0].diagnostics
    assert issues[0].is_error


def test_all_faults_of_a_resource_are_listed(check: StructureCheck) -> None:
    issues = check.check(patient(active="yes", gender=1, name=[{"family": 5}, {"family": 6}]))
    assert [issue.expression for issue in issues] == [
        "Patient.active",
        "Patient.gender",
        "Patient.name[0].family",
        "Patient.name[1].family",
    ]


def test_the_list_of_faults_has_an_end(check: StructureCheck) -> None:
    issues = check.check(patient(name=[{"family": 5}] * 10_000))
    assert len(issues) == MAX_ISSUES + 1
    assert "stopped" in issues[-1].diagnostics


def test_a_value_that_nests_too_deep_is_one_finding(check: StructureCheck) -> None:
    extension: dict[str, Any] = EXTENSION
    for _ in range(5000):
        extension = {"url": "u", "extension": [extension]}
    assert [issue.message_id for issue in check.check(patient(extension=[extension]))] == ["json-depth"]


def test_a_finding_names_the_rule_it_comes_from(check: StructureCheck) -> None:
    (issue,) = check.check(patient(birthDate="x"))
    assert issue.source == "http://hl7.org/fhir/StructureDefinition/Patient#Patient.birthDate"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "_name", "value", "extension", "url", "given"]), inner, max_size=3)
    ),
    max_leaves=8,
)
patient_keys = st.sampled_from(
    ["id", "meta", "text", "contained", "extension", "name", "_birthDate", "birthDate", "deceasedBoolean", "contact", "link"]
)


@given(st.dictionaries(patient_keys, json_values, max_size=5))
def test_any_json_gets_issues_and_nothing_else(check: StructureCheck, content: dict[str, Any]) -> None:
    assert all(isinstance(issue, Issue) and issue.diagnostics for issue in check.check(patient(**content)))
