"""Patient/$everything (https://hl7.org/fhir/R4/patient-operation-everything.html)."""

from __future__ import annotations

import pytest

from fhir_server.operations.everything import record_steps

PERSON = {"reference": "Patient/p1"}
NURSE = {"reference": "Practitioner/nurse"}
ASPIRIN = {"reference": "Medication/aspirin"}
OTHER = {"reference": "Patient/p2"}

HEALTH_CENTRE = {"reference": "Organization/msp"}

RECORD = [
    {"resourceType": "Patient", "id": "p1", "generalPractitioner": [{"reference": "PractitionerRole/gp"}]},
    {"resourceType": "CarePlan", "id": "c1", "status": "active", "intent": "plan", "subject": PERSON, "author": NURSE},
    {"resourceType": "CareTeam", "id": "t1", "subject": PERSON, "participant": [{"member": PERSON}, {"member": NURSE}]},
    {"resourceType": "Goal", "id": "g1", "lifecycleStatus": "active", "description": {"text": "walk"}, "subject": PERSON},
    {"resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order", "subject": PERSON},
    {"resourceType": "Task", "id": "k1", "status": "requested", "intent": "order", "for": PERSON},
    {"resourceType": "QuestionnaireResponse", "id": "q1", "status": "completed", "subject": PERSON},
    {"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order"}
    | {"subject": PERSON, "medicationReference": ASPIRIN},
]
SUPPORTING = [
    {"resourceType": "PractitionerRole", "id": "gp", "practitioner": {"reference": "Practitioner/gp"}, "organization": HEALTH_CENTRE},
    {"resourceType": "Practitioner", "id": "gp"},
    {"resourceType": "Practitioner", "id": "nurse"},
    {"resourceType": "Organization", "id": "msp", "name": "Maison de santé", "partOf": {"reference": "Organization/group"}},
    {"resourceType": "Organization", "id": "group", "name": "Groupe"},
    {"resourceType": "Medication", "id": "aspirin"},
]
ELSEWHERE = [
    {"resourceType": "Patient", "id": "p2"},
    {"resourceType": "Goal", "id": "g2", "lifecycleStatus": "active", "description": {"text": "rest"}, "subject": OTHER},
    {"resourceType": "Practitioner", "id": "stranger"},
    {"resourceType": "Device", "id": "d2", "patient": OTHER},
]


def key(resource):
    return f"{resource['resourceType']}/{resource['id']}"


@pytest.fixture
def record(client):
    for resource in [*SUPPORTING, *RECORD, *ELSEWHERE]:
        assert client.put(f"/{key(resource)}", resource).status_code == 201
    return client


def found(response, mode):
    assert response.status_code == 200, response.text
    return [key(one["resource"]) for one in response.json().get("entry", []) if one["search"]["mode"] == mode]


def pages(client, address):
    while address:
        answer = client.get(address)
        yield answer
        address = {one["relation"]: one["url"] for one in answer.json()["link"]}.get("next")


def test_the_whole_record_and_what_it_refers_to_and_nothing_else(record):
    answer = record.get("/Patient/p1/$everything")
    assert sorted(found(answer, "match")) == sorted(map(key, RECORD))
    assert sorted(found(answer, "include")) == sorted(map(key, SUPPORTING))
    assert "next" not in {one["relation"] for one in answer.json()["link"]}


def test_the_person_comes_first(record):
    assert found(record.get("/Patient/p1/$everything"), "match")[0] == "Patient/p1"


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_pages_together_are_the_record_each_resource_once(record, count):
    answers = list(pages(record, f"/Patient/p1/$everything?_count={count}"))
    matches = [one for answer in answers for one in found(answer, "match")]
    assert sorted(matches) == sorted(map(key, RECORD))
    assert all(len(found(answer, "match")) <= count for answer in answers)
    assert {one for answer in answers for one in found(answer, "include")} == set(map(key, SUPPORTING))


def test_type_narrows_it(record):
    answer = record.get("/Patient/p1/$everything?_type=CarePlan,Goal")
    assert sorted(found(answer, "match")) == ["CarePlan/c1", "Goal/g1"]


def test_since_narrows_it(record):
    assert found(record.get("/Patient/p1/$everything?_since=2100-01-01T00:00:00Z"), "match") == []


def test_it_comes_as_xml(record):
    assert record.get("/Patient/p1/$everything?_format=xml").content.count(b"<entry>") == len(RECORD) + len(SUPPORTING)


def test_a_deleted_practitioner_is_missed_in_silence(record):
    record.delete("/Practitioner/gp")
    assert "Practitioner/gp" not in found(record.get("/Patient/p1/$everything"), "include")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Patient/nobody/$everything", 404),
        ("/Patient/p1/$everything?_type=Shoe", 400),
        ("/Patient/p1/$everything?start=2020", 400),
        ("/Patient/p1/$everything?_page=x", 400),
        ("/Patient/p1/$everything?_since=soon", 400),
    ],
)
def test_what_cannot_be_answered_is_refused(record, status, path):
    assert record.get(path).status_code == status


def test_nobody_elses_data_comes_along(record):
    record.put("/RelatedPerson/r1", {"resourceType": "RelatedPerson", "id": "r1", "patient": PERSON})
    about = [{"reference": "Goal/g2"}, OTHER]
    record.put("/Communication/x1", {"resourceType": "Communication", "id": "x1", "status": "completed", "subject": PERSON, "about": about})
    everything = record.get("/Patient/p1/$everything")
    listed = found(everything, "match") + found(everything, "include")
    assert "Communication/x1" in listed
    assert not {"Goal/g2", "Patient/p2"} & set(listed)


@pytest.mark.parametrize(
    ("reference", "comes"),
    [
        ("Practitioner/stranger", True),
        ("BASE/Practitioner/stranger", True),
        ("Practitioner/stranger/_history/1", True),
        ("https://elsewhere.example.org/fhir/Practitioner/stranger", False),
        ("Practitioner/nobody", False),
    ],
)
def test_what_is_referred_to_comes_where_it_is_ours(record, reference, comes):
    author = {"reference": reference.replace("BASE", record.BASE)}
    record.put("/CarePlan/c1", RECORD[1] | {"author": author})
    listed = found(record.get("/Patient/p1/$everything?_type=CarePlan"), "include")
    assert listed == (["Practitioner/stranger"] if comes else [])


def test_the_steps_come_from_the_definitions(definitions):
    steps = {(step.type, step.parameter) for step in record_steps(definitions)}
    assert {("CarePlan", "patient"), ("CareTeam", "participant"), ("QuestionnaireResponse", "subject"), ("Task", "patient")} <= steps
    for type_name, parameter in steps:
        assert definitions.search_parameters(type_name)[parameter].type == "reference"
