"""Small requests that ask for much: answered or refused in bounded time, always with the reason."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Context, FhirPathError, compile_expression
from tests.fuzz.asgi_client import AsgiClient
from tests.fuzz.verdict import check, texts_of

NS = 'xmlns="http://hl7.org/fhir"'
XML = {"content-type": "application/fhir+xml"}

QUERIES = {
    "a page of a million": [("_count", "1000000")],
    "a page of more than a number holds": [("_count", "9" * 400)],
    "10,000 alternatives of a text": [("name", ",".join(f"n{number}" for number in range(10_000)))],
    "10,000 alternatives of a token": [("identifier", ",".join(f"s|{number}" for number in range(10_000)))],
    "10,000 ids": [("_id", ",".join(f"i{number}" for number in range(10_000)))],
    "10,000 dates": [("birthdate", ",".join(["2020"] * 10_000))],
    "10,000 of a composite": [("_type", ",".join(["Patient"] * 10_000)), ("_id", "1")],
    "1,000 criteria": [("name", "a")] * 1000,
    "1,001 parameters": [("name", "a")] * 1001,
    "100 includes": [("_include", "Patient:general-practitioner")] * 100,
    "everything included, again and again": [("_include:iterate", "*"), ("_revinclude:iterate", "*"), ("_include", "*"),
        ("_revinclude", "*")],
    "200 sorts": [("_sort", ",".join(["name"] * 200))],
    "10,000 sorts": [("_sort", ",".join(["-birthdate", "name"] * 5000))],
    "an untyped chain of 40": [("link." * 40 + "name", "x")],
    "a chain to everything": [("general-practitioner.organization.endpoint.organization.partof.name", "x")],
    "reverse chains of 40": [("_has:Patient:link:" * 40 + "name", "x")],
    "a chain of 100,000": [("link." * 20_000 + "name", "x")],
    "a filter of 10,000 brackets": [("_filter", "(" * 10_000 + 'name eq "a"' + ")" * 10_000)],
    "a filter of 5,000 ors": [("_filter", " or ".join(['name eq "a"'] * 5000))],
    "a filter of 5,000 nots": [("_filter", "not (" * 5000 + 'name eq "a"' + ")" * 5000)],
    "a filter of nested chains": [("_filter", "link[" * 2000 + "name eq a" + "]" * 2000)],
    "a pattern that backtracks": [("name:contains", "(a+)+" * 200 + "$")],
    "a pattern of wildcards": [("name:contains", "%a" * 2000)],
    "a text search of operators": [("_content", " AND ".join(["a*"] * 3000))],
    "a text search of quotes": [("_text", '"' * 5001)],
    "a text search of brackets": [("_text", "(" * 3000 + "a" + ")" * 3000)],
    "a number of a million digits": [("_lastUpdated", "9" * 1_000_000)],
    "an exponent": [("_filter", "multiplebirth eq 1e999999999")],
    "10,000 elements": [("_elements", ",".join(f"e{number}" for number in range(10_000)))],
    "a long name": [("x" * 1_000_000, "1")],
    "a forged page": [("_page", "A" * 100_000)],
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("by_form", [False, True], ids=["url", "form"])
def test_a_search_that_asks_for_much_is_bounded(client: AsgiClient, name: str, by_form: bool) -> None:
    if by_form:
        from urllib.parse import urlencode

        form = urlencode(QUERIES[name]).encode()
        answer = client.ask("POST", "/Patient/_search", body=form, headers={"content-type": "application/x-www-form-urlencoded"})
    else:
        answer = client.ask("GET", "/Patient", QUERIES[name])
    check(answer, name)
    if answer.status >= 400:
        assert all(len(text) < 2000 for text in texts_of(answer)), "what was sent is not sent back whole"


def nested_json(depth: int) -> bytes:
    return b'{"resourceType":"Patient","extension":' + b'[{"url":"u","extension":' * depth + b"[]" + b"}]" * depth + b"}"


def contained_json(depth: int) -> bytes:
    return b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":' * depth + b'{"resourceType":"Patient"}' + b"}]}" * depth


BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "JSON 100,000 lists deep": (b"[" * 100_000, {}),
    "JSON 100,000 objects deep": (b'{"a":' * 100_000, {}),
    "extensions 5,000 deep": (nested_json(5000), {}),
    "Bundles 3,000 deep": (contained_json(3000), {}),
    "XML 100,000 deep": (f"<Patient {NS}>".encode() + b"<extension>" * 100_000, XML),
    "XML 5,000 deep and closed": (f"<Patient {NS}>".encode() + b'<extension url="u">' * 5000 + b"</extension>" * 5000 + b"</Patient>", XML),
    "entities that grow": (
        b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + f'">]><Patient {NS}>&b;</Patient>'.encode(), XML,
    ),
    "an entity from elsewhere": (b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir">&a;</Patient>', XML),  # noqa: E501
    "100,000 attributes": (f"<Patient {NS} ".encode() + b" ".join(b'a%d=""' % number for number in range(100_000)) + b"/>", XML),
    "a number of a million digits": (b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 1_000_000 + b"}", {}),
    "a decimal with a huge exponent": (b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999999999}}', {}),  # noqa: E501
    "a decimal with a tiny exponent": (b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e-999999999}}', {}),  # noqa: E501
    "100,000 members of one name": (b'{"resourceType":"Patient",' + b",".join([b'"id":"a"'] * 100_000) + b"}", {}),
    "100,000 unknown members": (
        json.dumps({"resourceType": "Patient"} | {f"unknown{number}": 1 for number in range(100_000)}).encode(), {},
    ),
    "a narrative of brackets": (
        json.dumps({"resourceType": "Patient", "text": {"status": "generated", "div": "<div>" * 50_000}}).encode(), {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/Patient", "/Patient/$validate", "/"])
def test_a_body_that_goes_deep_is_bounded(client: AsgiClient, name: str, path: str) -> None:
    body, headers = BODIES[name]
    tracemalloc.start()
    answer = client.ask("POST", path, body=body, headers=headers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    check(answer, name)
    assert peak < 100 * 2**20


EXPRESSIONS = {
    "a pattern that backtracks": "'" + "a" * 5000 + "!'.matches('^(a+)+$')",
    "a pattern to replace": "'" + "a" * 5000 + "!'.replaceMatches('(a|aa)+$', 'x')",
    "repeat without end": "repeat($this)",
    "texts that double": "iterate($this + $this)",
    "a text that doubles 40 times": "'a'" + ".select($this & $this)" * 40,
    "a product of lists": "(1|2|3|4|5|6|7|8|9|10)" + ".select(1|2|3|4|5|6|7|8|9|10)" * 8,
    "every pair of pairs": "descendants()" + ".select(%resource.descendants())" * 6,
    "10,000 brackets": "(" * 10_000 + "1" + ")" * 10_000,
    "10,000 sums": "+".join(["1"] * 10_000),
    "10,000 steps": "name" + ".first()" * 10_000,
    "10,000 negations": "-" * 10_000 + "1",
    "a large power": "10.power(1000000000)",
    "a power of powers": "9.power(9).power(9).power(9).power(9)",
    "aggregate": "aggregate($total & $total & 'aa', 'a')",
    "a long text": "'" + "x" * 1_000_000 + "'.toChars().count()",
}  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_that_asks_for_much_is_bounded(client: AsgiClient, name: str) -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Martin", "given": ["A", "B"]}] * 10}
    parts = [{"name": "expression", "valueString": EXPRESSIONS[name]}, {"name": "resource", "resource": patient}]
    answer = client.ask("POST", "/$fhirpath", body={"resourceType": "Parameters", "parameter": parts})
    check(answer, name)


PATCHES = {
    "an expression that backtracks": {"path": "Patient.name.where(family.matches('^(a+)+$'))"},
    "an expression of 5,000 steps": {"path": "Patient" + ".name" * 5000},
    "an expression of 5,000 brackets": {"path": "(" * 5000 + "Patient" + ")" * 5000},
    "a product of lists": {"path": "Patient.descendants()" + ".select(%resource.descendants())" * 6},
}


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_that_asks_for_much_is_bounded(client: AsgiClient, name: str) -> None:
    parts = [{"name": "type", "valueCode": "delete"}, {"name": "path", "valueString": PATCHES[name]["path"]}]
    answer = client.ask("PATCH", "/Patient/p1", body={"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]})
    check(answer, name)


def json_patch(operations: Any) -> tuple[bytes, dict[str, str]]:
    return json.dumps(operations).encode(), {"content-type": "application/json-patch+json"}


@pytest.mark.parametrize("operations", [
    [{"op": "copy", "from": "", "path": "/extension/-"}] * 40,
    [{"op": "add", "path": "/name/0/given/-", "value": "x"}] * 20_000,
    [{"op": "test", "path": "/a" * 50_000, "value": 1}],
    [{"op": "copy", "from": "/name", "path": "/name/0/x"}] * 60,
    [{"op": "add", "path": "/name/99999999999999999999", "value": {}}],
], ids=["itself in itself", "20,000 values", "a long path", "names in names", "far beyond"])  # fmt: skip
def test_a_json_patch_that_grows_is_bounded(client: AsgiClient, operations: Any) -> None:
    body, headers = json_patch(operations)
    answer = client.ask("PATCH", "/Patient/p2", body=body, headers=headers)
    check(answer, "patch")


GRAPHS = {
    "10,000 brackets": "{" * 10_000,
    "fields 2,000 deep": "{PatientList" + "{link{other{resource" * 500 + "{id}" + "}}}" * 500 + "}",
    "a thousand lists": "{" + " ".join(f"a{number}: PatientList{{id}}" for number in range(1000)) + "}",
    "fragments of each other": "{PatientList{...a}} fragment a on Patient{...b} fragment b on Patient{...a}",
    "fragments that double": "{PatientList{...f0}}"
    + " ".join(f"fragment f{number} on Patient{{...f{number + 1} ...f{number + 1}}}" for number in range(40)) + " fragment f40 on Patient{id}",  # noqa: E501
    "10,000 directives": "{PatientList" + " @first" * 10_000 + "{id}}",
    "10,000 aliases": "{PatientList{" + " ".join(f"a{number}: id" for number in range(10_000)) + "}}",
    "a list of lists": "{PatientList(_id: " + "[" * 5000 + "]" * 5000 + "){id}}",
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_asks_for_much_is_bounded(client: AsgiClient, name: str) -> None:
    answer = client.ask("POST", "/$graphql", body={"query": GRAPHS[name]}, headers={"content-type": "application/json"})
    check(answer, name)


@pytest.mark.parametrize("headers", [
    {"accept": b"\xff\xfe\x00"}, {"accept": ",".join(["a/b;q=0.1"] * 5000)}, {"accept": "application/fhir+json;" + "a=b;" * 5000},
    {"prefer": b"\x80return=\xff"}, {"prefer": "handling=strict;" * 5000}, {"if-match": b"\xe9"}, {"if-match": 'W/"' + "9" * 5000 + '"'},
    {"if-none-match": ",".join(['W/"1"'] * 5000)}, {"if-modified-since": b"\x00\xff"},
    {"if-modified-since": "Fri, 99 Feb 99999 99:99:99 GMT"},
    {"accept-language": ",".join(["fr;q=0.1"] * 5000)}, {"accept-language": b"\xff;q=\xff"}, {"accept-encoding": b"\xff, gzip;q=x"},
    {"range": "bytes=" + ",".join(["0-1"] * 5000)}, {"range": b"bytes=\xff-"}, {"cookie": "a" * 10_000}, {"x-request-id": b"\xff\r\nx: y"},
    {"if-none-exist": b"\xff=\xff"}, {"content-type": b"\xff/\xfe"}, {"content-type": "application/fhir+json; charset=" + "x" * 5000},
    {"host": b"\xff"}, {"content-length": "\u00b2"}, {"content-length": "9" * 5000}, {"content-encoding": b"\xff"},
    {"traceparent": b"\xff" * 100}, {"origin": b"\xff"}, {"if-match": "*"}, {"if-none-match": "*"}, {"if-modified-since": "9" * 5000},
], ids=lambda headers: next(f"{name}: {value[:20]!r}" for name, value in headers.items()))  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("GET", "/Patient/p1"), ("GET", "/Patient"), ("POST", "/Patient"), ("PUT", "/Patient/p1")])
def test_a_header_of_odd_bytes_is_no_fault_of_ours(client: AsgiClient, method: str, path: str, headers: dict[str, Any]) -> None:
    body = {"resourceType": "Patient"} | ({"id": "p1"} if method == "PUT" else {})
    check(client.ask(method, path, body=body, headers=headers), (method, headers))


@pytest.mark.parametrize(
    "path",
    [
        "/" + "a/" * 20_000,
        "/Patient/" + "a" * 100_000,
        "/Patient/\x00",
        "/%ff%fe",
        "//",
        "/Patient//",
        "/Patient/p1/_history/" + "9" * 5000,
    ],
)
def test_an_address_without_measure_is_refused(client: AsgiClient, path: str) -> None:
    answer = client.ask("GET", path)
    check(answer, path[:100])
    assert all(len(text) < 2000 for text in texts_of(answer)) if answer.status >= 400 else True


COUNTING = "(1).repeat(iif($this < 1000, $this + 1, {}))"
MANY = {"resourceType": "Patient", "name": [{"family": str(number)} for number in range(100)]}


def test_the_items_of_a_context_share_what_one_evaluation_may_take(client: AsgiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.operations.fhirpath.MAX_STEPS", 20_000)
    parts = [{"name": name, "valueString": value} for name, value in (("expression", COUNTING), ("context", "name"))]
    parts += [{"name": "resource", "resource": MANY}]
    answer = client.ask("POST", "/$fhirpath", body={"resourceType": "Parameters", "parameter": parts})
    assert answer.status == 422
    assert "steps" in answer.json()["issue"][0]["diagnostics"]


def test_the_expressions_of_a_graph_share_what_one_evaluation_may_take(client: AsgiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.graphql.budget.MAX_STEPS", 20_000)
    stored = client.ask("POST", "/Patient", body=MANY).json()["id"]
    query = f'{{name(fhirpath: "{COUNTING}.count() > 0") {{family}}}}'
    answer = client.ask("POST", f"/Patient/{stored}/$graphql", body={"query": query}, headers={"content-type": "application/json"})
    assert answer.status == 400
    assert "steps" in json.dumps(answer.json())


@pytest.mark.parametrize("slow", ["'{text}'.matches('a*b')", "'{text}'.replaceMatches('a*b', 'c')"])
def test_a_regular_expression_that_is_nearly_too_slow_counts_each_time(definitions: Definitions, slow: str) -> None:
    compiled = compile_expression(f"name.select({slow.format(text='a' * 900)}).count()", definitions.schema)
    with pytest.raises(FhirPathError, match="steps"):
        compiled.evaluate(MANY, Context(max_steps=1_000))
