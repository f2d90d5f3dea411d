"""Formats, bodies and bad input (https://hl7.org/fhir/R4/http.html#mime-type)."""

from __future__ import annotations

import gzip
import json

import pytest

PATIENT = {"resourceType": "Patient", "id": "p1", "active": True, "name": [{"family": "Martin"}]}
XML = b'<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><active value="true"/><name><family value="Martin"/></name></Patient>'


@pytest.mark.parametrize(
    ("accept", "query", "content_type"),
    [
        (None, "", "application/fhir+json"),
        ("*/*", "", "application/fhir+json"),
        ("application/json", "", "application/json"),
        ("application/fhir+xml", "", "application/fhir+xml"),
        ("text/xml", "", "text/xml"),
        ("application/fhir+xml;q=0.2, application/fhir+json;q=0.8", "", "application/fhir+json"),
        ("application/pdf, application/fhir+xml;q=0.1", "", "application/fhir+xml"),
        ("application/fhir+json; fhirVersion=4.0", "", "application/fhir+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", "application/fhir+json"),
        ("application/fhir+json", "?_format=xml", "application/fhir+xml"),
        ("application/fhir+xml", "?_format=json", "application/fhir+json"),
        (None, "?_format=application/fhir%2Bxml", "application/fhir+xml"),
        (None, "?_format=application/fhir+xml", "application/fhir+xml"),
    ],
)
def test_the_asked_format_is_given(client, accept, query, content_type):
    client.put("/Patient/p1", PATIENT)
    answer = client.get("/Patient/p1" + query, **({"accept": accept} if accept else {}))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{content_type}; charset=utf-8"
    assert answer.content.startswith(b"<" if "xml" in content_type else b"{")


@pytest.mark.parametrize(
    ("accept", "query"),
    [("application/pdf", ""), ("application/fhir+json;q=0", ""), ("application/fhir+json; fhirVersion=3.0", ""), ("*/*", "?_format=ttl")],
)
def test_a_format_that_is_not_offered_is_406(client, issue_of, accept, query):
    client.put("/Patient/p1", PATIENT)
    answer = client.get("/Patient/p1" + query, accept=accept)
    assert answer.status_code == 406
    assert "application/fhir+json" in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/fhir+json", json.dumps(PATIENT).encode()),
        ("application/json; charset=UTF-8", json.dumps(PATIENT).encode()),
        ("application/fhir+xml", XML),
        ("text/xml; charset=utf-8", XML),
        ("application/fhir+json; fhirVersion=4.0", b"\xef\xbb\xbf" + json.dumps(PATIENT).encode()),
    ],
)
def test_both_formats_are_read(client, content_type, body):
    assert client.put("/Patient/p1", body, content_type=content_type).status_code == 201
    found = client.get("/Patient/p1").json()
    assert (found["active"], found["name"]) == (True, [{"family": "Martin"}])


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/fhir+json; charset=iso-8859-1",
        "application/fhir+json; fhirVersion=5.0",
    ],
)
def test_another_content_type_is_415(client, issue_of, content_type):
    answer = client.put("/Patient/p1", json.dumps(PATIENT).encode(), content_type=content_type)
    assert answer.status_code == 415
    assert issue_of(answer)["code"] == "not-supported"


def test_pretty_is_indented(client):
    client.put("/Patient/p1", PATIENT)
    assert client.get("/Patient/p1?_pretty=true").content.startswith(b'{\n  "resourceType": "Patient"')


def test_an_error_comes_in_the_asked_format(client):
    answer = client.get("/Patient/nobody", accept="application/fhir+xml")
    assert answer.status_code == 404
    assert answer.content.startswith(b"<?xml")
    assert b"<OperationOutcome" in answer.content


