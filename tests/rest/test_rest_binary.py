"""Binary in its own content type (https://hl7.org/fhir/R4/binary.html#rest)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CONTENT = bytes(range(256)) * 3 + b"end"
FHIR = "application/fhir+json"
ATTACHED = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}


def upload(client, content=CONTENT, kind="application/pdf", **headers):
    return client.put("/Binary/b", content, content_type=kind, **headers)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 192 * 1024 - 1, 192 * 1024, 192 * 1024 + 1, 1_000_001])
def test_what_was_uploaded_comes_back_as_it_was(client, size):
    content = bytes(number * 7 % 256 for number in range(1000)) * (size // 1000 + 1)
    assert upload(client, content[:size]).status_code == 201
    answer = client.get("/Binary/b")
    assert answer.content == content[:size]
    assert answer.headers["content-length"] == str(size)
    assert answer.headers["content-type"] == "application/pdf"


def test_a_create_makes_an_id_and_sends_nothing_back(client):
    answer = client.post("/Binary", CONTENT, content_type="image/png")
    assert (answer.status_code, answer.content) == (201, b"")
    assert client.get(answer.headers["location"]).content == CONTENT


def test_the_resource_comes_back_where_it_is_preferred(client):
    answer = upload(client, prefer="return=representation")
    assert answer.json()["data"] == base64.b64encode(CONTENT).decode()


@pytest.mark.parametrize(
    ("accept", "query", "is_resource"),
    [
        ("*/*", "", False),
        ("application/pdf", "", False),
        ("image/png", "", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", False),
        (FHIR, "", True),
        ("application/fhir+xml", "", True),
        ("application/json", "", True),
        ("application/fhir+json;q=0.5, application/pdf", "", False),
        ("application/pdf;q=0.5, application/fhir+json", "", True),
        ("*/*", "?_format=json", True),
    ],
)
def test_the_resource_comes_only_where_it_is_asked_for(client, accept, query, is_resource):
    upload(client)
    answer = client.get("/Binary/b" + query, accept=accept)
    assert (answer.content != CONTENT) is is_resource
    assert ("Binary" in answer.text) is is_resource


def test_json_that_was_uploaded_as_a_resource_is_one(client):
    resource = {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "QUJD"}
    assert client.put("/Binary/b", resource).status_code == 201
    assert client.get("/Binary/b").content == b"ABC"


def test_base64_with_line_ends_is_read_too(client):
    resource = {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "QUJD\r\n QUI="}
    assert client.put("/Binary/b", resource).status_code == 201
    assert client.get("/Binary/b").content == b"ABCAB"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/html; charset=utf-8"])
def test_a_stored_page_cannot_run(client, kind):
    upload(client, b"<script>alert(1)</script>", kind)
    answer = client.get("/Binary/b")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert ATTACHED.items() <= dict(answer.headers).items()


def test_a_content_type_that_is_none_cannot_reach_the_headers(client):
    resource = {"resourceType": "Binary", "id": "b", "contentType": "text/html\r\nx-evil: 1", "data": "QUJD"}
    client.put("/Binary/b", resource)
    answer = client.get("/Binary/b")
    assert "x-evil" not in answer.headers
    if answer.status_code == 200:
        assert answer.headers["content-type"] == "application/octet-stream"


def test_the_security_context_is_kept(client):
    upload(client, x_security_context="Patient/p1")
    assert client.get("/Binary/b", accept=FHIR).json()["securityContext"] == {"reference": "Patient/p1"}
    assert client.get("/Binary/b").headers["x-security-context"] == "Patient/p1"


def test_versions_and_conditions_are_those_of_any_resource(client):
    tag = upload(client).headers["etag"]
    assert upload(client).headers["etag"] == tag
    assert client.get("/Binary/b", if_none_match=tag).status_code == 304
    assert upload(client, b"other", if_match='W/"7"').status_code == 412
    assert upload(client, b"other", if_match=tag).status_code == 200
    assert client.get("/Binary/b/_history/1").content == CONTENT
    assert client.get("/Binary/b").content == b"other"
    assert client.delete("/Binary/b").status_code == 204
    assert client.get("/Binary/b").status_code == 410


def test_head_tells_the_same_without_the_content(client):
    upload(client)
    answer = client.request("HEAD", "/Binary/b")
    assert (answer.content, answer.headers["content-length"]) == (b"", str(len(CONTENT)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.integers(0, 800), st.integers(0, 800))
def test_a_range_is_that_part_of_the_content(client, first, last):
    upload(client)
    answer = client.get("/Binary/b", range=f"bytes={first}-{last}")
    if last < first:
        assert (answer.status_code, answer.content) == (200, CONTENT)
    elif first >= len(CONTENT):
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(CONTENT)}")
    else:
        assert (answer.status_code, answer.content) == (206, CONTENT[first : last + 1])


@pytest.mark.parametrize(
    ("asked", "expected"), [("bytes=-3", b"end"), ("bytes=768-", b"end"), ("bytes=0-1,3-4", CONTENT), ("lines=1-2", CONTENT)]
)
def test_other_forms_of_ranges(client, asked, expected):
    upload(client)
    assert client.get("/Binary/b", range=asked).content == expected


def test_a_body_without_a_type_is_415_and_one_too_large_413(serve):
    client = serve(max_body_bytes=2000)
    assert client.request("PUT", "/Binary/b", content=b"x").status_code == 415
    assert upload(client, b"x" * 3000).status_code == 413
