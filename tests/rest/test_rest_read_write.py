"""https://hl7.org/fhir/R4/http.html: read, vread, create, update, delete."""

from __future__ import annotations

import pytest

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Martin", "given": ["Zoé"]}]}
TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}


def test_a_created_resource_is_read_back_at_its_location(client):
    made = client.post("/Patient", PATIENT)
    assert made.status_code == 201
    assert made.headers["etag"] == 'W/"1"'
    location = made.headers["location"]
    assert location.startswith(f"{client.BASE}/Patient/")
    assert location.endswith("/_history/1")
    assert client.get(location).content == made.content
    assert client.get(location.removesuffix("/_history/1")).json()["name"] == PATIENT["name"]


def test_a_create_gives_a_new_id_whatever_the_body_says(client):
    assert client.post("/Patient", PATIENT).json()["id"] != "p1"


def test_an_update_creates_then_replaces(client):
    first = client.put("/Patient/p1", PATIENT)
    second = client.put("/Patient/p1", PATIENT | {"active": True})
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["etag"] == 'W/"2"'
    assert second.headers["location"] == f"{client.BASE}/Patient/p1/_history/2"
    assert client.get("/Patient/p1").json()["meta"]["versionId"] == "2"
    assert "active" not in client.get("/Patient/p1/_history/1").json()


def test_json_leaves_as_it_is_stored(client, interactions, loop):
    client.put("/Patient/p1", PATIENT)
    stored = loop.run_until_complete(interactions.read("Patient", "p1"))
    answer = client.get("/Patient/p1")
    assert answer.content == stored.content
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["last-modified"].endswith("GMT")


def test_decimals_stay_as_written(client):
    body = b'{"resourceType":"Observation","id":"o","status":"final","code":{"text":"weight"},"valueQuantity":{"value":72.50}}'
    assert b"72.50}" in client.put("/Observation/o", body).content
    assert b'value="72.50"' in client.get("/Observation/o?_format=xml").content


def test_a_deleted_resource_is_gone_and_its_versions_remain(client, issue_of):
    client.put("/Patient/p1", PATIENT)
    gone = client.delete("/Patient/p1")
    assert (gone.status_code, gone.content, gone.headers["etag"]) == (204, b"", 'W/"2"')
    assert client.get("/Patient/p1").status_code == 410
    assert issue_of(client.get("/Patient/p1"))["code"] == "deleted"
    assert client.get("/Patient/p1/_history/1").status_code == 200
    assert client.get("/Patient/p1/_history/2").status_code == 410


def test_deleting_what_is_not_there_is_no_error(client):
    assert client.delete("/Patient/nobody").status_code == 204


def test_a_delete_tells_what_it_did_when_asked(client, issue_of):
    client.put("/Patient/p1", PATIENT)
    answer = client.delete("/Patient/p1", prefer="return=OperationOutcome")
    assert answer.status_code == 200
    assert "Patient/p1 was deleted" in issue_of(answer)["diagnostics"]


