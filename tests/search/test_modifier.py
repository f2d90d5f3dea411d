"""Modifiers that need more than the index rows of their parameter (https://hl7.org/fhir/R4/search.html#modifiers)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import encode_json
from fhir_server.search.query import parse_query
from fhir_server.search.scope import MAX_EXPANDED
from tests.search.database import BASE, SearchDatabase

GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
FOUND = {
    "PractitionerRole?location:below=Location/l1": "pr1 pr2",
    "PractitionerRole?location:below=l2": "pr1",
    "PractitionerRole?location:below=Location/l3,Location/l1": "pr1 pr2",
    "PractitionerRole?location:above=Location/l3": "pr1 pr2",
    "PractitionerRole?location:above=Location/l2": "pr2",
    "PractitionerRole?location:above=Location/l4": "",
    "Location?partof:below=Location/l1": "l2 l3",
    "PractitionerRole?location:below=l1&practitioner:identifier=|10001": "pr2",
    "PractitionerRole?practitioner:identifier=urn:oid:1.2.250.1.71.4.2.1|10001": "pr1",
    "PractitionerRole?practitioner:text=dr hel": "pr1",
    "PractitionerRole?role:text=infirmiere": "pr1",
    "PractitionerRole?role:text=equipe": "",
    "PractitionerRole?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|77": "pr1",
    "Encounter?class:below=http://terminology.hl7.org/CodeSystem/v3-ActCode|_ActEncounterCode": "e1 e2",
    "Encounter?class:above=http://terminology.hl7.org/CodeSystem/v3-ActCode|ACUTE": "e1 e2",
    "Encounter?class:below=http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB": "",
    f"Patient?gender:in={GENDER}": "p1 p2 p3 p4",
    f"Patient?gender:not-in={GENDER}": "p5",
    f"Patient?gender:in={GENDER}&active=true": "p1 p2",
    "Observation?status:not-in=http://hl7.org/fhir/ValueSet/observation-status": "",
    "QuestionnaireResponse?questionnaire:below=http://passerelle.example/fhir/Questionnaire/screening|1": "qr1",
    "QuestionnaireResponse?questionnaire:above=http://passerelle.example/fhir/Questionnaire/screening|1.0.7": "qr1",
    "QuestionnaireResponse?questionnaire:below=http://passerelle.example/fhir/Questionnaire/screening|2": "",
    "ValueSet?url:below=http://passerelle.example/fhir": "vs1",
    "ValueSet?url:above=http://passerelle.example/fhir/ValueSet/roles/_history/5": "vs1",
    "ValueSet?url=http://passerelle.example/fhir/ValueSet/roles|2.1": "vs1",
    "ValueSet?url=http://passerelle.example/fhir/ValueSet/roles|2.2": "",
    "ValueSet?url:below=http://passerelle.example/fhir/ValueSet/roles|2": "vs1",
    "Substance?quantity=1|http://unitsofmeasure.org|g": "s1 s2 s5",
    "Substance?quantity=1.00|http://unitsofmeasure.org|g": "s1 s2",
    "Substance?quantity=1000|http://unitsofmeasure.org|mg": "s1 s2",
    "Substance?quantity=1.00||g": "s1 s3",
    "Substance?quantity=ge0.001|http://unitsofmeasure.org|kg": "s1 s2",
    "Substance?quantity=lt5|http://unitsofmeasure.org|mg": "s4",
    "Substance?quantity=ge5|http://unitsofmeasure.org|mg": "s1 s2 s5",
    "Substance?quantity=ap1|http://unitsofmeasure.org|g": "s1 s2 s5",
    "Substance?quantity=eb0.000901|http://unitsofmeasure.org|kg": "s4 s5",
    "Substance?quantity=1|http://unitsofmeasure.org|m": "",
    "Substance?quantity=1.00|http://unitsofmeasure.org|gramme": "",
    "Substance?quantity=0.9||GRAMME": "s5",
}


@pytest.mark.parametrize(("search", "expected"), FOUND.items())
def test_a_modifier_finds_just_these(database: SearchDatabase, search: str, expected: str) -> None:
    query = database.query(search)
    assert not query.not_understood
    assert database.ids(query) == expected.split()
    assert database.count(query) == len(expected.split())


REFUSED = {
    ("Patient", "gender:in", "http://nowhere.example/ValueSet/x"): "http://nowhere.example/ValueSet/x",
    ("Observation", "code:in", "http://hl7.org/fhir/ValueSet/observation-codes"): "http://loinc.org is not wholly",
    ("Observation", "code:not-in", "http://hl7.org/fhir/ValueSet/observation-codes"): "observation-codes",
    ("Observation", "code:below", "http://loinc.org|1"): "http://loinc.org is in no package",
    ("Observation", "code:below", "29463-7"): "system\\|code",
    ("Patient", "identifier:of-type", "http://x|MR"): "system\\|code\\|value",
    ("ValueSet", "url:below", "urn:oid:1.2.3"): "a URN has not",
}


@pytest.mark.parametrize(("asked", "says"), REFUSED.items())
def test_what_cannot_be_answered_is_refused_by_name(definitions: Definitions, asked: tuple[str, str, str], says: str) -> None:
    type_name, name, value = asked
    with pytest.raises(FhirError, match=says):
        parse_query(type_name, [(name, value)], definitions)


def test_a_type_without_parts_has_no_hierarchy(definitions: Definitions) -> None:
    (issue,) = parse_query("Observation", [("patient:below", "Patient/1")], definitions).not_understood
    assert "no partOf" in issue.diagnostics


def test_a_circle_of_parts_ends(definitions: Definitions) -> None:
    circle = [{"resourceType": "Location", "id": one, "partOf": {"reference": f"Location/{other}"}} for one, other in ("ab", "bc", "ca")]
    database = SearchDatabase(definitions, circle)
    assert database.ids("Location?partof:below=Location/a") == ["a", "b", "c"]
    assert database.ids("Location?partof:above=Location/a") == ["a", "b", "c"]


def value_set(codes: int) -> dict[str, Any]:
    concepts = [{"code": f"c{number}"} for number in range(codes)]
    include = [{"system": "urn:s", "concept": concepts}] if codes else []
    return {"resourceType": "ValueSet", "id": "v", "url": "http://me.example/v", "compose": {"include": include}}


def with_stored(definitions: Definitions, resource: dict[str, Any]) -> Definitions:
    stored = StoredConformance()
    stored.put(resource["resourceType"], resource["id"], 1, encode_json(resource))
    return Definitions(definitions.packages, stored)


@pytest.mark.parametrize("name", ["http://me.example/v", "ValueSet/v", f"{BASE}/ValueSet/v"])
def test_a_stored_value_set_is_named_by_its_url_or_its_address(definitions: Definitions, name: str) -> None:
    tagged = {"resourceType": "Basic", "id": "b", "code": {"coding": [{"system": "urn:s", "code": "c1"}]}}
    database = SearchDatabase(with_stored(definitions, value_set(2)), [tagged, {"resourceType": "Basic", "id": "other"}])
    assert database.ids(database.parse("Basic", [("code:in", name)])) == ["b"]
    assert database.ids(database.parse("Basic", [("code:not-in", name)])) == ["other"]


def test_nothing_is_in_an_empty_value_set(definitions: Definitions) -> None:
    database = SearchDatabase(with_stored(definitions, value_set(0)), [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}])
    assert database.ids("Basic?code:in=http://me.example/v") == []
    assert database.ids("Basic?code:not-in=http://me.example/v") == ["b"]


def test_a_value_set_that_is_too_large_is_refused_by_name(definitions: Definitions) -> None:
    large = with_stored(definitions, value_set(MAX_EXPANDED + 1))
    with pytest.raises(FhirError, match=r"http://me\.example/v of code:in stands for too many codes"):
        parse_query("Basic", [("code:in", "http://me.example/v")], large)


def test_a_large_value_set_is_one_query(definitions: Definitions) -> None:
    database = SearchDatabase(with_stored(definitions, value_set(MAX_EXPANDED)), [])
    assert database.ids("Basic?code:in=http://me.example/v") == []
