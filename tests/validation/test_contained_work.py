"""Many contained resources, or many faults, cost what they are and no more: the work is counted in calls, not in seconds."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath.steps import Steps
from fhir_server.validation.validator import Validator
from tests.validation.conftest import MakeValidator, profile
from tests.validation.test_bundle_work import calls

CORE = "http://hl7.org/fhir/StructureDefinition/"
CLAIMED = "http://example.org/StructureDefinition/p"


def practices(contained: int, references: int, target: str = "#o{}") -> dict[str, Any]:
    """A patient with some contained Organizations, and references to them."""
    organizations = [{"resourceType": "Organization", "id": f"o{one}", "name": "Cabinet"} for one in range(contained)]
    referring = [{"reference": target.format(one)} for one in range(references)]
    return {"resourceType": "Patient", "contained": organizations, "generalPractitioner": referring}


def parts(number: int, target: str = "#") -> dict[str, Any]:
    """Contained resources that refer to their container, or to another contained one."""
    inner = [{"resourceType": "Organization", "id": f"o{one}", "name": "x", "partOf": {"reference": target}} for one in range(number)]
    return {"resourceType": "Organization", "name": "x", "contained": inner}


def systems(number: int) -> dict[str, Any]:
    """A value set with code systems of its own, of which the last is asked again and again."""
    system = {"resourceType": "CodeSystem", "status": "draft", "content": "complete", "concept": [{"code": "a"}]}
    contained = [{**system, "id": f"c{one}", "url": f"http://a.example.org/c{one}"} for one in range(number)]
    include = {"system": f"http://a.example.org/c{number - 1}", "concept": [{"code": "a"}]}
    return {"resourceType": "ValueSet", "status": "draft", "contained": contained, "compose": {"include": [include] * number}}


def wide_system(number: int) -> dict[str, Any]:
    """A value set with one code system of many codes, asked again and again."""
    resource = systems(1)
    resource["contained"][0]["concept"] = [{"code": f"a{one}"} for one in range(number)]
    resource["compose"]["include"] = [{"system": "http://a.example.org/c0", "concept": [{"code": "a1"}]}] * number
    return resource


SHAPES = {
    "a reference to each": lambda number: practices(number, number),
    "a reference to none of them": lambda number: practices(number, number, "#other{}"),
    "references to the container": parts,
    "references to the last": lambda number: parts(number, f"#o{number - 1}"),
    "a system of its own": systems,
    "a system of many codes": wide_system,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_times_the_contained_resources_are_ten_times_the_work(definitions: Definitions, shape: str) -> None:
    validator = Validator(definitions)
    validator.validate(SHAPES[shape](20))
    assert calls(validator, SHAPES[shape](500)) < 10.5 * calls(validator, SHAPES[shape](50))


def test_the_profile_of_a_contained_target_is_asked_without_a_look_at_the_others(with_definitions: MakeValidator) -> None:
    named = profile("Organization", [{"id": "name", "min": 1}], "named")
    target = [{"code": "Reference", "targetProfile": [named["url"]]}]
    validator = with_definitions([named, profile("Patient", [{"id": "generalPractitioner", "type": target}])])

    def claiming(number: int) -> dict[str, Any]:
        return {**practices(number, number), "meta": {"profile": [CLAIMED]}}

    assert not [one for one in validator.validate(claiming(20)) if one.is_error]
    assert calls(validator, claiming(500)) < 10.5 * calls(validator, claiming(50))


def test_resolve_finds_a_contained_resource_without_a_look_at_the_others(with_definitions: MakeValidator) -> None:
    rule = {"key": "x-1", "severity": "error", "human": "There is one.", "expression": "resolve() is Organization"}
    validator = with_definitions([profile("Patient", [{"id": "generalPractitioner", "constraint": [rule]}])])

    def claiming(number: int) -> dict[str, Any]:
        return {**practices(number, number), "meta": {"profile": [CLAIMED]}}

    assert not [one for one in validator.validate(claiming(20)) if one.is_error]
    assert calls(validator, claiming(500)) < 10.5 * calls(validator, claiming(50))


@pytest.mark.parametrize(("resource", "met"), [
    (practices(3, 3), True),
    (practices(3, 4), False),
    (practices(1, 1, "#"), False),
    (parts(2), True),
    (parts(2, "#o1"), True),
    (parts(2, "#o2"), False),
    ({"resourceType": "Patient", "generalPractitioner": [{"reference": "#o1"}]}, False),
], ids=["each", "one more", "itself", "container", "another", "none", "nothing contained"])  # fmt: skip
def test_a_reference_within_a_resource_is_to_what_it_contains_or_to_its_container(
    definitions: Definitions, resource: dict[str, Any], met: bool
) -> None:
    """ref-1"""
    found = [one.message_id for one in Validator(definitions).validate(resource)]
    assert ("invariant-ref-1" not in found) is met


def test_unknown_extensions_in_the_namespace_of_fhir_are_told_what_they_may_mean_a_few_times(definitions: Definitions) -> None:
    validator = Validator(definitions)

    def extended(number: int) -> dict[str, Any]:
        urls = [f"{CORE}patient-sexParameterForClinicalUs{one}" for one in range(number)]
        return {"resourceType": "Patient", "extension": [{"url": url, "valueString": "x"} for url in urls]}

    few, many = validator.validate(extended(10)), validator.validate(extended(200))
    undefined = [one.diagnostics for one in few if one.message_id == "extension-undefined"]
    assert all("Did you mean 'patient-sexParameterForClinicalUse'?" in one for one in undefined)
    assert len([one for one in many if one.message_id == "extension-undefined"]) == 200
    assert len([one for one in many if "Did you mean" in one.diagnostics]) < 100


def test_the_conditions_of_a_questionnaire_share_the_allowance(definitions: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that anybody may send, with an expression for each question."""
    monkeypatch.setattr("fhir_server.validation.validator.MAX_STEPS", 20_000)
    taken: list[int] = []
    take = Steps.take
    monkeypatch.setattr(Steps, "take", lambda steps, number: (taken.append(number), take(steps, number)))
    condition = {"language": "text/fhirpath", "expression": "(1).repeat(iif($this < 500, $this + 1, {})).exists()"}
    asked = {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression", "valueExpression": condition}
    items = [{"linkId": str(one), "type": "string", "text": "x", "extension": [asked]} for one in range(100)]
    form = {"resourceType": "Questionnaire", "id": "q", "status": "active", "item": items}
    answered = [{"linkId": str(one), "answer": [{"valueString": "x"}]} for one in range(100)]
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "contained": [form], "questionnaire": "#q"}
    Validator(definitions).validate({**response, "item": answered})
    assert 20_000 <= sum(taken) < 40_000


EACH_WALKS_ALL = {"key": "x-2", "severity": "error", "human": "All is well.", "expression": "%resource.descendants().count() > 0"}


def test_one_document_takes_no_more_than_its_allowance(with_definitions: MakeValidator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.validation.validator.MAX_STEPS", 20_000)
    validator = with_definitions([profile("Patient", [{"id": "name", "constraint": [EACH_WALKS_ALL]}])])
    patient = {"resourceType": "Patient", "meta": {"profile": [CLAIMED]}, "name": [{"family": str(one)} for one in range(400)]}
    unchecked = [one for one in validator.validate(patient) if one.message_id == "invariant-unchecked"]
    assert 0 < len(unchecked) < 400
    assert all(one.severity == "warning" and "together" in one.diagnostics for one in unchecked[1:])