def test_head_has_the_headers_of_get_and_no_body(client):
    client.put("/Patient/p1", PATIENT)
    whole, head = client.get("/Patient/p1"), client.request("HEAD", "/Patient/p1")
    assert head.content == b""
    for name in ("etag", "last-modified", "content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("preference", "body"),
    [
        ("return=minimal", b""),
        ("return=representation", b'"resourceType":"Patient"'),
        ("return=OperationOutcome", b'"resourceType":"OperationOutcome"'),
    ],
)
def test_prefer_says_what_a_write_returns(client, preference, body):
    answer = client.put("/Patient/p1", PATIENT, prefer=preference)
    assert answer.status_code == 201
    assert body in answer.content
    assert bool(answer.content) == bool(body)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": 'W/"1"'}, 304),
        ({"if_none_match": '"1"'}, 304),
        ({"if_none_match": 'W/"7", W/"1"'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": 'W/"2"'}, 200),
        ({"if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ({"if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_none_match": 'W/"2"', "if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 200),
    ],
)
def test_a_conditional_read_answers_304_where_nothing_is_new(client, headers, status):
    client.put("/Patient/p1", PATIENT)
    answer = client.get("/Patient/p1", **headers)
    assert answer.status_code == status
    assert bool(answer.content) == (status == 200)
    assert answer.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(("if_match", "status"), [
    ('W/"1"', 200), ('W/"9"', 412), ("nonsense", 412), ("*", 200),
    ('W/"7", W/"1"', 200), ('"1","7"', 200), ('"foreign", W/"1"', 200), ('W/"7", W/"9"', 412),
])  # fmt: skip
def test_if_match_keeps_two_writers_apart(client, if_match, status):
    client.put("/Patient/p1", PATIENT)
    assert client.put("/Patient/p1", PATIENT | {"active": False}, if_match=if_match).status_code == status


def test_if_match_of_any_version_asks_that_one_stands(client, issue_of):
    answer = client.put("/Patient/p1", PATIENT, if_match="*")
    assert answer.status_code == 412
    assert "there is no such resource" in issue_of(answer)["diagnostics"]
    client.put("/Patient/p1", PATIENT)
    assert client.delete("/Patient/p1", if_match="*").status_code == 204
    answer = client.put("/Patient/p1", PATIENT, if_match="*")
    assert answer.status_code == 412
    assert "its version is 2, its deletion" in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Patient/nobody", 404),
        ("GET", "/Patient/nobody/_history", 404),
        ("GET", "/Patient/nobody/_history/1", 404),
        ("GET", "/Patientt/1", 404),
        ("GET", "/Patient/$nothing", 404),
        ("GET", "/Patient/1/$everything/more", 404),
        ("GET", "/_nothing", 404),
        ("GET", "/Observation/1/$everything", 404),
        ("PUT", "/Patient/p_1", 400),
        ("DELETE", "/Patient/" + "x" * 65, 400),
        ("GET", "/Patient//1", 404),
    ],
)
def test_what_is_not_there_is_an_operation_outcome(client, issue_of, method, path, status):
    body = {"headers": {"content-type": "application/fhir+json"}, "content": b'{"resourceType":"Patient","id":"p_1"}'}
    answer = client.request(method, path, **body)
    assert answer.status_code == status
    assert issue_of(answer)["severity"] in ("error", "fatal")


def test_a_misspelt_type_gets_a_hint(client, issue_of):
    assert "Did you mean CarePlan?" in issue_of(client.get("/careplan/1"))["diagnostics"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/Patient/1", "GET, HEAD, PUT, PATCH, DELETE"),
        ("DELETE", "/Patient/1/_history", "GET, HEAD"),
        ("PUT", "/", "POST, GET, HEAD"),
        ("POST", "/metadata", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_possible_names_those_that_are(client, issue_of, method, path, allowed):
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert issue_of(answer)["code"] == "not-supported"


def test_the_body_must_be_what_the_url_says(client, issue_of):
    assert client.post("/Observation", PATIENT).status_code == 400
    assert client.put("/Patient/p2", PATIENT).status_code == 400
    assert "p1" in issue_of(client.put("/Patient/p2", PATIENT))["diagnostics"]


def test_a_create_without_body_is_refused_in_words(client, issue_of):
    assert "empty" in issue_of(client.post("/Task", b""))["diagnostics"]


def test_a_resource_that_no_reader_understands_is_not_stored(client, issue_of):
    answer = client.post("/Task", TASK | {"colour": "red"})
    assert answer.status_code == 400
    assert "colour" in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize("if_match", ["nonsense", '"a"', '"a", "b"', ""])
def test_an_if_match_that_is_no_version_of_ours_says_how_to_write_one(client, issue_of, if_match):
    client.put("/Patient/p1", PATIENT)
    answer = client.put("/Patient/p1", PATIENT | {"active": True}, if_match=if_match)
    assert answer.status_code == 412
    assert 'W/"1"' in issue_of(answer)["diagnostics"]


def test_a_body_whose_type_does_not_exist_gets_a_hint(client, issue_of):
    issue = issue_of(client.post("/Patient", {"resourceType": "Patint"}))
    assert "Did you mean 'Patient'?" in issue["diagnostics"]


def test_what_the_base_cannot_do_says_where_to_look(client, issue_of):
    assert "/metadata" in issue_of(client.delete("/"))["diagnostics"]


def test_get_on_the_base_searches_all_types(client):
    assert client.get("/").json()["type"] == "searchset"
