"""A resource against R4 and its profiles (https://hl7.org/fhir/R4/validation.html)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.index import PackageIndex, build_index
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import encode_json
from fhir_server.validation.profile_compiler import BASE
from fhir_server.validation.validator import Validator

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
PROFILE = "http://example.org/StructureDefinition/"


@pytest.fixture(scope="module")
def validator(definitions: Definitions) -> Validator:
    return Validator(definitions)


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "text": {"status": "generated", "div": DIV}, **content}


def observation(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "text": {"status": "generated", "div": DIV}, **content}


def test_a_good_resource_has_no_issue(validator: Validator) -> None:
    assert validator.validate(patient(gender="female", name=[{"family": "F"}], contact=[{"name": {"family": "G"}}])) == []


ERRORS: list[tuple[dict[str, Any], str, str, str]] = [
    (patient(communication=[{"preferred": True}]), "cardinality-min", "Patient.communication[0]", "language must occur at least once"),
    (
        {"resourceType": "Observation", "text": {"status": "generated", "div": DIV}, "status": "final"},
        "cardinality-min",
        "Observation",
        "code",
    ),
    (patient(gender="homme"), "binding-required", "Patient.gender", "one of female, male, other, unknown"),
    (patient(language="not a language"), "binding-required", "Patient.language", "BCP 47"),
    (patient(contact=[{"gender": "male"}]), "invariant-pat-1", "Patient.contact[0]", "contact's details"),
    (
        patient(link=[{"type": "refer", "other": {"reference": "Observation/1"}}]),
        "reference-target",
        "Patient.link[0].other",
        "allowed here: Patient",
    ),
    (patient(name=[{"period": {"start": "2021", "end": "2020"}}]), "invariant-per-1", "Patient.name[0].period", "lower value"),
    (patient(extension=[{"url": "http://e.org/a"}]), "invariant-ext-1", "Patient.extension[0]", "either extensions or value"),
    (
        patient(birthDate="2000", _birthDate={"extension": [{"url": "http://e.org/u"}]}),
        "invariant-ext-1",
        "Patient.birthDate.extension[0]",
        "either",
    ),
    (patient(managingOrganization={"reference": "#o"}), "invariant-ref-1", "Patient.managingOrganization", "contained"),
    (observation(valueString="x", dataAbsentReason={"text": "y"}), "invariant-obs-6", "Observation", "dataAbsentReason"),
    (
        observation(
            referenceRange=[{"text": "a"}], component=[{"code": {"text": "c"}, "referenceRange": [{"id": "r", "type": {"text": "t"}}]}]
        ),
        "invariant-obs-3",
        "Observation.component[0].referenceRange[0]",
        "at least a low or a high",
    ),
    (
        {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "http://a.example/x", "resource": patient(gender="x")}]},
        "binding-required",
        "Bundle.entry[0].resource.gender",
        "administrative-gender",
    ),
    (
        patient(contained=[{"resourceType": "Patient", "id": "c", "gender": "x"}], link=[{"type": "refer", "other": {"reference": "#c"}}]),
        "binding-required",
        "Patient.contained[0].gender",
        "administrative-gender",
    ),
    (
        {
            "resourceType": "Questionnaire",
            "status": "draft",
            "text": {"status": "generated", "div": DIV},
            "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "group", "item": [{"type": "string"}]}]}],
        },
        "cardinality-min",
        "Questionnaire.item[0].item[0].item[0]",
        "linkId",
    ),
]


@pytest.mark.parametrize(("resource", "message_id", "expression", "says"), ERRORS)
def test_an_error_is_found_at_its_place(
    validator: Validator, resource: dict[str, Any], message_id: str, expression: str, says: str
) -> None:
    errors = [issue for issue in validator.validate(resource) if issue.is_error]
    assert [(issue.message_id, issue.expression) for issue in errors] == [(message_id, expression)]
    assert says in errors[0].diagnostics
    assert errors[0].source


def test_a_script_in_the_narrative_is_an_error(validator: Validator) -> None:
    issues = validator.validate(patient(text={"status": "generated", "div": DIV.replace("x</div>", "x<script>y</script></div>")}))
    assert ("error", "invariant-txt-1", "Patient.text.div") in [(one.severity, one.message_id, one.expression) for one in issues]


def test_the_id_of_a_resource_has_no_extensions(validator: Validator) -> None:
    (issue,) = [
        one for one in validator.validate(patient(_id={"extension": [{"url": "http://e.org/a", "valueCode": "x"}]})) if one.is_error
    ]
    assert (issue.message_id, issue.expression) == ("id-extension", "Patient.id")


def test_a_finding_names_its_rule(validator: Validator) -> None:
    (issue,) = validator.validate(patient(gender="x"))
    assert issue.source == "http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender"


def test_best_practice_is_a_warning_and_not_asked_of_contained_resources(validator: Validator) -> None:
    resource = {
        "resourceType": "Patient",
        "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
        "managingOrganization": {"reference": "#o"},
    }
    assert [(one.severity, one.message_id, one.expression) for one in validator.validate(resource)] == [
        ("warning", "invariant-dom-6", "Patient")
    ]


def test_best_practice_can_be_left_out(definitions: Definitions) -> None:
    assert Validator(definitions, best_practice=False).validate({"resourceType": "Patient", "active": True}) == []


def test_a_code_that_cannot_be_checked_is_a_warning(validator: Validator) -> None:
    resource = {
        "resourceType": "ChargeItem",
        "status": "billable",
        "code": {"text": "x"},
        "subject": {"display": "x"},
        "text": {"status": "generated", "div": DIV},
    }
    (issue,) = validator.validate({**resource, "priceOverride": {"value": 1, "currency": "QQQ"}})
    assert (issue.severity, issue.message_id) == ("warning", "binding-unchecked")


def test_the_structure_is_checked_first_and_guesses_are_not_made(validator: Validator) -> None:
    issues = validator.validate(patient(name="F", gender="x"))
    assert [issue.message_id for issue in issues] == ["json-type", "rest-unchecked"]


def test_a_bad_value_does_not_hide_the_other_findings(validator: Validator) -> None:
    issues = validator.validate(patient(birthDate="x", gender="y"))
    assert [issue.message_id for issue in issues] == ["primitive-format", "binding-required"]


def test_an_unknown_profile_is_an_error_where_it_is_asked_for_and_a_warning_where_it_is_claimed(validator: Validator) -> None:
    (asked,) = validator.validate(patient(), PROFILE + "nowhere")
    (claimed,) = validator.validate(patient(meta={"profile": [PROFILE + "nowhere"]}))
    assert (asked.severity, asked.message_id) == ("error", "profile-unknown")
    assert (claimed.severity, claimed.message_id) == ("warning", "profile-unknown")
    assert "passerelle packages add" in asked.diagnostics == claimed.diagnostics


def test_a_profile_about_another_type_is_an_error(validator: Validator) -> None:
    (issue,) = validator.validate(patient(), BASE + "vitalsigns")
    assert (issue.severity, issue.message_id) == ("error", "profile-type")


Change = Callable[[dict[str, dict[str, Any]]], None]
Check = Callable[[str, Change, dict[str, Any]], list[Issue]]


@pytest.fixture
def profiled(definitions: Definitions, tmp_path: Path) -> Check:
    """Checks a resource against a profile made of a base type's snapshot with some rows changed."""

    def check(type_name: str, change: Change, resource: dict[str, Any]) -> list[Issue]:
        profile = copy.deepcopy(definitions.resolve(BASE + type_name))
        assert profile is not None
        change({row["path"]: row for row in profile["snapshot"]["element"]})
        profile |= {"url": PROFILE + "p", "id": "p", "derivation": "constraint", "baseDefinition": BASE + type_name}
        manifest = b'{"name": "test", "version": "1.0.0"}'
        build_index([("package.json", manifest), ("StructureDefinition-p.json", encode_json(profile))], tmp_path / "p.db")
        return Validator(Definitions([*definitions.packages, PackageIndex(tmp_path / "p.db")])).validate(resource, PROFILE + "p")

    return check


