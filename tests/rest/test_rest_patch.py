"""https://hl7.org/fhir/R4/http.html#patch: the three kinds of patch over HTTP, by id, by condition and in Bundles."""

from __future__ import annotations

import base64
import json

import pytest

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "identifier": [{"system": "urn:ins", "value": "1"}],
    "birthDate": "1942-05-01",
}
JSON_PATCH = "application/json-patch+json"
XML_PATCH = "application/xml-patch+xml"


def fhirpath(*operations):
    """Parameters of a FHIRPath Patch; each operation is a dict of parts by name with their value[x]."""
    parameters = [{"name": "operation", "part": [{"name": name} | value for name, value in parts.items()]} for parts in operations]
    return {"resourceType": "Parameters", "parameter": parameters}


def replacing(path, **value):
    return {"type": {"valueCode": "replace"}, "path": {"valueString": path}, "value": value}


KINDS = {
    "json": (b'[{"op": "replace", "path": "/birthDate", "value": "1943"}]', JSON_PATCH),
    "fhirpath": (json.dumps(fhirpath(replacing("Patient.birthDate", valueDate="1943"))).encode(), "application/fhir+json"),
    "xml": (b'<diff xmlns:f="http://hl7.org/fhir"><replace sel="f:Patient/f:birthDate/@value">1943</replace></diff>', XML_PATCH),
    "fhirpath in xml": (
        b'<Parameters xmlns="http://hl7.org/fhir">'
        b'<parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/>'
        b'</part><part><name value="path"/><valueString value="Patient.birthDate"/></part><part><name value="value"/>'
        b'<valueDate value="1943"/></part></parameter></Parameters>',
        "application/fhir+xml",
    ),
}


@pytest.fixture
def person(client):
    client.put("/Patient/p1", PATIENT)
    return client


