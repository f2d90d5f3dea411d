"""$graphql over HTTP (https://hl7.org/fhir/R4/graphql.html)."""

from __future__ import annotations

import pytest

PERSON = {"reference": "Patient/anne"}
RESOURCES = [
    {"resourceType": "Organization", "id": "msp", "name": "Maison de santé"},
    {"resourceType": "Patient", "id": "anne", "active": True, "birthDate": "1950-02-01"}
    | {"name": [{"use": "official", "family": "Moreau", "given": ["Anne", "Lise"]}, {"use": "usual", "given": ["Nanette"]}]}
    | {"managingOrganization": {"reference": "Organization/msp"}, "contact": [{"name": {"family": "Petit, veuve Roy"}}]},
    {"resourceType": "Patient", "id": "paul", "active": False},
    *(
        {"resourceType": "Condition", "id": f"c{number}", "subject": PERSON, "code": {"text": f"cause {number}"}, "recordedDate": "2020"}
        for number in range(3)
    ),
    {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "poids"}, "subject": PERSON}
    | {"valueQuantity": {"value": 72.50, "unit": "kg"}, "contained": [{"resourceType": "Practitioner", "id": "nurse"}]}
    | {"performer": [{"reference": "#nurse"}, {"reference": "Practitioner/nobody"}]},
]


@pytest.fixture
def server(client):
    for resource in RESOURCES:
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    return client


def asked(server, path, query, **more):
    answer = server.request("POST", path, json={"query": query, **more})
    assert answer.headers["content-type"].startswith("application/json")
    return answer


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


INSTANCE = [
    ("{ active birthDate }", {"active": True, "birthDate": "1950-02-01"}),
    ("{ resourceType kind: __typename }", {"resourceType": "Patient", "kind": "Patient"}),
    ("{ name(use: usual) { given } }", {"name": [{"given": ["Nanette"]}]}),
    ('{ name(fhirpath: "given.count() > 1") { family } }', {"name": [{"family": "Moreau"}]}),
    ("{ name(_offset: 1, _count: 1) { use } }", {"name": [{"use": "usual"}]}),
    ("{ who: name @first @flatten { nom: family @singleton } }", {"nom": "Moreau"}),
    ("{ managingOrganization { resource { ... on Organization { name } } } }",
     {"managingOrganization": {"resource": {"name": "Maison de santé"}}}),
    ("{ managingOrganization @flatten { resource @flatten { name } } }", {"name": "Maison de santé"}),
    ("{ ...a ...b } fragment a on Patient { name @first { use } } fragment b on Patient { name @first { family } }",
     {"name": [{"use": "official", "family": "Moreau"}]}),
    ("{ ... on Group { type } ... on Patient { active } ... on DomainResource { id } }", {"active": True, "id": "anne"}),
    ("{ deceasedBoolean photo { title } }", {}),
    ("{ ConditionList(_reference: patient, _sort: _id) { id } }", {"ConditionList": [{"id": f"c{n}"} for n in range(3)]}),
    ("{ ConditionList(_reference: patient, _count: 1, _offset: 1, _sort: _id) { id } }", {"ConditionList": [{"id": "c1"}]}),
    ("{ ConditionConnection(_reference: patient) { count } }", {"ConditionConnection": {"count": 3}}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), INSTANCE)
def test_a_graph_that_begins_with_a_resource(server, query, expected):
    assert data(asked(server, "/Patient/anne/$graphql", query)) == expected


def test_decimals_are_as_they_were_stored(server):
    query = "{ valueQuantity { value } }"
    server.put(
        "/Observation/o1", b'{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},"valueQuantity":{"value":72.50}}'
    )
    assert '"value":72.50' in asked(server, "/Observation/o1/$graphql", query).text


def test_contained_resources_are_resolved_and_optional_ones_missed_in_silence(server):
    query = "{ performer { reference resource(optional: true) { resourceType id } } }"
    assert data(asked(server, "/Observation/o1/$graphql", query))["performer"] == [
        {"reference": "#nurse", "resource": {"resourceType": "Practitioner", "id": "nurse"}},
        {"reference": "Practitioner/nobody"},
    ]