def _set(path: str, **values: Any) -> Change:
    return lambda rows: rows[path].update(values)


RULE = {"key": "ex-1", "severity": "warning", "human": "A name is needed", "expression": "name.exists()"}

PROFILED: list[tuple[str, Change, dict[str, Any], str, str]] = [
    ("Patient", _set("Patient.name", min=1), patient(), "cardinality-min", "Patient"),
    ("Patient", _set("Patient.name", max="1"), patient(name=[{"text": "a"}, {"text": "b"}]), "cardinality-max", "Patient"),
    ("Patient", _set("Patient.deceased[x]", max="0"), patient(deceasedBoolean=True), "cardinality-max", "Patient"),
    (
        "Patient",
        _set("Patient.deceased[x]", type=[{"code": "boolean"}]),
        patient(deceasedDateTime="2000"),
        "choice-type",
        "Patient.deceased.ofType(dateTime)",
    ),
    ("Patient", _set("Patient.gender", fixedCode="other"), patient(gender="male"), "fixed", "Patient.gender"),
    (
        "Patient",
        _set("Patient.maritalStatus", patternCodeableConcept={"coding": [{"code": "M"}]}),
        patient(maritalStatus={"coding": [{"code": "S", "system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"}]}),
        "pattern",
        "Patient.maritalStatus",
    ),
    ("Patient", _set("Patient.birthDate", maxLength=4), patient(birthDate="2000-01-01"), "max-length", "Patient.birthDate"),
    ("Patient", _set("Patient", constraint=[RULE]), patient(), "invariant-ex-1", "Patient"),
    ("Patient", _set("Patient", constraint=[{**RULE, "expression": "name.exists("}]), patient(), "invariant-unchecked", "Patient"),
    (
        "Patient",
        _set("Patient.maritalStatus", binding={"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/marital-status"}),
        patient(maritalStatus={"text": "x"}),
        "binding-required",
        "Patient.maritalStatus",
    ),
    (
        "Observation",
        _set("Observation.subject", type=[{"code": "Reference", "targetProfile": [BASE + "Patient"]}]),
        observation(subject={"reference": "Group/1"}),
        "reference-target",
        "Observation.subject",
    ),
]


