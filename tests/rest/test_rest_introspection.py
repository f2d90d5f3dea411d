"""What GraphQL clients look at before they ask (https://spec.graphql.org/October2021/#sec-Schema-Introspection)."""

from __future__ import annotations

import pytest
from graphql import build_client_schema, get_introspection_query, parse, validate

from fhir_server.graphql import GraphQLRequest, Introspection


def asked(client, query, path="/$graphql", **more):
    return client.request("POST", path, json={"query": query} | more)


def type_of(client, name):
    fields = "name kind fields { name args { name } type { name kind ofType { name } } } interfaces { name }"
    answer = asked(client, "query t($name: String!) { __type(name: $name) { " + fields + " } }", variables={"name": name})
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]["__type"]
    return found | {"fields": {one["name"]: one for one in found["fields"]}}


@pytest.fixture(scope="module")
def schemas():
    return {}


@pytest.fixture
def schema(client, schemas):
    """The schema that a client makes of the answer to what all of them ask, once."""
    if not schemas:
        schemas["R4"] = build_client_schema(asked(client, get_introspection_query()).json()["data"])
    return schemas["R4"]


def test_a_type_is_told_by_its_name(client):
    patient = type_of(client, "Patient")
    assert (patient["kind"], patient["interfaces"]) == ("OBJECT", [{"name": "Resource"}])
    assert patient["fields"]["name"]["type"] == {"name": None, "kind": "LIST", "ofType": {"name": "HumanName"}}
    assert {"fhirpath", "_count", "_offset", "family", "use"} <= {one["name"] for one in patient["fields"]["name"]["args"]}
    assert patient["fields"]["contact"]["type"]["ofType"]["name"] == "PatientContact"
    assert patient["fields"]["birthDate"]["type"]["name"] == "date"
    assert patient["fields"]["_birthDate"]["type"]["name"] == "Element"
    assert {"resourceType", "deceasedBoolean", "deceasedDateTime"} <= patient["fields"].keys()


WORKING = [
    "{ Patient(id: 1) { id name(use: official) { family given } birthDate contact { gender } } }",
    '{ PatientList(name: "x", _count: 3) { resourceType id } }',
    "query on { ObservationConnection(status: final) { count next edges { mode resource { status } } } }",
    "{ CarePlanList(status: active) { subject { reference resource(optional: true) { id ... on Patient { gender } } } } }",
    '{ Patient(id: 1) { name @flatten { given @first family @singleton } identifier @slice(path: "system") { value } } }',
    "{ Patient(id: 1) { contained { id ... on Organization { name } } contact { ... on PatientContact { __typename gender } } } }",
]


@pytest.mark.parametrize("query", WORKING)
def test_what_this_server_answers_is_valid_by_the_schema_it_tells(client, schema, query):
    assert validate(schema, parse(query)) == []
    client.put("/Patient/1", {"resourceType": "Patient", "id": "1", "contact": [{"gender": "male"}]})
    assert asked(client, query).status_code == 200


def test_what_there_is_not_is_invalid_by_it(schema):
    assert validate(schema, parse("{ Patient(id: 1) { shoes } }"))
    assert len(schema.type_map) > 900


def test_types_are_named_in_answers_as_in_the_schema(client, schema):
    client.put("/Patient/1", {"resourceType": "Patient", "id": "1", "contact": [{"gender": "male"}]})
    query = "{ PatientConnection { __typename edges { __typename resource { __typename contact { __typename } } } } }"
    page = asked(client, query).json()["data"]["PatientConnection"]
    resource = page["edges"][0]["resource"]
    names = {page["__typename"], page["edges"][0]["__typename"], resource["__typename"], resource["contact"][0]["__typename"]}
    assert names == {"PatientConnection", "PatientEdge", "Patient", "PatientContact"}
    assert names <= schema.type_map.keys()


DEEP = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
REFUSED = [
    ("/$graphql", DEEP, "depth"), ("/$graphql", "{ __schema { shoes } }", "shoes"), ("/$graphql", "{ __type { name } }", "name"),
    ("/$graphql", "{ __schema { types { name } } Patient(id: 1) { id } }", "a query of its own"),
    ("/$graphql", "{ a: __schema { types { name } } b: __schema { types { name } } }", "alias"),
    ("/$graphql", "{ __schema { types { a: fields { name } b: fields { name } } } }", "alias"),
    ("/Patient/1/$graphql", "{ __schema { types { name } } }", "a query of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query", "part"), REFUSED)
def test_what_cannot_be_told_is_refused_in_words(client, path, query, part):
    client.put("/Patient/1", {"resourceType": "Patient", "id": "1"})
    answer = asked(client, query, path)
    assert (answer.status_code, answer.json()["data"]) == (400, None)
    assert part in answer.json()["errors"][0]["message"]


def test_a_query_of_the_schema_is_short(client):
    long = "{ __schema { types { " + "name " * 1_000 + "} } }"
    assert asked(client, long).status_code == 413


class Growing:
    """Definitions to which a search parameter comes."""

    def __init__(self, definitions):
        self.schema, self.definitions, self.more = definitions.schema, definitions, {}

    @property
    def parameters_generation(self):
        return len(self.more)

    def search_parameters(self, name):
        return self.definitions.search_parameters(name) | self.more


def test_an_answer_is_kept_until_the_search_parameters_change(definitions, run):
    growing = Growing(definitions)
    introspection, request = Introspection(growing), GraphQLRequest('{ __type(name: "Query") { fields { args { name } } } }')
    before = run(introspection.answer(request))
    assert bytes(run(introspection.answer(request))) == bytes(before)
    growing.more["shoe-size"] = None
    assert b"shoe_size" not in bytes(before)
    assert b"shoe_size" in bytes(run(introspection.answer(request)))