SYSTEM = [
    ("{ Patient(id: anne) { id } }", {"Patient": {"id": "anne"}}),
    ('{ a: Patient(id: "anne") { id } b: Patient(_id: "paul") { active } }', {"a": {"id": "anne"}, "b": {"active": False}}),
    ("{ PatientList(active: true) { id } }", {"PatientList": [{"id": "anne"}]}),
    ("{ PatientList(_id: [anne, paul], _sort: _id) { id } }", {"PatientList": [{"id": "anne"}, {"id": "paul"}]}),
    ('{ PatientList(_sort: _id, fhirpath: "active.not()") { id } }', {"PatientList": [{"id": "paul"}]}),
    ("{ ConditionList(recorded_date: [\"2020\"], _sort: _id, _count: 1) { id } }", {"ConditionList": [{"id": "c0"}]}),
    ('{ PatientList(name: "Nobody, of this name") { id } }', {"PatientList": []}),
    ("{ Patient(id: anne) { ObservationList(_reference: subject) { id } } }", {"Patient": {"ObservationList": [{"id": "o1"}]}}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), SYSTEM)
@pytest.mark.parametrize("path", ["/$graphql", "/Patient/$graphql"])
def test_a_graph_of_the_whole_server(server, path, query, expected):
    assert data(asked(server, path, query)) == expected


def test_a_connection_goes_on_by_its_cursors_to_the_last_match(server):
    fields = "{ count offset pagesize edges { mode resource { id } } first previous next }"
    page = data(asked(server, "/$graphql", "{ ConditionConnection(_sort: _id, _count: 2) " + fields + " }"))["ConditionConnection"]
    assert (page["count"], page["offset"], page["pagesize"]) == (3, 0, 2)
    assert page["edges"][0] == {"mode": "match", "resource": {"id": "c0"}}
    query = "query on($place: String!) { ConditionConnection(cursor: $place) " + fields + " }"
    last = data(asked(server, "/$graphql", query, variables={"place": page["next"]}))["ConditionConnection"]
    assert [one["resource"]["id"] for one in last["edges"]] == ["c2"]
    assert last["offset"] == 2
    assert "next" not in last
    again = data(asked(server, "/$graphql", query, variables={"place": last["first"]}))["ConditionConnection"]
    assert again["edges"] == page["edges"]
    back = data(asked(server, "/$graphql", query, variables={"place": last["previous"]}))["ConditionConnection"]
    assert (back["edges"], back["offset"]) == (page["edges"], 0)


QUERY = "query one { active } query two($with: Boolean = false) { id active @include(if: $with) }"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"operationName": "one"}, {"active": True}),
        ({"operationName": "two"}, {"id": "anne"}),
        ({"operationName": "two", "variables": {"with": True}}, {"id": "anne", "active": True}),
    ],
)
def test_operations_are_chosen_and_variables_filled_in(server, more, expected):
    assert data(asked(server, "/Patient/anne/$graphql", QUERY, **more)) == expected


def test_it_is_asked_by_get_by_graphql_and_by_parameters_too(server):
    path, query = "/Patient/anne/$graphql", "{ active }"
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "query", "valueString": query}]}
    answers = [
        server.request("GET", path, params={"query": query}),
        server.request("POST", path, content=query, headers={"content-type": "application/graphql"}),
        server.post(path, parameters),
    ]
    assert [data(answer) for answer in answers] == [{"active": True}] * 3


def test_variables_in_the_address_are_json(server):
    query = "query ($with: Boolean!) { id @skip(if: $with) active }"
    answer = server.request("GET", "/Patient/anne/$graphql", params={"query": query, "variables": '{"with": true}'})
    assert data(answer) == {"active": True}


