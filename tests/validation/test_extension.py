"""What holds for every extension (https://hl7.org/fhir/R4/extensibility.html, https://hl7.org/fhir/R4/defining-extensions.html#context)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validation.conftest import MINE, MakeValidator, profile

HL7 = "http://hl7.org/fhir/StructureDefinition/"
NATIONALITY = HL7 + "patient-nationality"
PART = {"url": "nation", "valueString": "x"}
DIV = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "text": DIV, **content}


def extension(name: str, *contexts: tuple[str, str], rows: list[dict[str, Any]] | None = None, **content: Any) -> dict[str, Any]:
    listed = [{"type": kind, "expression": text} for kind, text in contexts]
    value = [{"id": "value[x]", "min": 1, "type": [{"code": "string"}]}]
    return profile("Extension", [*(rows or []), {"id": "url", "fixedUri": MINE + name}, *value], name, context=listed, **content)


def use(name: str, **value: Any) -> dict[str, Any]:
    return {"extension": [{"url": MINE + name, **(value or {"valueString": "x"})}]}


DEFINED = [
    extension("on-patient", ("element", "Patient")),
    extension("on-name", ("element", "HumanName"), ("element", "Patient.contact.telecom")),
    extension("on-family", ("element", "HumanName.family")),
    extension("on-strings", ("element", "string")),
    extension("anywhere", ("element", "Element")),
    extension("on-domain", ("element", "DomainResource")),
    extension("on-extension", ("extension", MINE + "anywhere")),
    extension("on-home", ("fhirpath", "Patient.address.where(use = 'home')")),
    extension("with-rule", ("element", "Patient"), contextInvariant=["active.exists()"]),
    extension("modifying", ("element", "Patient"), rows=[{"id": "", "isModifier": True}]),
]

CONTEXTS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (patient(**use("on-patient")), []),
    (patient(name=[{"text": "x", **use("on-patient")}]), [("extension-context", "Patient.name[0]")]),
    (patient(name=[{"text": "x", **use("on-name")}]), []),
    (patient(contact=[{"telecom": [{"rank": 1, **use("on-name")}]}]), []),
    (patient(telecom=[{"rank": 1, **use("on-name")}]), [("extension-context", "Patient.telecom[0]")]),
    (patient(name=[{"family": "x", "_family": use("on-family")}]), []),
    (patient(name=[{"given": ["x", "y"], "_given": [None, use("on-family")]}]), [("extension-context", "Patient.name[0].given[1]")]),
    (patient(name=[{"given": ["x", "y"], "_given": [None, use("on-strings")]}]), []),
    (patient(birthDate="2000", _birthDate=use("anywhere")), []),
    (patient(**use("on-domain")), []),
    (patient(**use("on-extension")), [("extension-context", "Patient")]),
    (patient(extension=[{"url": MINE + "anywhere", "valueString": "x", "_valueString": use("on-extension")}]), []),
    (patient(address=[{"use": "home", "city": "Dax", **use("on-home")}]), []),
    (patient(address=[{"use": "work", "city": "Dax", **use("on-home")}]), [("extension-context", "Patient.address[0]")]),
    (patient(active=True, **use("with-rule")), []),
    (patient(**use("with-rule")), [("extension-context", "Patient.extension[0]")]),
]


@pytest.mark.parametrize(("resource", "expected"), CONTEXTS)
def test_an_extension_stands_only_where_its_definition_says(
    with_definitions: MakeValidator, resource: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert [(one.message_id, one.expression) for one in with_definitions(DEFINED).validate(resource) if one.is_error] == expected


USES: list[tuple[dict[str, Any], str, str]] = [
    (patient(**use("on-patient", valueInteger=1)), "choice-type", "Patient.extension[0]"),
    (patient(**use("on-patient", extension=[{"url": "a", "valueCode": "b"}])), "cardinality-min", "Patient.extension[0]"),
    (patient(**use("modifying")), "extension-modifier", "Patient.extension[0]"),
    (patient(modifierExtension=use("on-patient")["extension"]), "extension-modifier", "Patient.modifierExtension[0]"),
    (patient(modifierExtension=[{"url": "http://who.knows/x", "valueCode": "a"}]), "extension-unknown", "Patient.modifierExtension[0]"),
    (patient(extension=[{"url": HL7 + "patient-birthplace", "valueCode": "a"}]), "extension-undefined", "Patient.extension[0]"),
    (patient(extension=[{"url": NATIONALITY, "extension": [PART]}]), "extension-part", "Patient.extension[0].extension[0]"),
    (patient(extension=[{"url": "relative", "valueCode": "a"}]), "extension-url", "Patient.extension[0]"),
]


@pytest.mark.parametrize(("resource", "message_id", "expression"), USES)
def test_an_extension_meets_its_definition(
    with_definitions: MakeValidator, resource: dict[str, Any], message_id: str, expression: str
) -> None:
    errors = [one for one in with_definitions(DEFINED).validate(resource) if one.is_error]
    assert [(one.message_id, one.expression) for one in errors] == [(message_id, expression)]


def test_a_modifier_extension_that_is_known_is_welcome(with_definitions: MakeValidator) -> None:
    assert with_definitions(DEFINED).validate(patient(modifierExtension=use("modifying")["extension"])) == []


@pytest.mark.parametrize("host", ["example.org", "www.example.com", "clinic.example", "acme.com"])
def test_an_unknown_modifier_of_an_example_is_a_warning(with_definitions: MakeValidator, host: str) -> None:
    modifier = {"url": f"https://{host}/x", "valueCode": "a"}
    (issue,) = with_definitions([]).validate(patient(modifierExtension=[modifier]))
    assert (issue.severity, issue.message_id) == ("warning", "extension-unknown")


@pytest.mark.parametrize("name", ["individual-genderIdentity"])
def test_an_extension_that_hl7_published_elsewhere_is_unknown_and_no_error(with_definitions: MakeValidator, name: str) -> None:
    (issue,) = with_definitions([]).validate(patient(extension=[{"url": HL7 + name, "valueCode": "a"}]))
    assert (issue.severity, issue.message_id) == ("information", "extension-unknown")


def test_an_unknown_extension_is_told_and_no_error(with_definitions: MakeValidator) -> None:
    (issue,) = with_definitions([]).validate(patient(**use("nowhere")))
    assert (issue.severity, issue.message_id) == ("information", "extension-unknown")


def test_a_complex_extension_is_checked_by_its_own_slices(with_definitions: MakeValidator) -> None:
    animal = {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-animal",
        "extension": [{"url": "breed", "valueCodeableConcept": {"text": "x"}}],
    }
    errors = [one for one in with_definitions([]).validate(patient(extension=[animal])) if one.is_error]
    assert [(one.message_id, one.expression) for one in errors] == [("slice-min", "Patient.extension[0]")]
    assert "species" in errors[0].diagnostics


def test_a_profile_may_require_an_extension_on_a_primitive(with_definitions: MakeValidator) -> None:
    rows = [
        {"id": "birthDate.extension", "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
        {"id": "birthDate.extension:a", "min": 1, "type": [{"code": "Extension", "profile": [MINE + "anywhere"]}]},
    ]
    made = profile("Patient", rows)
    validator = with_definitions([made, *DEFINED])
    found = [
        [(one.message_id, one.expression) for one in validator.validate(resource, made["url"]) if one.is_error]
        for resource in (
            patient(birthDate="2000", _birthDate=use("anywhere")),
            patient(_birthDate=use("anywhere")),
            patient(birthDate="2000"),
        )
    ]
    assert found[:2] == [[], []]
    assert found[2] == [("slice-min", "Patient.birthDate")]
