"""$validate over HTTP (https://hl7.org/fhir/R4/resource-operation-validate.html)."""

from __future__ import annotations

import pytest

PATIENT = {"resourceType": "Patient", "id": "p1", "active": True}
WRONG = {"resourceType": "Patient", "colour": "red"}
PROFILE = "https://example.org/StructureDefinition/person"


def parameters(*parts):
    return {"resourceType": "Parameters", "parameter": list(parts)}


def wrapped(resource):
    return {"name": "resource", "resource": resource}


def is_good(response):
    """The verdict: no error among the issues."""
    assert response.status_code == 200
    assert response.json()["resourceType"] == "OperationOutcome"
    return not {issue["severity"] for issue in response.json()["issue"]} & {"error", "fatal"}


@pytest.mark.parametrize("wrap", [lambda resource: resource, lambda resource: parameters(wrapped(resource))])
def test_good_and_wrong_are_told_apart(client, wrap):
    assert is_good(client.post("/Patient/$validate", wrap(PATIENT)))
    assert not is_good(client.post("/Patient/$validate", wrap(WRONG)))


def test_the_resource_comes_as_xml_and_so_does_the_answer(client):
    body = b'<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>'
    answer = client.post("/Patient/$validate", body, content_type="application/fhir+xml", accept="application/fhir+xml")
    assert answer.status_code == 200
    assert b"<OperationOutcome" in answer.content


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/Patient/$validate?profile={PROFILE}", PATIENT),
        ("/Patient/$validate", parameters(wrapped(PATIENT), {"name": "profile", "valueUri": PROFILE})),
        ("/Patient/$validate", parameters(wrapped(PATIENT), {"name": "profile", "valueCanonical": PROFILE})),
    ],
)
def test_a_profile_is_named_in_the_url_or_the_parameters(client, path, body):
    assert PROFILE in client.post(path, body).text


def test_a_stored_resource_is_validated_where_it_is(client):
    client.put("/Patient/p1", PATIENT)
    assert is_good(client.get("/Patient/p1/$validate"))
    assert client.get("/Patient/nobody/$validate").status_code == 404


def test_nothing_is_stored(client):
    client.post("/Patient/$validate", PATIENT)
    assert client.get("/_history").json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/Task/$validate?mode=create", PATIENT),
        ("/Task/p1/$validate", PATIENT),
        ("/Patient/p2/$validate?mode=update", PATIENT),
        ("/Patient/p2/$validate?mode=update", {"resourceType": "Patient"}),
    ],
)
def test_what_does_not_fit_the_address_is_an_error(client, path, body):
    assert not is_good(client.post(path, body))


def test_parameters_may_be_what_is_validated(client):
    assert is_good(client.post("/Parameters/$validate", parameters({"name": "a", "valueString": "b"})))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/Patient/$validate", parameters()),
        ("/Patient/$validate", {"resourceType": "Parameters", "parameter": 7}),
        ("/Patient/$validate", parameters({"name": "resource", "resource": "Patient"})),
        ("/Patient/$validate", parameters({"name": ["resource"], "resource": PATIENT})),
        ("/Patient/$validate?mode=guess", PATIENT),
        ("/Patient/$validate?mode=profile", PATIENT),
        ("/Patient/$validate", b"{"),
    ],
)
def test_a_request_that_makes_no_sense_is_400(client, path, body):
    assert client.post(path, body).status_code == 400


def test_the_delete_of_an_id_needs_no_resource(client):
    assert is_good(client.post("/Patient/p1/$validate", parameters({"name": "mode", "valueCode": "delete"})))


def test_a_property_that_stands_twice_is_found_though_decoders_keep_but_one(client):
    answer = client.post("/Patient/$validate", b'{"resourceType": "Patient", "gender": "male", "gender": "female"}')
    assert not is_good(answer)
    assert "stands twice" in answer.json()["issue"][0]["diagnostics"]


XML = "application/fhir+xml"
FAULTY = '<Patient xmlns="http://hl7.org/fhir"><colour value="red"/><gender value="blue"/></Patient>'


def places(response):
    return [issue.get("expression") for issue in response.json()["issue"] if issue["severity"] in ("error", "fatal")]


def test_xml_is_checked_past_an_unknown_element_but_not_stored(client):
    told = client.post("/Patient/$validate", FAULTY.encode(), content_type=XML)
    assert told.status_code == 200
    assert places(told)[0] == ["Patient"]
    assert "no element colour" in told.text
    assert client.post("/Patient", FAULTY.encode(), content_type=XML).status_code == 400


def test_a_faulty_bundle_whose_entries_were_to_be_checked_is_refused(client):
    bundle = f'<Bundle xmlns="http://hl7.org/fhir"><entry><resource>{FAULTY}</resource></entry></Bundle>'.encode()
    refused = client.post("/$validate", bundle, content_type=XML)
    assert refused.status_code == 400
    assert places(refused) == [["Bundle.entry[0].resource"]]


@pytest.mark.parametrize(("query", "severity"), [("", "warning"), ("?mode=create", "error")])
def test_a_resource_of_another_type_than_the_url_says_is_checked_but_could_not_be_written_there(client, query, severity):
    issues = client.post(f"/Group/$validate{query}", PATIENT).json()["issue"]
    assert [one["severity"] for one in issues if "The URL says Group" in one["diagnostics"]] == [severity]
