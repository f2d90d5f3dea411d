"""What profiles allow a Reference to mean, and what they ask of a narrative's languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validation.conftest import CORE, MINE, MakeValidator, profile

A, B, C = (f"urn:uuid:{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
SUBJECT = "Observation.subject"


def reference(*targets: str, **content: Any) -> dict[str, Any]:
    return {"id": "subject", "type": [{"code": "Reference", "targetProfile": list(targets), **content}]}


def observation(subject: dict[str, Any], **content: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": subject, **content}


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **content}


def bundled(source: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    claimed = {**source, "meta": {"profile": [MINE + "p"]}}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": A, "resource": claimed}, {"fullUrl": B, "resource": target}],
    }


def errors(with_definitions: MakeValidator, row: dict[str, Any], resource: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    narrow = profile("Patient", [{"id": "birthDate", "min": 1}], "dated")
    own = [profile("Observation", [row]), narrow]
    asked = None if resource["resourceType"] == "Bundle" else MINE + "p"
    return [(one.message_id, one.expression) for one in with_definitions(own).validate(resource, asked) if one.is_error]


TO_PATIENT, TO_DATED = reference(CORE + "Patient"), reference(MINE + "dated")
ALONE: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    (TO_PATIENT, {"reference": "Patient/1"}, None),
    (TO_PATIENT, {"reference": "Group/1"}, "reference-target"),
    (TO_PATIENT, {"reference": "https://example.org/fhir/Group/1"}, "reference-target"),
    (TO_PATIENT, {"type": "Group", "display": "x"}, "reference-target"),
    (TO_PATIENT, {"display": "x"}, None),
    (TO_DATED, {"reference": "Patient/1"}, None),
    (TO_DATED, {"reference": "Group/1"}, "reference-target"),
    (reference(CORE + "Patient", aggregation=["contained", "bundled"]), {"reference": "Patient/1"}, "reference-aggregation"),
    (reference(CORE + "Patient", aggregation=["referenced"]), {"reference": "Patient/1"}, None),
    (reference(CORE + "Patient", versioning="specific"), {"reference": "Patient/1"}, "reference-versioning"),
    (reference(CORE + "Patient", versioning="independent"), {"reference": "Patient/1/_history/1"}, "reference-versioning"),
]


@pytest.mark.parametrize(("row", "subject", "message_id"), ALONE)
def test_a_reference_names_what_the_profile_allows(
    with_definitions: MakeValidator, row: dict[str, Any], subject: dict[str, Any], message_id: str | None
) -> None:
    assert errors(with_definitions, row, observation(subject)) == ([(message_id, SUBJECT)] if message_id else [])


def test_a_contained_target_meets_the_target_profile(with_definitions: MakeValidator) -> None:
    good, bad = (observation({"reference": "#p"}, contained=[patient(id="p", **more)]) for more in ({"birthDate": "1980"}, {}))
    assert errors(with_definitions, TO_DATED, good) == []
    assert errors(with_definitions, TO_DATED, bad) == [("reference-profile", SUBJECT)]


def test_a_target_in_the_bundle_meets_the_target_profile(with_definitions: MakeValidator) -> None:
    source = observation({"reference": B})
    assert errors(with_definitions, TO_DATED, bundled(source, patient(birthDate="1980"))) == []
    assert errors(with_definitions, TO_DATED, bundled(source, patient())) == [("reference-profile", "Bundle.entry[0].resource.subject")]


def test_one_of_several_target_profiles_is_enough(with_definitions: MakeValidator) -> None:
    either = reference(MINE + "dated", CORE + "Patient")
    assert errors(with_definitions, either, bundled(observation({"reference": B}), patient())) == []


def test_the_type_of_a_bundled_target_counts(with_definitions: MakeValidator) -> None:
    group = {"resourceType": "Group", "type": "person", "actual": True}
    found = errors(with_definitions, TO_PATIENT, bundled(observation({"reference": B}), group))
    assert found == [("reference-target", "Bundle.entry[0].resource.subject")]


def test_a_circle_of_references_ends(with_definitions: MakeValidator) -> None:
    circle = profile("Patient", [{"id": "link.other", "type": [{"code": "Reference", "targetProfile": [MINE + "circle"]}]}], "circle")
    meta = {"profile": [MINE + "circle"]}
    one, other = (patient(meta=meta, link=[{"type": "refer", "other": {"reference": url}}]) for url in (B, A))
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": A, "resource": one}, {"fullUrl": B, "resource": other}]}
    assert [one.message_id for one in with_definitions([circle]).validate(bundle) if one.is_error] == []


SECTION = '<div lang="{0}" xml:lang="{0}">x</div>'
LANGUAGES = [
    ("_no", "x", True),
    ("_no", SECTION.format("fr"), False),
    ("_yes", "x", False),
    ("_yes", SECTION.format("fr"), True),
    ("_resource", SECTION.format("fr"), True),
    ("_resource", SECTION.format("de"), False),
    ("de", SECTION.format("de"), True),
    ("de", SECTION.format("fr"), False),
]


@pytest.mark.parametrize(("control", "div", "good"), LANGUAGES)
def test_a_profile_says_which_languages_a_narrative_has(with_definitions: MakeValidator, control: str, div: str, good: bool) -> None:
    url = "http://hl7.org/fhir/StructureDefinition/narrative-language-control"
    validator = with_definitions([profile("Patient", [{"id": "text", "extension": [{"url": url, "valueCode": control}]}])])
    text = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{div}</div>'}
    issues = [one for one in validator.validate(patient(language="fr", text=text), MINE + "p") if one.is_error]
    assert [(one.message_id, one.expression) for one in issues] == ([] if good else [("narrative-sections", "Patient.text")])
