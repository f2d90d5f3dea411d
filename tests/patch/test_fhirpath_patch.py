"""FHIRPath Patch where HL7's tests are silent (https://hl7.org/fhir/R4/fhirpatch.html)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError
from fhir_server.patch import FhirPathPatch

Parts = dict[str, dict[str, Any]]
EXTENSION = {"url": "http://example.org/e", "valueString": "x"}
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "name": [{"given": ["Zoé", "Anne"], "_given": [None, {"extension": [EXTENSION]}]}, {"family": "Martin"}],
    "contact": [{"telecom": [{"value": "1"}]}],
}
OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": {"value": 1}}


def operation(kind: str, path: str, **parts: Any) -> Parts:
    known = {"name": "valueString", "index": "valueInteger", "source": "valueInteger", "destination": "valueInteger"}
    given = {name: {known[name]: value} if name in known else value for name, value in parts.items()}
    return {"type": {"valueCode": kind}, "path": {"valueString": path}} | given


def patched(resource: dict[str, Any], definitions: Definitions, *operations: Parts) -> dict[str, Any]:
    parameters = [{"name": "operation", "part": [{"name": name} | value for name, value in parts.items()]} for parts in operations]
    patch = FhirPathPatch({"resourceType": "Parameters", "parameter": parameters})
    return patch.apply(deepcopy(resource), definitions.schema)


def test_a_choice_changes_its_type(definitions: Definitions) -> None:
    done = patched(OBSERVATION, definitions, operation("replace", "Observation.value", value={"valueString": "high"}))
    assert done == {key: value for key, value in OBSERVATION.items() if key != "valueQuantity"} | {"valueString": "high"}


@pytest.mark.parametrize("name", ["value", "valueString"])
def test_a_choice_is_added_by_its_stem_or_its_full_name(definitions: Definitions, name: str) -> None:
    bare = {key: value for key, value in OBSERVATION.items() if key != "valueQuantity"}
    done = patched(bare, definitions, operation("add", "Observation", name=name, value={"valueString": "high"}))
    assert done["valueString"] == "high"


def test_extensions_of_primitives_move_with_them(definitions: Definitions) -> None:
    done = patched(PATIENT, definitions, operation("move", "Patient.name[0].given", source=1, destination=0))
    assert done["name"][0] == {"given": ["Anne", "Zoé"], "_given": [{"extension": [EXTENSION]}, None]}
    done = patched(done, definitions, operation("delete", "Patient.name[0].given[0]"))
    assert done["name"][0] == {"given": ["Zoé"]}


def test_an_extension_is_added_to_a_primitive(definitions: Definitions) -> None:
    url = {"name": "url", "valueUri": "http://example.org/e"}
    extension = {"part": [url, {"name": "value", "valueString": "x"}]}
    done = patched(PATIENT, definitions, operation("add", "Patient.active", name="extension", value=extension))
    assert done["_active"] == {"extension": [EXTENSION]}
    done = patched(PATIENT, definitions, operation("add", "Patient.name[0].given[0]", name="extension", value=extension))
    assert done["name"][0]["_given"][0] == {"extension": [EXTENSION]}


def test_what_a_deletion_leaves_empty_goes_too(definitions: Definitions) -> None:
    done = patched(PATIENT, definitions, operation("delete", "Patient.contact[0].telecom[0].value"))
    assert "contact" not in done


def test_deleting_what_is_not_there_is_no_fault(definitions: Definitions) -> None:
    assert patched(PATIENT, definitions, operation("delete", "Patient.gender")) == PATIENT


def test_an_insertion_makes_the_list(definitions: Definitions) -> None:
    done = patched(PATIENT, definitions, operation("insert", "Patient.address", index=0, value={"valueAddress": {"city": "Lyon"}}))
    assert done["address"] == [{"city": "Lyon"}]


def test_a_contained_resource_is_added(definitions: Definitions) -> None:
    resource = {"resourceType": "Organization", "id": "o"}
    done = patched(PATIENT, definitions, operation("add", "Patient", name="contained", value={"resource": resource}))
    assert done["contained"] == [resource]


def test_a_filter_finds_the_element(definitions: Definitions) -> None:
    path = "Patient.name.where(family = 'Martin').family"
    assert patched(PATIENT, definitions, operation("replace", path, value={"valueString": "Durand"}))["name"][1] == {"family": "Durand"}


REFUSED = {
    "an unknown operation": operation("shuffle", "Patient"),
    "no such element": operation("add", "Patient", name="colour", value={"valueString": "red"}),
    "single and there already": operation("add", "Patient", name="active", value={"valueBoolean": False}),
    "nothing found": operation("replace", "Patient.gender", value={"valueCode": "male"}),
    "several found": operation("replace", "Patient.name", value={"valueHumanName": {}}),
    "several to delete": operation("delete", "Patient.name"),
    "the resource itself": operation("delete", "Patient"),
    "a computed value": operation("replace", "'x' + 'y'", value={"valueString": "z"}),
    "no FHIRPath": operation("delete", "Patient.name["),
    "an index too far": operation("insert", "Patient.name", index=3, value={"valueHumanName": {}}),
    "an index below 0": operation("insert", "Patient.name", index=-1, value={"valueHumanName": {}}),
    "a filtered list": operation("insert", "Patient.name.where(family.exists())", index=0, value={"valueHumanName": {}}),
    "lists of two parents": operation("move", "Patient.name.given | Patient.contact.telecom", source=0, destination=1),
    "a move too far": operation("move", "Patient.name", source=0, destination=2),
    "no list": operation("insert", "Patient.active", index=0, value={"valueBoolean": True}),
    "no value": operation("add", "Patient", name="gender"),
    "two values": operation("add", "Patient", name="gender", value={"valueCode": "male", "valueString": "x"}),
    "a type that the choice has not": operation("add", "Patient", name="deceased", value={"valueString": "yes"}),
    "no name": operation("add", "Patient", value={"valueString": "yes"}),
    "a path of great length": operation("delete", "Patient" + ".name" * 1000),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_what_does_not_apply_names_the_operation(definitions: Definitions, refused: Parts) -> None:
    first = operation("replace", "Patient.active", value={"valueBoolean": False})
    with pytest.raises(FhirError, match="Operation 1 of the patch") as error:
        patched(PATIENT, definitions, first, refused)
    assert error.value.category is Category.INVALID
    assert error.value.issues[0].expression == "Parameters.parameter[1]"


@pytest.mark.parametrize(
    "parameters",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Parameters", "parameter": {}},
        {"resourceType": "Parameters", "parameter": [{}] * 1001},
    ],
    ids=["no Parameters", "no array", "too many"],
)
def test_what_is_no_patch_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(FhirError):
        FhirPathPatch(parameters)


def test_paths_that_walk_far_are_ended(definitions: Definitions) -> None:
    wide = PATIENT | {"name": [{"given": ["x"] * 100}] * 100}
    walk = operation("delete", "Patient.name.select($this.given.select(%resource.name.given)).first()")
    with pytest.raises(FhirError, match="stopped"):
        patched(wide, definitions, walk)
