"""What a profile may ask of one element: limits, bindings, type profiles, invariants (https://hl7.org/fhir/R4/elementdefinition.html)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.calls import calls
from tests.validation.conftest import CORE, MINE, MakeValidator, profile

DIV = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
CS, VS = "http://example.org/CodeSystem/colours", "http://example.org/ValueSet/warm"
UCUM = {"system": "http://unitsofmeasure.org"}


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "text": DIV, **content}


def observation(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "text": DIV, "status": "final", "code": {"text": "x"}, **content}


COLOURS = {
    "resourceType": "CodeSystem", "url": CS, "version": "1", "status": "active", "content": "complete", "caseSensitive": True,
    "property": [{"code": "inactive", "type": "boolean"}],
    "concept": [
        {"code": "red", "display": "Red", "designation": [{"language": "fr", "value": "Rouge"}]}, {"code": "blue"},
        {"code": "puce", "property": [{"code": "inactive", "valueBoolean": True}]},
    ],
}  # fmt: skip
WARM = {"resourceType": "ValueSet", "url": VS, "status": "active", "compose": {"include": [{"system": CS, "concept": [{"code": "red"}]}]}}
ADDITIONAL = "http://hl7.org/fhir/tools/StructureDefinition/additional-binding"
MIN_LENGTH = {"url": "http://hl7.org/fhir/StructureDefinition/minLength", "valueInteger": 3}
MAX_SIZE = {"url": CORE + "maxSize", "valueDecimal": 3}
PICTURES = [{"url": CORE + "mimeType", "valueCode": one} for one in ("image/png", "image/jpeg")]
PLACES = {"url": CORE + "maxDecimalPlaces", "valueInteger": 2}
FORM = {"url": CORE + "regex", "valueString": "[A-Z][A-Za-z-]*"}
HAS_VALUE = {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue", "valueBoolean": True}
ABSENT = {"extension": [{"url": CORE + "data-absent-reason", "valueCode": "unknown"}]}


def metres(value: float, code: str = "m") -> dict[str, Any]:
    return {**UCUM, "value": value, "unit": code, "code": code}


LIMITS: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("Patient", {"id": "birthDate", "minValueDate": "2000-01-01"}, patient(birthDate="2000-01-01"), []),
    ("Patient", {"id": "birthDate", "minValueDate": "2000-01-01"}, patient(birthDate="1999-12"), ["min-value"]),
    ("Patient", {"id": "birthDate", "maxValueDate": "2000"}, patient(birthDate="2001-01-01"), ["max-value"]),
    ("Observation", {"id": "issued", "maxValueInstant": "2000-01-01T00:00:00Z"}, observation(issued="2000-01-01T00:30:00+01:00"), []),
    ("Observation", {"id": "value[x]", "maxValueInteger": 3}, observation(valueInteger=4), ["max-value"]),
    ("Observation", {"id": "value[x]", "minValueTime": "08:00:00"}, observation(valueTime="07:59:59"), ["min-value"]),
    ("Observation", {"id": "value[x]", "maxValueQuantity": metres(2)}, observation(valueQuantity=metres(199, "cm")), []),
    ("Observation", {"id": "value[x]", "maxValueQuantity": metres(2)}, observation(valueQuantity=metres(201, "cm")), ["max-value"]),
    ("Observation", {"id": "value[x]", "maxValueQuantity": metres(2)}, observation(valueQuantity=metres(1, "kg")), ["limit-unchecked"]),
    ("Patient", {"id": "name.family", "maxLength": 3}, patient(name=[{"family": "abcd"}]), ["max-length"]),
    ("Patient", {"id": "name.family", "extension": [MIN_LENGTH]}, patient(name=[{"family": "ab"}]), ["min-length"]),
    ("Patient", {"id": "active", "min": 1}, patient(_active=ABSENT), []),
    ("Patient", {"id": "active", "extension": [HAS_VALUE]}, patient(_active=ABSENT), ["value-present"]),
    ("Patient", {"id": "photo", "extension": [MAX_SIZE]}, patient(photo=[{"contentType": "image/png", "data": "QUJD"}]), []),
    ("Patient", {"id": "photo", "extension": [MAX_SIZE]}, patient(photo=[{"contentType": "image/png", "data": "QUJDRA=="}]), ["max-size"]),
    ("Patient", {"id": "photo", "extension": [MAX_SIZE]}, patient(photo=[{"url": "http://a.example", "size": 4}]), ["max-size"]),
    ("Patient", {"id": "photo", "extension": PICTURES}, patient(photo=[{"contentType": "image/png; x=y"}]), []),
    ("Patient", {"id": "photo", "extension": PICTURES}, patient(photo=[{"contentType": "text/plain"}]), ["media-type"]),
    ("Observation", {"id": "value[x]", "extension": [PLACES]}, observation(valueQuantity={"value": Decimal("1.25")}), []),
    ("Observation", {"id": "value[x]", "extension": [PLACES]}, observation(valueQuantity={"value": Decimal("1.250")}),
     ["max-decimal-places"]),
    ("Patient", {"id": "name.family", "extension": [FORM]}, patient(name=[{"family": "Ab-c"}]), []),
    ("Patient", {"id": "name.family", "extension": [FORM]}, patient(name=[{"family": "ab"}]), ["form"]),
    ("Patient", {"id": "name.family", "extension": [{**FORM, "valueString": "("}]}, patient(name=[{"family": "ab"}]), ["form-unchecked"]),
    ("Observation", {"id": "value[x]", "fixedQuantity": metres(1)}, observation(valueQuantity=metres(2)), ["fixed"]),
    ("Observation", {"id": "value[x]", "patternQuantity": {"code": "m"}}, observation(valueQuantity=metres(2)), []),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "row", "resource", "expected"), LIMITS)
def test_a_value_keeps_within_its_limits(
    with_definitions: MakeValidator, type_name: str, row: dict[str, Any], resource: dict[str, Any], expected: list[str]
) -> None:
    made = profile(type_name, [row])
    assert [issue.message_id for issue in with_definitions([made]).validate(resource, made["url"])] == expected


def marital(code: str | None, **coding: Any) -> dict[str, Any]:
    return observation(method={"coding": [{"system": CS, "code": code, **coding}]}) if code else observation(method={"text": "x"})


def bound(strength: str, *extensions: dict[str, Any]) -> dict[str, Any]:
    return {"id": "method", "binding": {"strength": strength, "valueSet": VS, **({"extension": list(extensions)} if extensions else {})}}


MAX = {"url": CORE + "elementdefinition-maxValueSet", "valueCanonical": VS}


def additional(purpose: str) -> dict[str, Any]:
    return {"url": ADDITIONAL, "extension": [{"url": "purpose", "valueCode": purpose}, {"url": "valueSet", "valueCanonical": VS}]}


MIN = {"url": CORE + "elementdefinition-minValueSet", "valueCanonical": VS}
FOR_SOME = additional("required")
FOR_SOME["extension"].append({"url": "usage", "valueUsageContext": {"code": {"code": "venue"}, "valueCodeableConcept": {"text": "x"}}})
"""Who is meant cannot be told from the resource."""
OTHER_VS = {
    "id": "method",
    "binding": {"strength": "example", "valueSet": "http://example.org/ValueSet/any", "extension": [additional("required")]},
}

UNKNOWN = {"id": "method", "binding": {"strength": "required", "valueSet": VS + "x"}}

BINDINGS: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    ("required, inside", bound("required"), marital("red"), []),
    ("required, outside", bound("required"), marital("blue"), [("error", "binding-required")]),
    ("required, no code", bound("required"), marital(None), [("error", "binding-required")]),
    ("extensible", bound("extensible"), marital("blue"), [("warning", "binding-extensible")]),
    ("preferred", bound("preferred"), marital("blue"), [("information", "binding-preferred")]),
    ("example", bound("example"), marital("blue"), []),
    ("maximum value set", bound("extensible", MAX), marital("blue"), [("error", "binding-required")]),
    ("additional, maximum", bound("example", additional("maximum")), marital("blue"), [("error", "binding-required")]),
    ("additional, extensible", bound("example", additional("extensible")), marital("blue"), [("warning", "binding-extensible")]),
    ("additional, for people", bound("example", additional("ui")), marital("blue"), []),
    ("additional, for some", bound("example", FOR_SOME), marital("blue"), []),
    ("minimum value set", bound("example", MIN), marital("blue"), []),  # what a system must know, not what a resource may say
    ("additional, required", OTHER_VS, marital("blue"), [("error", "binding-required")]),
    ("unknown value set", UNKNOWN, marital("red"), [("warning", "binding-unchecked")]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "row", "resource", "expected"), BINDINGS, ids=[one[0] for one in BINDINGS])
def test_a_binding_weighs_as_its_strength_says(
    with_definitions: MakeValidator, title: str, row: dict[str, Any], resource: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    made = profile("Observation", [row])
    issues = with_definitions([made, COLOURS, WARM]).validate(resource, made["url"])
    assert [(issue.severity, issue.message_id) for issue in issues] == expected


@pytest.mark.parametrize(("value", "expected"), [({"valueBoolean": True}, []), ({"valueString": "blue"}, [("error", "binding-required")])])
def test_a_binding_on_a_choice_is_about_its_codes_and_texts(
    with_definitions: MakeValidator, value: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    made = profile("Observation", [{"id": "value[x]", "binding": {"strength": "required", "valueSet": VS}}])
    issues = with_definitions([made, COLOURS, WARM]).validate(observation(**value), made["url"])
    assert [(issue.severity, issue.message_id) for issue in issues] == expected


SUPPLEMENT = {"resourceType": "CodeSystem", "url": CS + "-more", "status": "active", "content": "supplement", "supplements": CS}
UNLISTED = {"resourceType": "CodeSystem", "url": CS + "-unlisted", "status": "active", "content": "not-present"}
EMPTY = UNLISTED | {"url": CS + "-empty", "content": "fragment"}

CODES: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"system": CS, "code": "red", "display": "rouge"}, []),
    ({"system": CS, "code": "red", "display": "Green"}, [("error", "coding-display", "display")]),
    ({"system": VS, "code": "red"}, [("error", "coding-value-set", "")]),
    ({"system": CS, "code": "pink"}, [("error", "code-unknown", "code")]),
    ({"system": CS, "code": "puce"}, [("warning", "code-inactive", "")]),
    ({"system": "http://example.org/none", "code": "a"}, [("warning", "code-system-unknown", "system")]),
    ({"system": "http://snomed.info/sct", "code": "73211009"}, []),
    ({"system": CS + "-unlisted", "code": "a"}, []),
    ({"system": CS + "-empty", "code": "a"}, []),
    ({"system": CS + "-more", "code": "red"}, [("error", "coding-supplement", "system")]),
    ({"code": "red"}, [("warning", "coding-system-missing", "")]),
    ({"system": CS, "version": "9", "code": "red"}, [("warning", "code-system-unknown", "system")]),
]


@pytest.mark.parametrize(("coding", "expected"), CODES)
def test_a_code_is_looked_up_in_its_system(
    with_definitions: MakeValidator, coding: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    issues = with_definitions([COLOURS, WARM, SUPPLEMENT, UNLISTED, EMPTY]).validate(observation(method={"coding": [coding]}))
    at = "Observation.method.coding[0]"
    places = [(severity, message_id, f"{at}.{child}" if child else at) for severity, message_id, child in expected]
    assert [(one.severity, one.message_id, one.expression) for one in issues if one.message_id != "string-space"] == places


LANGUAGES = [(None, "error"), ("en-GB", "error"), ("fr", "error"), ("de", "warning")]
"""The colours have displays in English and French."""


@pytest.mark.parametrize(("language", "severity"), LANGUAGES)
def test_a_wrong_display_is_no_error_in_a_language_that_the_system_has_none_in(
    with_definitions: MakeValidator, language: str | None, severity: str
) -> None:
    coded = observation(method={"coding": [{"system": CS, "code": "red", "display": "Rot"}]})
    issues = with_definitions([COLOURS]).validate({**coded, **({"language": language} if language else {})})
    assert [one.severity for one in issues if one.message_id == "coding-display"] == [severity]


CITY = profile("Address", [{"id": "city", "min": 1}], "city")
POSTAL = profile("Address", [{"id": "postalCode", "min": 1}, {"id": "country", "min": 1}], "postal")
EITHER = {"id": "address", "type": [{"code": "Address", "profile": [MINE + "city", MINE + "postal"]}]}


def test_one_of_several_type_profiles_is_enough(with_definitions: MakeValidator) -> None:
    made = profile("Patient", [EITHER])
    validator = with_definitions([made, CITY, POSTAL])
    assert validator.validate(patient(address=[{"city": "Dax"}, {"postalCode": "1", "country": "FR"}]), made["url"]) == []
    issues = validator.validate(patient(address=[{"state": "40"}]), made["url"])
    assert [(issue.message_id, issue.expression) for issue in issues] == [
        ("profile-none-of", "Patient.address[0]"),
        ("cardinality-min", "Patient.address[0]"),
    ]
    assert "city" in issues[1].diagnostics  # the nearest: one fault, not two


def test_an_imposed_profile_holds_too(with_definitions: MakeValidator) -> None:
    impose = {"url": CORE + "structuredefinition-imposeProfile", "valueCanonical": MINE + "b"}
    one = profile("Patient", [], "a", extension=[impose])
    two = profile("Patient", [{"id": "birthDate", "min": 1}], "b", extension=[{**impose, "valueCanonical": MINE + "a"}])
    issues = with_definitions([one, two]).validate(patient(meta={"profile": [MINE + "a"]}))
    assert [(issue.message_id, issue.expression) for issue in issues] == [("cardinality-min", "Patient")]


def rule(expression: str, severity: str = "error") -> dict[str, Any]:
    return {"id": "", "constraint": [{"key": "x-1", "severity": severity, "human": "Do it", "expression": expression}]}


INVARIANTS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (rule("active"), [("error", "invariant-x-1")]),  # nothing is not true
    (rule("name"), []),  # one item is
    (rule("active.exists()", "warning"), [("warning", "invariant-x-1")]),
    (rule("name.family | name.given"), [("warning", "invariant-unchecked")]),
    (rule("name.nothing("), [("warning", "invariant-unchecked")]),
    (rule("repeat(name | $this).count() > 0 and (1 | 2).repeat($this + 1).count() > 0"), [("warning", "invariant-unchecked")]),
]


@pytest.mark.parametrize(("row", "expected"), INVARIANTS)
def test_an_invariant_is_true_or_told(with_definitions: MakeValidator, row: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    made = profile("Patient", [row])
    issues = with_definitions([made]).validate(patient(name=[{"family": "x", "given": ["y"]}]), made["url"])
    assert [(issue.severity, issue.message_id) for issue in issues] == expected


def test_one_fault_is_told_once_though_profile_and_base_both_forbid_it(with_definitions: MakeValidator) -> None:
    base = profile("Patient", [{"id": "communication", "min": 1}, {"id": "gender", "min": 1}], "base")
    made = profile("Patient", [{"id": "communication", "min": 2}], "p", baseDefinition=MINE + "base")
    resource = patient(meta={"profile": [MINE + "base"]}, communication=[{"preferred": True}], gender="x")
    issues = with_definitions([made, base]).validate(resource, made["url"])
    assert sorted((str(issue.message_id), str(issue.expression)) for issue in issues) == [
        ("binding-required", "Patient.gender"),
        ("cardinality-min", "Patient"),
        ("cardinality-min", "Patient.communication[0]"),
    ]


def test_a_vital_sign_meets_its_profile_though_it_does_not_name_it(with_definitions: MakeValidator) -> None:
    coding = {"system": "http://loinc.org", "code": "8867-4"}
    resource = {**observation(valueQuantity={"value": 60, "unit": "/min", **UCUM, "code": "/min"}), "code": {"coding": [coding]}}
    found = {(issue.severity, issue.message_id) for issue in with_definitions([]).validate(resource)}
    assert ("information", "vital-sign") in found
    assert ("error", "cardinality-min") in found


def test_a_value_set_of_100_000_codes_stays_quick(with_definitions: MakeValidator) -> None:
    concepts = [{"code": f"c{number}"} for number in range(100_000)]
    system = {
        "resourceType": "CodeSystem",
        "url": CS,
        "status": "active",
        "content": "complete",
        "caseSensitive": True,
        "concept": concepts,
    }
    whole = {
        "resourceType": "ValueSet",
        "url": VS,
        "status": "active",
        "compose": {"include": [{"system": CS}], "exclude": [{"system": CS, "concept": [{"code": "c1"}]}]},
    }
    made = profile("Observation", [bound("required")])
    validator = with_definitions([made, system, whole])
    validator.validate(marital("c0"), made["url"])
    assert calls(lambda: validator.validate(marital("c2"), made["url"])) < 10_000, "a look into a table, no walk along the codes"
    for number in range(2, 102):
        assert validator.validate(marital(f"c{number}"), made["url"]) == []
    assert [issue.message_id for issue in validator.validate(marital("c1"), made["url"])] == ["binding-required"]


def test_the_sentence_about_a_pattern_shows_all_that_is_to_be_written(with_definitions: MakeValidator) -> None:
    long = {"coding": [{"system": "http://example.org/a-code-system-with-a-long-address/of-its-own", "code": "wanted-code"}]}
    given = patient(maritalStatus={"text": "x"}, meta={"profile": [MINE + "p"]})
    asked = profile("Patient", [{"id": "maritalStatus", "patternCodeableConcept": long}])
    (found,) = [one for one in with_definitions([asked]).validate(given) if one.is_error]
    assert '"code":"wanted-code"' in str(found.diagnostics)


def test_what_a_profile_has_no_use_for_is_to_be_removed(with_definitions: MakeValidator) -> None:
    asked = profile("Patient", [{"id": "active", "max": "0"}])
    (found,) = [one for one in with_definitions([asked]).validate(patient(active=True, meta={"profile": [MINE + "p"]})) if one.is_error]
    assert str(found.diagnostics) == "Patient.active is not used here; remove it."
