"""CapabilityStatement and OpenAPI say what the server does, no more (https://hl7.org/fhir/R4/capabilitystatement.html)."""

from __future__ import annotations

import re

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from fhir_server.model.xml_format import decode_xml
from fhir_server.rest.routes import ROUTES


@pytest.fixture
def statement(client):
    answer = client.get("/metadata")
    assert answer.status_code == 200
    return answer.json()


def resource(statement, name):
    return next(one for one in statement["rest"][0]["resource"] if one["type"] == name)


def test_it_is_valid(statement, validator):
    assert [issue for issue in validator.validate(statement) if issue.is_error] == []
    assert CapabilityStatement.model_validate(statement).fhirVersion == "4.0.1"
    assert statement["kind"] == "instance"
    assert statement["implementation"]["url"].endswith("/fhir")


def test_every_resource_type_is_there(statement, definitions):
    assert {one["type"] for one in statement["rest"][0]["resource"]} == set(definitions.schema.resource_types)


def test_every_interaction_of_the_table_is_declared_and_no_other(statement):
    of_system, of_type = statement["rest"][0]["interaction"], resource(statement, "Patient")["interaction"]
    assert {one["code"] for one in of_system + of_type} == {code for route in ROUTES for code in route.interactions}


def test_search_parameters_carry_their_definitions(statement, definitions):
    found = {one["name"]: one for one in resource(statement, "CarePlan")["searchParam"]}
    assert found["care-team"]["definition"] == definitions.search_parameters("CarePlan")["care-team"].url
    assert found["care-team"]["type"] == "reference"
    assert "CarePlan:care-team" in resource(statement, "CarePlan")["searchInclude"]


def test_documentation_is_about_the_type(statement):
    found = {one["name"]: one.get("documentation", "") for one in resource(statement, "CarePlan")["searchParam"]}
    assert found["patient"] == "Who the care plan is for"
    assert "[CareTeam]" not in "".join(found.values())


@pytest.mark.parametrize(("name", "code"), [("Patient", "_id"), ("Condition", "subject")])
def test_examples_in_the_specification_do_not_replace_its_parameters(statement, name, code):
    found = {one["name"]: one.get("definition") for one in resource(statement, name)["searchParam"]}
    assert "example" not in found[code]


GUIDES = tuple(f"http://hl7.org/fhir/uv/{guide}/OperationDefinition/" for guide in ("bulkdata", "sdc", "subscriptions-backport"))


def test_operations_are_where_they_work(statement):
    types = ("Patient", "ValueSet", "Task", "Questionnaire", "QuestionnaireResponse", "Subscription")
    named = {name: {one["name"] for one in resource(statement, name)["operation"]} for name in types}
    everywhere = {"validate", "graphql", "meta", "meta-add", "meta-delete"}
    assert everywhere == named["Task"] <= named["Patient"] & named["ValueSet"]
    assert named["Patient"] - named["Task"] == {"everything", "export", "access-history", "break-glass"}
    assert named["Questionnaire"] - named["Task"] == {"populate", "assemble", "questionnaire-package"}
    assert named["QuestionnaireResponse"] - named["Task"] == {"explain-score", "extract"}
    assert named["Subscription"] - named["Task"] == {"status", "events", "get-ws-binding-token"}
    assert named["ValueSet"] - named["Task"] == {"expand", "validate-code"}
    assert "graphql" in {one["name"] for one in statement["rest"][0]["operation"]}


def test_subscriptions_are_declared_as_the_backport_has_it(statement):
    declared = resource(statement, "Subscription")
    assert declared["supportedProfile"] == ["http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription"]
    sockets = [one["valueUri"] for one in statement["rest"][0]["extension"] if one["url"].endswith("/capabilitystatement-websocket")]
    assert len(sockets) == 1
    assert sockets[0].startswith("ws")
    assert sockets[0].endswith("/fhir/websocket")


def test_every_operation_that_is_declared_is_defined_and_means_its_type(client, statement, definitions):
    for one in statement["rest"][0]["resource"]:
        for operation in one["operation"]:
            if operation["definition"].startswith(GUIDES):
                continue  # a guide's, which need not be loaded
            definition = definitions.resolve(operation["definition"]) or client.get(operation["definition"]).json()
            assert definition["code"] == operation["name"]
            assert {one["type"], "Resource"} & set(definition["resource"]), operation


def test_our_own_operations_are_defined_where_the_statement_says(client, statement, validator):
    own = [one for one in statement["rest"][0]["operation"] if "://hl7.org/" not in one["definition"]]
    assert {one["name"] for one in own} == {"import", "validate", "fhirpath"}
    for one in own:
        definition = client.get(one["definition"]).json()
        assert (definition["url"], definition["code"], definition["system"]) == (one["definition"], one["name"], True)
        assert [issue for issue in validator.validate(definition) if issue.is_error] == []


def test_a_stored_definition_comes_before_our_own(client):
    path = "/OperationDefinition/passerelle-import"
    definition = client.get(path).json() | {"title": "Ours"}
    assert client.put(path, definition).status_code == 201
    assert client.get(path).json()["title"] == "Ours"
    assert client.get("/OperationDefinition/none").status_code == 404


def test_it_comes_as_xml_too(client, statement, definitions):
    answer = client.get("/metadata", accept="application/fhir+xml")
    assert decode_xml(answer.content, definitions.schema) == statement


def test_the_base_may_be_set_by_the_operator(serve):
    statement = serve(base_url="https://fhir.example.org/r4").get("/metadata").json()
    assert statement["implementation"]["url"] == "https://fhir.example.org/r4"


def test_a_strange_host_is_refused(client, issue_of):
    answer = client.get("/metadata", host="evil.example/<x>")
    assert answer.status_code == 400
    assert "Host" in issue_of(answer)["diagnostics"]


def test_another_mode_of_metadata_is_not_pretended(client):
    assert client.get("/metadata?mode=terminology").status_code == 501


def test_openapi_has_every_route(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for route in ROUTES:
        assert all(route.method.lower() in document["paths"][address] for address in route.addresses)
    names = {parameter.get("name") for parameter in document["paths"]["/CarePlan"]["get"]["parameters"]}
    assert {"care-team", "patient", "_lastUpdated"} <= names


def test_openapi_has_no_loose_ends(client):
    text = client.get("/openapi.json").text
    document = client.get("/openapi.json").json()
    for _, section, name in {tuple(found.split("/")) for found in re.findall(r'"#/(components/\w+/\w+)"', text)}:
        assert name in document["components"][section]
    ids = re.findall(r'"operationId":"(\w+)"', text)
    assert len(ids) == len(set(ids))