DEEP, DEEPER = ("{" + "contact{" * depth + "id" + "}" * (depth + 1) for depth in (40, 1500))
REFUSED = [
    ("{ shoes }", 400, "Patient has no field 'shoes'"),
    ("{ birthdate }", 400, "Did you mean birthDate"),
    ("{ name }", 400, "which of its fields"),
    ("{ active { x } }", 400, "nothing can be selected"),
    ("{ active(use: a) }", 400, "takes no arguments"),
    ("{ name(shoe: 1) { use } }", 400, "no element 'shoe'"),
    ("{ name(fhirpath: \"nonsense(\") { use } }", 400, "FHIRPath"),
    ("{ name @shuffle { use } }", 400, "no directive @shuffle"),
    ("{ name @flatten { family given @singleton } }", 400, "more than one value"),
    ("{ ...nothing }", 400, "no fragment nothing"),
    ("{ ...a } fragment a on Patient { ...b } fragment b on Patient { ...a }", 400, "holds itself"),
    ("query ($a: Boolean!) { id @skip(if: $a) }", 400, "$a has no value"),
    ("{ id @skip(if: $b) }", 400, "$b has no value"),
    ("{ ConditionList { id } }", 400, "_reference"),
    ("{ ConditionList(_reference: shoe) { id } }", 400, "no search parameter 'shoe'"),
    ("{ generalPractitioner { resource { id } } ... }", 400, "not GraphQL"),
    ("mutation { PatientDelete(id: 1) { id } }", 501, "not carried out"),
    ("{ __schema { types { name } } }", 400, "introspection"),
    (DEEP, 413, "deeper than 30"),
    (DEEPER, 400, "nested too deeply"),
    ("{ active " + "id " * 6000 + "}", 400, "tokens"),
    ("{ id #" + "x" * 60_000 + "\n}", 413, "characters"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "status", "part"), REFUSED, ids=[f"{number} {one[0][:40]}" for number, one in enumerate(REFUSED)])
def test_what_cannot_be_answered_is_an_error_with_an_outcome(server, query, status, part):
    answer = asked(server, "/Patient/anne/$graphql", query)
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["data"] is None
    outcome = body["errors"][0]["extensions"]["resource"]
    assert outcome["resourceType"] == "OperationOutcome"
    assert part in body["errors"][0]["message"] == outcome["issue"][0]["diagnostics"]


SYSTEM_REFUSED = [
    ("{ Patient(id: nobody) { id } }", 404, "nobody"),
    ("{ Patient(name: x) { id } }", 400, "just an id"),
    ("{ Shoe(id: 1) { id } }", 400, "no field 'Shoe'"),
    ("{ PatientList(shoe: 1) { id } }", 400, "cannot be searched by 'shoe'"),
    ("{ PatientList(_include: x) { id } }", 400, "cannot be searched by '_include'"),
    ('{ PatientConnection(cursor: "x") { count } }', 400, "cursor"),
    ('{ PatientConnection(cursor: "W10", name: "x") { count } }', 400, "leave the other arguments out"),
    ("{ PatientList(_count: 5000) { id } }", 413, "1000"),
    ("{ PatientList @flatten { id } }", 400, "stand on elements"),
    ("{ PatientConnection { edges @first { mode } } }", 400, "stand on elements"),
    ("{ PatientConnection { shoes } }", 400, "no field 'shoes'"),
    ("{ PatientConnection { edges { shoes } } }", 400, "no field 'shoes'"),
    ("{ " + " ".join(f"a{n}: PatientList {{ id }}" for n in range(60)) + " }", 413, "50 times"),
    ("{ Patient(id: anne) { managingOrganization { resource(type: Shoe) { id } } } }", 400, "Shoe"),
]


@pytest.mark.parametrize(("query", "status", "part"), SYSTEM_REFUSED)
def test_a_query_of_the_server_that_makes_no_sense_is_refused(server, query, status, part):
    answer = asked(server, "/$graphql", query)
    assert (answer.status_code, answer.json()["data"]) == (status, None), answer.text
    assert part in answer.json()["errors"][0]["message"]


def test_an_error_says_where_in_the_query_it_is(server):
    error = asked(server, "/Patient/anne/$graphql", "{\n  active\n  shoes }").json()["errors"][0]
    assert error["locations"] == [{"line": 3, "column": 3}]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"[1]", 400),
        ("application/json", b'{"query": 7}', 400),
        ("application/json", b'{"query": "{id}", "variables": 7}', 400),
        ("application/json", b"{", 400),
        ("application/graphql", b"\xff", 400),
        ("application/graphql", b"", 400),
        ("text/plain", b"{ id }", 415),
    ],
)
def test_a_body_that_is_no_query_is_refused(server, content_type, body, status):
    answer = server.request("POST", "/Patient/anne/$graphql", content=body, headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["data"]) == (status, None)


def test_a_resource_that_is_not_there_is_404(server):
    assert asked(server, "/Patient/nobody/$graphql", "{ id }").status_code == 404


def test_too_long_a_list_is_refused_rather_than_cut(server, monkeypatch):
    monkeypatch.setattr("fhir_server.graphql.execution.MAX_LIST", 2)
    assert asked(server, "/$graphql", "{ ConditionList { id } }").status_code == 413
