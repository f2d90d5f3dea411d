"""Which form an answer has, which methods there are, and pages of other origins."""

from __future__ import annotations

import pytest

from fhir_server.rest.cors import across_origins
from tests.rest.conftest import Client

PATIENT = {"resourceType": "Patient", "id": "p1"}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/fhir+json;q=0, */*", "application/fhir+xml"),
        ("application/fhir+xml;q=0, text/*", "application/fhir+json"),
        ("application/fhir+json; charset=utf-8", "application/fhir+json"),
        ("application/fhir+json; charset=UTF-8; q=0.3, application/fhir+xml; q=0.2", "application/fhir+json"),
        ("application/fhir+json; charset=iso-8859-1, application/fhir+xml", "application/fhir+xml"),
        ("application/fhir+xml;q=7, application/fhir+json;q=0.1", "application/fhir+json"),
    ],
)
def test_the_best_of_what_is_accepted_is_given(client, accept, content_type):
    client.put("/Patient/p1", PATIENT)
    assert client.get("/Patient/p1", accept=accept).headers["content-type"] == f"{content_type}; charset=utf-8"


@pytest.mark.parametrize(
    "accept", ["application/fhir+json; charset=iso-8859-1", "application/fhir+json;q=0, application/fhir+xml;q=0, */*"]
)
def test_what_is_not_written_here_is_406_and_says_what_is(client, issue_of, accept):
    client.put("/Patient/p1", PATIENT)
    answer = client.get("/Patient/p1", accept=accept)
    assert answer.status_code == 406
    assert "UTF-8" in issue_of(answer)["diagnostics"]


def test_caches_are_told_what_an_answer_depends_on(client):
    client.put("/Patient/p1", PATIENT)
    for path in ("/Patient/p1", "/Patient", "/Patient/none", "/metadata"):
        assert {"accept", "accept-encoding"} <= {name.strip() for name in client.get(path).headers["vary"].split(",")}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/Patient/p1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("/metadata", "GET, HEAD, OPTIONS"),
        ("/Patient/p1/_history", "GET, HEAD, OPTIONS"),
        ("/$import", "POST, OPTIONS"),
    ],
)
def test_options_tells_what_an_address_allows(client, path, allowed):
    answer = client.request("OPTIONS", path)
    assert (answer.status_code, answer.headers["allow"]) == (204, allowed)
    assert ("accept-patch" in answer.headers) is ("PATCH" in allowed)


@pytest.mark.parametrize("path", ["/Nothing", "/Patient/p1/_nothing", "/$nothing"])
def test_options_of_an_address_that_is_not_there_is_404(client, path):
    assert client.request("OPTIONS", path).status_code == 404


@pytest.mark.parametrize(("method", "status"), [("BREW", 501), ("PROPFIND", 501), ("TRACE", 405), ("POST", 405)])
def test_a_method_that_cannot_be_is_405_and_one_that_does_not_exist_501(client, issue_of, method, status):
    answer = client.request(method, "/metadata")
    assert answer.status_code == status
    assert "GET" in issue_of(answer)["diagnostics"]
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize(
    "path", ["/Patient/p1", "/Patient", "/metadata", "/Patient/p1/_history", "/Patient/p1/_history/1", "/Patient/none"]
)
def test_head_is_get_without_a_body(client, path):
    client.put("/Patient/p1", PATIENT)
    got, head = client.get(path), client.request("HEAD", path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


ORIGIN = "https://app.example.org"
PREFLIGHT = {"origin": ORIGIN, "access-control-request-method": "PUT", "access-control-request-headers": "if-match, content-type"}


def test_pages_of_other_origins_are_let_in_only_where_they_are_named(client, loop):
    client.put("/Patient/p1", PATIENT)
    assert "access-control-allow-origin" not in client.get("/Patient/p1", origin=ORIGIN).headers
    named = Client(across_origins(client._client._transport.app, [ORIGIN]), loop)
    answer = named.get("/Patient/p1", origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "etag" in answer.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in named.get("/Patient/p1", origin="https://evil.example").headers


def test_a_preflight_is_answered_for_them(client, loop):
    named = Client(across_origins(client._client._transport.app, [ORIGIN]), loop)
    answer = named.request("OPTIONS", "/Patient/p1", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert named.request("OPTIONS", "/Patient/p1", headers=PREFLIGHT | {"origin": "https://evil.example"}).status_code == 400
