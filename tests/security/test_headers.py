"""What every answer carries besides its content, over the whole application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.security.whole_application import ask, whole_application

HTML = b"<script>alert(document.domain)</script>"


@pytest.fixture(scope="module")
def run():
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="module")
def application(run, definitions, tmp_path_factory):
    with whole_application(run, definitions, tmp_path_factory.mktemp("data")) as app:
        patient = json.dumps({"resourceType": "Patient", "id": "p", "active": True}).encode()
        assert ask(run, app, "PUT", "/fhir/Patient/p", patient, {"content-type": "application/fhir+json"})[0] == 201
        assert ask(run, app, "PUT", "/fhir/Binary/b", HTML, {"content-type": "text/html"})[0] == 201
        yield app


FHIR = [
    ("GET", "/fhir/Patient/p"), ("HEAD", "/fhir/Patient/p"), ("GET", "/fhir/Patient"), ("GET", "/fhir/Patient/absent"),
    ("GET", "/fhir/Nothing"), ("GET", "/fhir/metadata"), ("DELETE", "/fhir/Patient/none"), ("POST", "/fhir/Patient"), ("PATCH", "/fhir"),
    ("OPTIONS", "/fhir/Patient"), ("GET", "/fhir/Binary/b"), ("GET", "/fhir/Patient/p/_history"), ("GET", "/fhir"),
    ("TRACE", "/fhir/Patient"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), FHIR)
def test_no_answer_of_the_fhir_base_runs_is_framed_is_guessed_at_or_is_kept(run, application, method, path):
    _, headers, _ = ask(run, application, method, path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert "strict-transport-security" not in headers


def test_an_unchanged_resource_carries_them_too(run, application):
    status, headers, _ = ask(run, application, "GET", "/fhir/Patient/p", headers={"if-none-match": 'W/"1"'})
    assert (status, headers["cache-control"]) == (304, "no-store")


@pytest.mark.parametrize("path", ["/fhir/Patient/p", "/", "/health/live"])
def test_behind_tls_browsers_are_told_to_stay_with_it(run, application, path):
    assert ask(run, application, "GET", path, scheme="https")[1]["strict-transport-security"] == "max-age=31536000"


PAGES = ["/", "/docs/", "/docs", "/api", "/api/openapi.json", "/validate", "/forms", "/nothing"]
PAGES += ["/health/live", "/health/ready", "/metrics"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_takes_scripts_or_frames_from_elsewhere(run, application, path):
    _, headers, _ = ask(run, application, "GET", path)
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";") if " " in part.strip())
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy.get("script-src", "'self'") == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xsl", "application/pdf"])
def test_a_stored_page_leaves_as_a_file_that_cannot_run(run, application, kind):
    assert ask(run, application, "PUT", "/fhir/Binary/x", HTML, {"content-type": kind})[0] in (200, 201)
    status, headers, body = ask(run, application, "GET", "/fhir/Binary/x", headers={"accept": "text/html"})
    assert (status, body) == (200, HTML)
    assert headers["content-disposition"].startswith("attachment")
    assert "sandbox" in headers["content-security-policy"]


def test_a_script_in_a_narrative_leaves_as_data_never_as_a_page(run, application):
    div = "<div xmlns='http://www.w3.org/1999/xhtml'><b onclick='alert(1)'>x</b><script>alert(1)</script></div>"
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "n", "text": {"status": "generated", "div": div}}
    ask(run, application, "PUT", "/fhir/Patient/n", json.dumps(patient).encode(), {"content-type": "application/fhir+json"})
    for accept in ("text/html", "application/xhtml+xml", "*/*", "application/fhir+xml", "application/xml"):
        _, headers, _ = ask(run, application, "GET", "/fhir/Patient/n", headers={"accept": accept})
        assert headers["content-type"].split(";")[0] in ("application/fhir+json", "application/fhir+xml", "application/xml")
        assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/validate?profile=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/docs/%3Cscript%3E", "/%3Cscript%3E"])
def test_what_an_address_holds_is_shown_as_text(run, application, path):
    _, _, body = ask(run, application, "GET", path)
    assert b"<script>" not in body


def test_what_is_pasted_into_the_validation_page_is_shown_as_text(run, application):
    pasted = b"resource=%7B%22resourceType%22%3A%22%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%7D&profile=%22%3E%3Cscript%3E"
    _, _, body = ask(run, application, "POST", "/validate", pasted, {"content-type": "application/x-www-form-urlencoded"})
    assert b"alert(1)" in body
    assert b"<script>" not in body


INJECTED = "x\r\nset-cookie: a=b\r\n\r\n<script>"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/fhir/Patient/p", {"x-request-id": INJECTED}),
        ("GET", "/fhir/Patient/p", {"if-none-match": INJECTED}),
        ("GET", "/fhir/Patient/p", {"if-match": INJECTED, "prefer": INJECTED, "accept": INJECTED, "range": INJECTED}),
        ("PUT", "/fhir/Patient/q%0d%0aset-cookie:a=b", {}),
        ("POST", "/fhir/Binary", {"content-type": "text/html\r\nset-cookie: a=b"}),
        ("POST", "/fhir/Binary", {"content-type": "text/html", "x-security-context": INJECTED}),
        ("GET", "/fhir/Patient", {"host": "evil.example\r\nset-cookie: a=b"}),
        ("POST", "/fhir/Patient", {"host": "evil.example\r\nset-cookie: a=b", "content-type": "application/fhir+json"}),
        ("OPTIONS", "/fhir/Patient%0d%0aset-cookie:a=b", {}),
        ("GET", "/docs/%0d%0aset-cookie:a=b", {"x-request-id": INJECTED}),
        ("GET", "/docs", {"host": "x\r\nset-cookie: a=b", "x-forwarded-prefix": INJECTED}),
    ],
)
def test_no_header_of_an_answer_holds_a_line_end_that_was_sent(run, application, method, path, headers):
    body = b'{"resourceType":"Patient"}' if method in ("POST", "PUT") else b""
    _, answered, _ = ask(run, application, method, path, body, headers)
    assert "set-cookie" not in answered
    assert not [value for value in answered.values() if "\r" in value or "\n" in value]


def test_what_was_stored_as_a_security_context_cannot_break_a_header(run, application):
    binary = {"resourceType": "Binary", "id": "c", "contentType": "a/b", "securityContext": {"reference": "Patient/p\r\nset-cookie: a=b"}}
    ask(run, application, "PUT", "/fhir/Binary/c", json.dumps(binary).encode(), {"content-type": "application/fhir+json"})
    _, headers, _ = ask(run, application, "GET", "/fhir/Binary/c", headers={"accept": "a/b"})
    assert not [value for value in headers.values() if "\r" in value or "\n" in value]