@pytest.mark.parametrize(("type_name", "change", "resource", "message_id", "expression"), PROFILED)
def test_a_profile_adds_its_rules(
    profiled: Check, type_name: str, change: Change, resource: dict[str, Any], message_id: str, expression: str
) -> None:
    issues = profiled(type_name, change, resource)
    assert [(issue.message_id, issue.expression) for issue in issues] == [(message_id, expression)]
    assert PROFILE + "p" in str(issues[0].source)


def test_a_profile_that_changes_nothing_finds_nothing_twice(profiled: Check) -> None:
    issues = profiled("Patient", lambda rows: None, patient(gender="x", communication=[{"preferred": True}]))
    assert [issue.message_id for issue in issues] == ["binding-required", "cardinality-min"]


SEVERAL = [PROFILE + "a", PROFILE + "b"]


@pytest.mark.parametrize(
    ("profiles", "found"),
    [([PROFILE + "a"], ("warning", "profile-unknown")), (SEVERAL, ("warning", "profile-unknown")), ([BASE + "Age"], None)],
)
def test_a_profile_of_a_type_that_cannot_be_checked_is_named(profiled: Check, profiles: list[str], found: tuple[str, str] | None) -> None:
    change = _set("Observation.value[x]", type=[{"code": "Quantity", "profile": profiles}])
    issues = profiled("Observation", change, observation(valueQuantity={"value": 1}))
    assert [(issue.severity, issue.message_id) for issue in issues] == [found or ("error", "invariant-age-1")]


def test_a_profile_describes_itself(validator: Validator) -> None:
    lines = validator.profiles.profile(BASE + "Patient").rule.describe("Patient")
    assert "Patient: link occurs 0..*" not in lines
    assert "  gender: is coded with http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1" in lines


values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["2000-01-01", "male", "#a", "Patient/1"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "url", "valueString", "reference", "coding", "code", "system", "period", "start"]),
            inner,
            min_size=1,
            max_size=3,
        )
    ),
    max_leaves=8,
)
keys = st.sampled_from(
    ["id", "language", "gender", "birthDate", "_birthDate", "maritalStatus", "extension", "name", "managingOrganization", "link"]
)


@given(st.dictionaries(keys, values, max_size=5))
def test_any_json_gets_issues_and_nothing_else(validator: Validator, content: dict[str, Any]) -> None:
    assert all(issue.diagnostics for issue in validator.validate(patient(**content)))
