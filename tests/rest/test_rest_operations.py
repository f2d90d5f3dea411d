"""Operations as such (https://hl7.org/fhir/R4/operations.html): whatever they are asked with, the answer is no fault of ours."""

from __future__ import annotations

import json
import os
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.model.issue import FhirError
from fhir_server.operations import assemble, extract, populate
from fhir_server.operations.arguments import Arguments, checked, from_body, from_query
from fhir_server.rest import routes

EXAMPLES = int(os.environ.get("PASSERELLE_FUZZ", "150"))
relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=EXAMPLES)

NAMES = [
    "url",
    "system",
    "code",
    "coding",
    "codeableConcept",
    "valueSet",
    "conceptMap",
    "codeA",
    "codeB",
    "codingA",
    "count",
    "offset",
    "filter",
]
NAMES += [
    "query",
    "variables",
    "patient",
    "category",
    "max",
    "id",
    "persist",
    "_since",
    "_type",
    "_count",
    "_page",
    "start",
    "source",
    "target",
]
NAMES += ["reverse", "dependency", "property", "displayLanguage", "excludeNested", "abstract", "display", "codeSystem", "version"]
TEXTS = [
    "",
    "x",
    "true",
    "1",
    "-1",
    "9" * 30,
    "2020",
    "2020-13",
    "p1",
    "a|b",
    "é",
    "\x00",
    "http://hl7.org/fhir/administrative-gender",
    "male",
]
TEXTS += [
    "http://hl7.org/fhir/ValueSet/administrative-gender",
    "{ id }",
    "{",
    "{}",
    "[]",
    "0.0.",
    "1.2.3",
    "http://unitsofmeasure.org",
    "mg",
]
BROKEN = [
    {"resourceType": "ValueSet", "compose": 7}, {"resourceType": "ValueSet", "compose": {"include": [{"valueSet": [7]}]}},
    {"resourceType": "CodeSystem", "concept": [{"code": "a", "concept": [7]}]}, {"resourceType": "ConceptMap", "group": [{"element": [7]}]},
    {"resourceType": "ConceptMap", "group": [{"source": "x", "element": [{"code": "x", "target": 7}]}]},
    {"resourceType": "Shoe"}, {}, [], 7, None,
]  # fmt: skip
OWN = files("fhir_server.rest").joinpath("operation_definitions.json")
LITERALS = st.sampled_from(
    [7, True, None, {}, [], {"code": 7}, {"coding": 7}, {"coding": [7]}, {"system": "x", "code": "x"}, {"text": "x"}]
)
KEYS = ["valueString", "valueUri", "valueCoding", "valueCodeableConcept", "valueBoolean", "resource", "part", "shoe"]


OPERATIONS = (*routes.OPERATIONS, *routes.FORMS)
CHANGING = {"break-glass"}
"""What always changes something, and so is there by POST only."""

OF_A_RESPONSE = {"/{type}/$explain-score", "/{type}/$extract"}
"""What needs a response in the body."""

OF_SDC = {one.DEFINITION["code"]: one.DEFINITION for one in (assemble, extract, populate)}
"""Defined by a package that need not be here; the server knows the parameters."""


def definition_of(route, definitions):
    """R4's, or for an operation of this server's own the one that it serves."""
    own = {f"OperationDefinition/{one['id']}": one for one in json.loads(OWN.read_text("utf-8"))}
    return own.get(route.operation) or definitions.resolve(route.operation) or OF_SDC[route.operation_name]


def names_of(route, definitions):
    """Mostly those that the operation has."""
    own = [one["name"] for one in definition_of(route, definitions)["parameter"] if one["use"] == "in"]
    return st.sampled_from(own) | st.sampled_from(own) | st.sampled_from(NAMES)