def send(client, path, body, kind, **headers):
    return client.request(
        "PATCH", path, content=body, headers={"content-type": kind} | {k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(("body", "kind"), KINDS.values(), ids=KINDS)
def test_each_kind_of_patch_changes_the_resource(person, body, kind):
    answer = send(person, "/Patient/p1", body, kind)
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert answer.headers["location"] == f"{person.BASE}/Patient/p1/_history/2"
    stored = person.get("/Patient/p1").json()
    assert stored.pop("meta")["versionId"] == "2"
    assert stored == PATIENT | {"birthDate": "1943"}
    assert person.get("/Patient?birthdate=1943").json()["total"] == 1


@pytest.mark.parametrize(("body", "kind"), KINDS.values(), ids=KINDS)
def test_each_kind_of_patch_may_find_its_resource_by_a_search(person, body, kind):
    assert send(person, "/Patient?identifier=urn:ins|1", body, kind).json()["birthDate"] == "1943"


def _binary(body, kind):
    return {"resourceType": "Binary", "contentType": kind, "data": base64.b64encode(body).decode()}


@pytest.mark.parametrize("bundle", ["batch", "transaction"])
@pytest.mark.parametrize("url", ["Patient/p1", "Patient?identifier=urn:ins|1"])
@pytest.mark.parametrize("name", ["json", "fhirpath", "xml"])
def test_each_kind_of_patch_may_be_an_entry(person, bundle, url, name):
    body, kind = KINDS[name]
    resource = json.loads(body) if name == "fhirpath" else _binary(body, kind)
    entry = {"resource": resource, "request": {"method": "PATCH", "url": url, "ifMatch": 'W/"1"'}}
    answer = person.post("/", {"resourceType": "Bundle", "type": bundle, "entry": [entry]}, prefer="return=representation")
    assert answer.status_code == 200, answer.text
    assert answer.json()["entry"][0]["response"]["status"] == "200 OK"
    assert answer.json()["entry"][0]["response"]["etag"] == 'W/"2"'
    assert answer.json()["entry"][0]["resource"]["birthDate"] == "1943"


def test_a_patch_entry_may_link_to_what_the_transaction_creates(person):
    url = "urn:uuid:6e0f6a5e-0a3e-4a5f-9b46-0d3c8a2f1b11"
    add = {"type": {"valueCode": "add"}, "path": {"valueString": "Patient"}, "name": {"valueString": "managingOrganization"}}
    patch = fhirpath(add | {"value": {"valueReference": {"reference": url}}})
    entries = [
        {"resource": patch, "request": {"method": "PATCH", "url": "Patient/p1"}},
        {"fullUrl": url, "resource": {"resourceType": "Organization"}, "request": {"method": "POST", "url": "Organization"}},
    ]
    answer = person.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": entries}).json()
    place = answer["entry"][1]["response"]["location"].partition("/_history")[0]
    assert person.get("/Patient/p1").json()["managingOrganization"]["reference"] == place


@pytest.mark.parametrize(("if_match", "status"), [('W/"1"', 200), ('W/"2"', 412), ("nonsense", 412), ("*", 200), ('W/"2", W/"1"', 200)])
def test_if_match_keeps_two_patches_apart(person, if_match, status):
    assert send(person, "/Patient/p1", *KINDS["json"], if_match=if_match).status_code == status


def test_a_patch_that_changes_nothing_makes_no_version(person):
    body = b'[{"op": "test", "path": "/active", "value": true}]'
    assert send(person, "/Patient/p1", body, JSON_PATCH).headers["etag"] == 'W/"1"'


DOES_NOT_APPLY = {
    "json": (b'[{"op": "test", "path": "/active", "value": true}, {"op": "remove", "path": "/gender"}]', JSON_PATCH, "Operation 1"),
    "fhirpath": (
        json.dumps(fhirpath(replacing("Patient.active", valueBoolean=False), replacing("Patient.gender", valueCode="male"))).encode(),
        "application/fhir+json",
        "Operation 1",
    ),
    "xml": (b'<diff><remove sel="f:Patient/f:active"/><remove sel="f:Patient/f:gender"/></diff>', XML_PATCH, "Operation 1"),
    "not a resource any more": (b'[{"op": "add", "path": "/colour", "value": "red"}]', JSON_PATCH, "leaves no valid resource"),
    "xml with an unknown element": (b'<diff><add sel="f:Patient"><f:x xmlns:f="http://hl7.org/fhir"/></add></diff>', XML_PATCH, "Patient"),
    "another id": (b'[{"op": "replace", "path": "/id", "value": "p2"}]', JSON_PATCH, "changes the type or the id"),
    "another type": (b'[{"op": "replace", "path": "/resourceType", "value": "Person"}]', JSON_PATCH, "changes the type or the id"),
    "nothing left": (b'[{"op": "replace", "path": "", "value": 1}]', JSON_PATCH, "changes the type or the id"),
}


@pytest.mark.parametrize(("body", "kind", "says"), DOES_NOT_APPLY.values(), ids=DOES_NOT_APPLY)
def test_a_patch_that_does_not_apply_is_422_and_changes_nothing(person, issue_of, body, kind, says):
    answer = send(person, "/Patient/p1", body, kind)
    assert answer.status_code == 422, answer.text
    assert says in issue_of(answer)["diagnostics"]
    assert person.get("/Patient/p1").headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("/Patient/p1", b"[", JSON_PATCH, 400),
        ("/Patient/p1", b"{}", JSON_PATCH, 400),
        ("/Patient/p1", b"<diff", XML_PATCH, 400),
        ("/Patient/p1", b'<!DOCTYPE x [<!ENTITY y "z">]><diff><remove sel="x"/></diff>', XML_PATCH, 400),
        ("/Patient/p1", json.dumps(PATIENT).encode(), "application/fhir+json", 400),
        ("/Patient/p1", b"[]", "text/plain", 415),
        ("/Patient/nobody", b"[]", JSON_PATCH, 404),
        ("/Patient?identifier=urn:ins|none", b"[]", JSON_PATCH, 404),
        ("/Patient", b"[]", JSON_PATCH, 412),
        ("/Patient?unknown=1", b"[]", JSON_PATCH, 412),
        ("/Patient/p1", json.dumps([{"op": "test", "path": "", "value": 1}] * 1001).encode(), JSON_PATCH, 413),
    ],
)
def test_what_is_no_patch_or_finds_nothing_says_so(person, issue_of, path, body, kind, status):
    answer = send(person, path, body, kind)
    assert answer.status_code == status, answer.text
    assert issue_of(answer)["severity"] in ("error", "fatal")


def test_an_unknown_format_is_told_which_there_are(person):
    assert JSON_PATCH in send(person, "/Patient/p1", b"[]", "text/plain").headers["accept-patch"]


def test_a_patch_of_several_matches_is_refused(person, issue_of):
    person.put("/Patient/p2", PATIENT | {"id": "p2"})
    answer = send(person, "/Patient?identifier=urn:ins|1", *KINDS["json"])
    assert (answer.status_code, issue_of(answer)["code"]) == (412, "multiple-matches")


def test_a_deleted_resource_cannot_be_patched(person):
    person.delete("/Patient/p1")
    assert send(person, "/Patient/p1", *KINDS["json"]).status_code == 410


def test_a_patch_that_fails_in_a_transaction_names_its_entry_and_stores_nothing(person, issue_of):
    entries = [
        {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
        {"resource": fhirpath(replacing("Patient.gender", valueCode="male")), "request": {"method": "PATCH", "url": "Patient/p1"}},
    ]
    answer = person.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 422
    assert issue_of(answer)["expression"][0].startswith("Bundle.entry[1]")
    assert "Operation 0" in issue_of(answer)["diagnostics"]
    assert person.get("/_history").json()["total"] == 1


def test_the_capability_statement_names_the_formats_of_patches(client):
    statement = client.get("/metadata").json()
    assert JSON_PATCH in statement["patchFormat"]
    assert {"code": "patch"} in statement["rest"][0]["resource"][0]["interaction"]


def test_a_json_patch_sent_as_plain_json_is_told_its_media_type(client, issue_of):
    client.put("/Patient/p1", PATIENT)
    answer = client.request("PATCH", "/Patient/p1", content=KINDS["json"][0], headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert JSON_PATCH in issue_of(answer)["diagnostics"]
