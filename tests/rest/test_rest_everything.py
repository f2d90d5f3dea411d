"""Patient/$everything (https://hl7.org/fhir/R4/patient-operation-everything.html)."""

from __future__ import annotations

import pytest

from fhir_server.operations.everything import care_dates, record_steps

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
        ("/Patient/p1/$everything?start=soon", 400),
        ("/Patient/p1/$everything?shoe=1", 400),
        ("/Patient/p1/$everything?_count=0", 400),
        ("/Encounter/e1/$everything?start=2020", 400),
        ("/Encounter/nothing/$everything", 404),
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


DATED = [
    {"resourceType": "Patient", "id": "p1"},
    *(
        {"resourceType": "Procedure", "id": f"y{year}", "status": "completed", "subject": PERSON, "performedDateTime": f"{year}-06-01"}
        for year in (2019, 2020, 2021)
    ),
    {"resourceType": "Procedure", "id": "undated", "status": "completed", "subject": PERSON},
]


@pytest.mark.parametrize(
    ("asked", "years"),
    [("start=2020", {"y2020", "y2021"}), ("end=2020", {"y2019", "y2020"}), ("start=2020-01-01&end=2020-12-31", {"y2020"})],
)
@pytest.mark.parametrize("count", [1, 50])
def test_a_time_of_care_leaves_out_what_was_at_another_time_but_nothing_undated(client, asked, years, count):
    for resource in DATED:
        client.put(f"/{key(resource)}", resource)
    answers = list(pages(client, f"/Patient/p1/$everything?{asked}&_count={count}"))
    listed = [one for answer in answers for one in found(answer, "match")]
    assert sorted(listed) == sorted(["Patient/p1", "Procedure/undated", *(f"Procedure/{year}" for year in years)])


def test_every_type_with_a_date_of_care_has_that_parameter(definitions):
    for type_name, parameter in care_dates().items():
        assert definitions.search_parameters(type_name)[parameter].type == "date"


@pytest.mark.parametrize("count", [1, 3, 100])
def test_without_an_id_it_is_everybodys_record_once(record, count):
    answers = list(pages(record, f"/Patient/$everything?_count={count}"))
    matches = [one for answer in answers for one in found(answer, "match")]
    others = ["Patient/p2", "Goal/g2", "Device/d2"]
    assert sorted(matches) == sorted([*map(key, RECORD), *others])


def test_without_an_id_and_without_persons_it_is_empty(client):
    assert "entry" not in client.get("/Patient/$everything").json()


VISIT = {"reference": "Encounter/e1"}
ENCOUNTER = [
    {"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"}, "subject": PERSON}
    | {"diagnosis": [{"condition": {"reference": "Condition/why"}}], "serviceProvider": HEALTH_CENTRE},
    {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "x"}, "encounter": VISIT, "subject": PERSON},
]
BESIDE = [
    {"resourceType": "Condition", "id": "why", "subject": PERSON},
    {"resourceType": "Condition", "id": "foreign", "subject": OTHER},
    {"resourceType": "Observation", "id": "o2", "status": "final", "code": {"text": "x"}, "subject": PERSON},
]


@pytest.mark.parametrize("count", [1, 10])
def test_an_encounter_comes_with_what_was_done_in_it_its_person_and_its_reasons(record, count):
    for resource in [*ENCOUNTER, *BESIDE]:
        record.put(f"/{key(resource)}", resource)
    answers = list(pages(record, f"/Encounter/e1/$everything?_count={count}"))
    matches = [one for answer in answers for one in found(answer, "match")]
    beside = {one for answer in answers for one in found(answer, "include")}
    assert sorted(matches) == ["Encounter/e1", "Observation/o1"]
    assert {"Patient/p1", "Condition/why", "Organization/msp"} <= beside
    assert not {"Condition/foreign", "Patient/p2", "Observation/o2"} & beside


def test_it_can_be_asked_by_post_of_parameters(record):
    asked = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Goal"}, {"name": "_count", "valueInteger": 5}]}
    assert found(record.post("/Patient/p1/$everything", asked), "match") == ["Goal/g1"]