DEEP = 10_000
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
<Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>"""


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("json", b'{"resourceType":"Patient",'),
        ("json", b"[]"),
        ("json", b'"Patient"'),
        ("json", b"{}"),
        ("json", b'{"resourceType":7}'),
        ("json", b'{"resourceType":"Patient","id":"\xff"}'),
        ("json", b'{"resourceType":"Patient","extension":' * DEEP + b"1" + b"}" * DEEP),
        ("json", b'{"resourceType":"Patient","extension":' + b"[" * 300 + b"]" * 300 + b"}"),
        ("json", b'{"resourceType":"Patient","multipleBirthInteger":1e999999999}'),
        ("json", b"\x00" * 10),
        ("xml", b"<Patient"),
        ("xml", b"<Patient/>"),
        ("xml", b'<Patient xmlns="http://hl7.org/fhir"><colour value="red"/></Patient>'),
        ("xml", b'<Patient xmlns="http://hl7.org/fhir">' + b'<extension url="u">' * DEEP + b"</extension>" * DEEP + b"</Patient>"),
        ("xml", BOMB),
        ("xml", b'<!DOCTYPE Patient SYSTEM "file:///etc/passwd"><Patient xmlns="http://hl7.org/fhir"/>'),
        ("xml", b"\xff\xfe\x00"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_and_not_stored(client, content_type, body):
    answer = client.post("/Patient", body, content_type=f"application/fhir+{content_type}")
    assert answer.status_code == 400
    issue = answer.json()["issue"][0]
    assert issue["severity"] in ("error", "fatal")
    assert len(issue["diagnostics"]) > 20
    assert client.get("/Patient/_history").json()["total"] == 0


def place(issue):
    """Line and column of an issue."""
    numbers = {one["url"].rpartition("-")[2]: one["valueInteger"] for one in issue.get("extension", ()) if "valueInteger" in one}
    return numbers.get("line"), numbers.get("col")


def test_a_syntax_error_has_its_line_and_column(client, issue_of):
    issue = issue_of(client.post("/Patient", b'{\n  "resourceType": "Patient",\n  "active": yes\n}'))
    assert place(issue)[0] == 3
    assert place(issue)[1] > 10


UNKNOWN_JSON = b'{\n "resourceType": "Patient",\n "name": [{"family": "Martin",\n   "colour": "red"}]\n}'
UNKNOWN_XML = b'<Patient xmlns="http://hl7.org/fhir">\n <name>\n  <colour value="red"/>\n </name>\n</Patient>'
WRAPPED = b'{"resourceType": "Parameters", "parameter": [\n{"name": "resource", "resource":\n' + UNKNOWN_JSON + b"}]}"
IN_BUNDLE = b'{"resourceType": "Bundle", "type": "batch", "entry": [\n' + b"{}]}"


@pytest.mark.parametrize(
    ("path", "kind", "body", "line", "column"),
    [
        ("/Patient", "json", UNKNOWN_JSON, 4, 4),
        ("/Patient", "xml", UNKNOWN_XML, 3, 3),
        ("/Patient/$validate", "json", UNKNOWN_JSON, 4, 4),
        ("/Patient/$validate", "json", WRAPPED, 6, 4),
        ("/", "json", IN_BUNDLE, 2, 1),
    ],
)
def test_what_is_wrong_has_its_line_and_column(client, path, kind, body, line, column):
    issues = client.post(path, body, content_type=f"application/fhir+{kind}").json()["issue"]
    assert (line, column) in [place(issue) for issue in issues if issue["severity"] != "warning"]


def chunks(size: int, count: int, sent: list[int]):
    """A body without announced length that counts what was taken from it."""

    async def stream():
        for _ in range(count):
            sent.append(size)
            yield b" " * size

    return stream()


TWICE = [
    ("POST", "/Patient", b'{"resourceType":"Patient",\n "active":true,\n "active":false}', "Patient.active", (3, 2)),
    ("PUT", "/Patient/p1", b'{"resourceType":"Patient","id":"p1","name":[{"family":"A","family":"B"}]}', "Patient.name[0].family", (1, 59)),
    ("POST", "/", b'{"resourceType":"Bundle","type":"batch","entry":[],"entry":[]}', "Bundle.entry", (1, 52)),
    ("POST", "/Patient/$validate", b'{"resourceType":"Patient","active":true,"active":false}', "Patient.active", (1, 41)),
]


@pytest.mark.parametrize(("method", "path", "body", "expression", "place"), TWICE)
def test_a_name_that_stands_twice_is_refused_and_nothing_stored(client, issue_of, method, path, body, expression, place):
    answer = client.request(method, path, content=body, headers={"content-type": "application/fhir+json", "accept-language": "fr"})
    issue = issue_of(answer)
    assert answer.status_code == (200 if "$" in path else 400)
    assert issue["expression"] == [expression]
    assert tuple(one["valueInteger"] for one in issue["extension"] if "valueInteger" in one) == place
    assert "figure deux fois" in issue["diagnostics"]
    assert client.get("/Patient").json()["total"] == 0


def test_a_body_over_the_limit_is_refused_by_its_announced_length(serve, issue_of):
    answer = serve(max_body_bytes=1000).post("/Patient", b" " * 1001)
    assert answer.status_code == 413
    assert "1000 bytes" in issue_of(answer)["diagnostics"]


def test_a_streamed_body_is_refused_as_soon_as_it_passes_the_limit(serve):
    sent: list[int] = []
    client = serve(max_body_bytes=1000)
    answer = client.request("POST", "/Patient", content=chunks(400, 100, sent), headers={"content-type": "application/fhir+json"})
    assert answer.status_code == 413
    assert sum(sent) <= 1600


def test_a_packed_body_is_read(client):
    packed = gzip.compress(json.dumps(PATIENT).encode())
    assert client.put("/Patient/p1", packed, content_encoding="gzip").status_code == 201


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(b" " * 2_000_000, mtime=0), 413),
        ("gzip", b"no gzip at all", 400),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-3], 400),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"more", 400),
        ("br", b"{}", 415),
        ("gzip, gzip", b"{}", 415),
    ],
)
def test_a_packed_body_is_capped_unpacked_and_must_be_whole(serve, encoding, body, status):
    assert serve(max_body_bytes=1_000_000).post("/Patient", body, content_encoding=encoding).status_code == status


@pytest.mark.parametrize(
    "query",
    ["_pretty=perhaps", "_summary=some", "_format=pdf", "a=1&" * 2000, "name=%ff"],
)
def test_a_strange_query_is_a_client_error(client, query):
    assert 400 <= client.get(f"/Patient?{query}").status_code < 500


def test_a_request_keeps_its_id(client):
    assert client.get("/metadata", x_request_id="order-17").headers["x-request-id"] == "order-17"
    assert len(client.get("/Patient/nobody").headers["x-request-id"]) == 32
    assert client.get("/Patient/nobody", x_request_id="<script>").headers["x-request-id"] != "<script>"


def test_a_fault_of_ours_tells_its_number_and_nothing_else(client, interactions, monkeypatch, caplog, issue_of):
    async def broken(type_name, id_):
        raise KeyError("Martin, Zoé")

    monkeypatch.setattr(interactions, "read", broken)
    answer = client.get("/Patient/p1", x_request_id="fault-1")
    assert answer.status_code == 500
    assert "fault-1" in issue_of(answer)["diagnostics"]
    assert "KeyError" not in answer.text
    assert "KeyError" in caplog.text
    assert "Martin" not in caplog.text


def test_pretty_xml_is_indented(client):
    client.put("/Patient/p1", PATIENT)
    lines = client.get("/Patient/p1?_pretty=true&_format=xml").text.splitlines()
    assert lines[:3] == ['<?xml version="1.0" encoding="UTF-8"?>', '<Patient xmlns="http://hl7.org/fhir">', '  <id value="p1"/>']
    assert lines[-1] == "</Patient>"


def test_another_version_of_fhir_is_told_which_is_spoken(client, issue_of):
    answer = client.get("/Patient", accept="application/fhir+json; fhirVersion=5.0")
    assert "fhirVersion=4.0" in issue_of(answer)["diagnostics"]
