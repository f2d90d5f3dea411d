"""Definitions that change while the server runs count at once, and only what depends on them is compiled again."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.json_format import encode_json
from fhir_server.validation.validator import Validator
from tests.validation.conftest import MINE, profile, sliced

DIV = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
CS, VS = "http://example.org/CodeSystem/colours", "http://example.org/ValueSet/warm"


def code_system(*codes: str) -> dict[str, Any]:
    concepts = [{"code": one, "display": one.title()} for one in codes]
    return {"resourceType": "CodeSystem", "url": CS, "version": "1", "status": "active", "content": "complete", "concept": concepts}


def value_set(**include: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "url": VS, "status": "active", "compose": {"include": [{"system": CS, **include}]}}


class Server:
    """A validator over definitions that change."""

    def __init__(self, definitions: Definitions):
        self.stored, self.seq = StoredConformance(), 0
        made_of = Definitions(definitions.packages, self.stored)
        made_of.schema = definitions.schema
        self.validator = Validator(made_of)

    def put(self, *resources: dict[str, Any]) -> None:
        for resource in resources:
            self.seq += 1
            self.stored.put(resource["resourceType"], resource["url"], self.seq, encode_json(resource))

    def found(self, resource: dict[str, Any], url: str | None = None) -> list[str | None]:
        return [issue.message_id for issue in self.validator.validate({"text": DIV, **resource}, url) if issue.severity != "information"]


@pytest.fixture
def server(definitions: Definitions) -> Server:
    return Server(definitions)


PATIENT = {"resourceType": "Patient", "name": [{"text": "x"}]}
FAMILY = profile("HumanName", [{"id": "family", "min": 1}], "name")
NAMED = profile("Patient", [{"id": "name", "type": [{"code": "HumanName", "profile": [MINE + "name"]}]}], "a")
DERIVED = profile("Patient", [{"id": "gender", "max": "0"}], "b", baseDefinition=MINE + "a")
APART = profile("Patient", [{"id": "birthDate", "min": 1}], "c")


def test_a_profile_counts_when_it_is_stored_changed_and_deleted(server: Server) -> None:
    server.put(DERIVED)
    assert server.found(PATIENT, DERIVED["url"]) == ["profile-unknown"]
    server.put(NAMED)
    assert server.found(PATIENT, DERIVED["url"]) == ["profile-unknown"]  # that of the name
    server.put(FAMILY)
    assert server.found(PATIENT, DERIVED["url"]) == ["cardinality-min"]
    server.put(profile("HumanName", [], "name"))
    assert server.found(PATIENT, DERIVED["url"]) == []
    server.stored.put("StructureDefinition", NAMED["url"], server.seq + 1, None)
    assert server.found(PATIENT, DERIVED["url"]) == ["profile-unknown"]


def test_a_change_leaves_alone_what_does_not_depend_on_it(server: Server) -> None:
    server.put(FAMILY, NAMED, DERIVED, APART)
    profiles = server.validator.profiles
    before = {name: profiles.profile(MINE + name) for name in "abc"}
    assert server.found(PATIENT, MINE + "b") == ["cardinality-min"]
    server.put(profile("HumanName", [{"id": "given", "min": 1}], "name"))
    assert profiles.profile(MINE + "c") is before["c"]
    assert profiles.profile(MINE + "b") is not before["b"]
    server.put(value_set())
    assert profiles.profile(MINE + "c") is before["c"]


def test_an_extension_is_known_once_it_is_stored(server: Server) -> None:
    resource = {**PATIENT, "modifierExtension": [{"url": MINE + "x", "valueString": "y"}]}
    assert server.found(resource) == ["extension-unknown"]
    context = [{"type": "element", "expression": "Patient"}]
    rows = [{"id": "", "isModifier": True, "isModifierReason": "x"}, {"id": "url", "fixedUri": MINE + "x"}]
    server.put(profile("Extension", rows, "x", context=context))
    assert server.found(resource) == []


def coded(code: str, **coding: Any) -> dict[str, Any]:
    method = {"coding": [{"system": CS, "code": code, **coding}]}
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "method": method}


BOUND = profile("Observation", [{"id": "method", "binding": {"strength": "required", "valueSet": VS}}], "bound")


def test_codes_count_when_their_system_or_value_set_changes(server: Server) -> None:
    server.put(BOUND, code_system("red"))
    assert server.found(coded("red"), BOUND["url"]) == ["binding-unchecked"]
    server.put(value_set())
    assert server.found(coded("red"), BOUND["url"]) == []
    assert server.found(coded("blue"), BOUND["url"]) == ["code-unknown", "binding-required"]
    server.put(code_system("red", "blue"))
    assert server.found(coded("blue"), BOUND["url"]) == []
    server.put(value_set(concept=[{"code": "red"}]))
    assert server.found(coded("blue"), BOUND["url"]) == ["binding-required"]


def test_code_systems_stay_when_something_else_changes(server: Server) -> None:
    server.put(code_system("red"), value_set())
    terminology = server.validator.terminology
    assert terminology.validate_code(VS, CS, "red").is_yes
    kept, generation = terminology.code_system(CS, None), terminology.generation
    server.put(APART)
    assert terminology.generation == generation
    assert terminology.code_system(CS, None) is kept


def test_a_supplement_counts_when_it_is_stored_and_when_it_is_deleted(server: Server) -> None:
    server.put(code_system("red"))
    supplement = {
        "resourceType": "CodeSystem", "url": CS + "-fr", "status": "active", "content": "supplement", "supplements": CS + "|1",
        "concept": [{"code": "red", "designation": [{"language": "fr", "value": "Rouge"}]}],
    }  # fmt: skip
    assert server.found(coded("red", display="Rouge")) == ["coding-display"]
    server.put(supplement)
    assert server.found(coded("red", display="Rouge")) == []
    server.put({**supplement, "supplements": CS + "|2"})
    assert server.found(coded("red", display="Rouge")) == ["coding-display"]
    server.put(supplement)
    server.stored.put("CodeSystem", supplement["url"], server.seq + 1, None)
    assert server.found(coded("red", display="Rouge")) == ["coding-display"]


def test_a_profile_that_contradicts_itself_is_used_and_told_once(server: Server) -> None:
    old = {"id": "name:a", "min": 2, "max": "1", "patternHumanName": {"use": "old"}}
    faulty = profile("Patient", [sliced("name", ("value", "use")), old])
    server.put(faulty)
    entries = [{"resource": {**PATIENT, "text": DIV, "meta": {"profile": [faulty["url"]]}}} for _ in range(3)]
    found = server.found({"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert found.count("profile-faulty") == 1
    server.put(profile("Patient", []))
    assert server.found(PATIENT, faulty["url"]) == []