def bodies(names):
    values = st.sampled_from(TEXTS) | LITERALS | st.sampled_from(BROKEN)
    part = st.builds(lambda name, key, value: {"name": name, key: value}, names | st.none(), st.sampled_from(KEYS), values)
    parameters = st.builds(lambda parts: {"resourceType": "Parameters", "parameter": parts}, st.lists(part, max_size=4))
    return parameters | st.sampled_from(BROKEN)


RECORD = [
    {"resourceType": "Patient", "id": "x"},
    {"resourceType": "ValueSet", "id": "x", "status": "active", "url": "http://example.org/x"},
    {"resourceType": "Composition", "id": "x", "status": "final", "title": "x", "type": {"text": "x"}, "date": "2020"},
]


def answered(client, method, route, type_name, **content):
    path = route.template.replace("{type}", type_name).replace("{id}", "x")
    answer = client.request(method, path, **content)
    assert answer.status_code < 500 or answer.status_code == 501, (path, content, answer.text)
    assert answer.headers["content-type"].split(";")[0].endswith("json")


def types(route):
    return sorted(route.types or ("Patient",))


@pytest.fixture
def server(client):
    for one in RECORD:
        client.put(f"/{one['resourceType']}/x", one)
    return client


@relaxed
@given(st.sampled_from(OPERATIONS), st.data())
def test_any_question_in_the_address_is_answered_or_refused(server, definitions, route, data):
    query = data.draw(st.lists(st.tuples(names_of(route, definitions), st.sampled_from(TEXTS)), max_size=4))
    answered(server, "GET", route, types(route)[0], params=query)


@relaxed
@given(st.sampled_from(OPERATIONS), st.data())
def test_any_question_in_a_body_is_answered_or_refused(server, definitions, route, data):
    body = data.draw(bodies(names_of(route, definitions)))
    answered(server, "POST", route, types(route)[0], json=body, headers={"content-type": "application/fhir+json"})


@pytest.mark.parametrize("route", OPERATIONS, ids=lambda route: f"{route.method} {route.addresses[0]}")
def test_an_operation_that_changes_nothing_is_there_by_get_and_by_post(route, definitions):
    definition = definition_of(route, definitions)
    methods = {one.method for one in OPERATIONS if (one.template, one.types) == (route.template, route.types)}
    by_post_only = route.operation_name in CHANGING or route.template in OF_A_RESPONSE
    assert methods == ({"POST"} if by_post_only else {"GET", "POST"})
    assert definition["code"] == route.operation_name


DEFINITION = {
    "code": "dye",
    "parameter": [
        {"name": "colour", "use": "in", "max": "1", "type": "code"},
        {"name": "cloth", "use": "in", "max": "*", "type": "Device"},
        {"name": "return", "use": "out", "max": "1"},
    ],
}


def test_values_are_read_from_the_address_and_from_parameters_alike():
    said = {"resourceType": "Parameters", "parameter": [{"name": "colour", "valueCode": "red"}, {"name": "n", "valueInteger": 3}]}
    for arguments in (from_query([("colour", "red"), ("n", "3")]), from_body(said, [], DEFINITION)):
        assert (arguments.text("colour"), arguments.integer("n"), arguments.boolean("none")) == ("red", 3, None)


def test_the_one_resource_that_an_operation_takes_may_be_the_body():
    arguments = from_body({"resourceType": "Device", "id": "1"}, [("colour", "red")], DEFINITION)
    assert arguments.resource("cloth", "Device") == {"resourceType": "Device", "id": "1"}
    assert arguments.text("colour") == "red"


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"shape": ["x"]}, "'shape'"),
        ({"return": ["x"]}, "'return'"),
        ({"colour": ["red", "blue"]}, "may come once"),
        ({"cloth": ["x"] * 2000}, "1000"),
    ],
)
def test_what_the_definition_has_not_is_refused_with_what_it_has(values, part):
    with pytest.raises(FhirError) as refused:
        checked(Arguments(values), DEFINITION)
    assert part in str(refused.value)
