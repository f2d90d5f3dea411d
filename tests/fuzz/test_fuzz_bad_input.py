"""Strings and primitive values that others collected to break software: what is valid comes back equal and is found, what is
not is refused with its place (https://hl7.org/fhir/R4/datatypes.html#primitive).
"""

from __future__ import annotations

import json
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.asgi_client import Answer, AsgiClient
from tests.fuzz.verdict import check

pytestmark = pytest.mark.conformance

SYSTEM = "urn:oid:2.999"
PRIMITIVES = {
    "base64_binary": "Base64Binary", "boolean": "Boolean", "canonical": "Canonical", "code": "Code", "date": "Date",
    "date_time": "DateTime",
    "decimal": "Decimal", "id": "Id", "instant": "Instant", "integer": "Integer", "markdown": "Markdown", "oid": "Oid",
    "positive_int": "PositiveInt",
    "reference": "Reference", "string": "String", "time": "Time", "unsigned_int": "UnsignedInt", "uri": "Uri", "url": "Url",
}  # fmt: skip
OURS = [
    "\u0000", "a\u0000b", "\ud800", "a\udfffb", "𝒳𝒴", "🩺" * 1000, "a" * 2701, "é" * 100_000, "a" * 1_000_000, "\u202eMartin\u202c",
    "e\u0301lo\u0308", "\u00e9l\u00f6", "\u0001", "\u001f", "\u007f", "\u0085", "\ufffe", "\uffff", "\ufeffx", "İstanbul", "ß", "ﬁ", "Å",
    "\u212b", " ", "\t",
    "  a  ", "a\nb", "a\r\nb", "a\u2028b", "\\", "a\\,b", "a|b", "a$b", "a,b", "%", "_", "a%b_c", "*", "'", '"', "<b>&amp;</b>",
    "-" * 3000, "\u0301",
]  # fmt: skip
"""What the collections lack. Surrogates alone are no text at all."""


def is_text(value: str) -> bool:
    """https://hl7.org/fhir/R4/datatypes.html#string: not empty, no control character but three, and Unicode at all."""
    return value != "" and not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", value)


def escaped(value: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping"""
    return re.sub(r"([\\,|$])", r"\\\1", value)


def has_line(issue: dict[str, Any]) -> bool:
    """Of what is no JSON at all there is no expression."""
    return any(one["url"].endswith("operationoutcome-issue-line") for one in issue.get("extension", ()))


@pytest.fixture(scope="module")
def naughty(test_data: Path) -> list[str]:
    found = json.loads((test_data / "badinput/blns/blns.json").read_text(encoding="utf-8"))
    return list(dict.fromkeys([*found, *OURS]))


def created(client: AsgiClient, value: str) -> Answer:
    identifier = {"system": SYSTEM, "value": value}
    return client.ask("POST", "/Patient", body={"resourceType": "Patient", "name": [{"family": value}], "identifier": [identifier]})


def ids(client: AsgiClient, query: list[tuple[str, str]]) -> set[str]:
    answer = client.ask("GET", "/Patient", [*query, ("_count", "1000")])
    check(answer, query)
    assert answer.status == 200, (query[0][0], answer.body[:300])
    return {entry["resource"]["id"] for entry in answer.json().get("entry", []) if entry["search"]["mode"] == "match"}


def test_any_string_that_fhir_allows_comes_back_equal_and_is_found(client: AsgiClient, naughty: list[str]) -> None:
    for value in filter(is_text, naughty):
        answer = created(client, value)
        assert answer.status == 201, (value[:80], answer.body[:300])
        made = answer.json()
        stored = client.ask("GET", f"/Patient/{made['id']}").json()
        assert stored["name"][0]["family"] == stored["identifier"][0]["value"] == value
        if len(value) > 100_000:
            continue  # longer than a query may be
        assert made["id"] in ids(client, [("family:exact", escaped(value))]), ascii(value)[:80]
        if value.strip():
            assert made["id"] in ids(client, [("identifier", f"{SYSTEM}|{escaped(value)}")]), ascii(value)[:80]


def test_any_string_with_a_letter_is_found_by_its_beginning_and_part_however_it_is_written(client: AsgiClient, naughty: list[str]) -> None:
    for value in (one for one in naughty if is_text(one) and len(one) < 2000 and one == one.strip() and any(map(str.isalnum, one))):
        made = created(client, value).json()["id"]
        for form in ("NFC", "NFD"):
            written = escaped(unicodedata.normalize(form, value))
            assert made in ids(client, [("family", written), ("_id", made)]), (form, ascii(value)[:80])
            assert made in ids(client, [("family:contains", written), ("_id", made)]), (form, ascii(value)[:80])


def test_any_string_that_fhir_forbids_is_refused_with_its_place(client: AsgiClient, naughty: list[str]) -> None:
    for value in (one for one in naughty if not is_text(one)):
        answer = created(client, value)
        check(answer, ascii(value))
        assert answer.status in (400, 422), ascii(value)
        issue = answer.json()["issue"][0]
        assert issue.get("expression") == ["Patient.name[0].family"] or has_line(issue), issue


def test_any_string_is_looked_for_without_a_fault_of_ours(client: AsgiClient, naughty: list[str]) -> None:
    for value in (one for one in naughty if len(one) < 5000):
        for name in (
            "family",
            "identifier",
            "birthdate",
            "general-practitioner",
            "_id",
            "_content",
            "_filter",
            "_sort",
            "_include",
            "_page",
            value,
        ):
            check(client.ask("GET", "/Patient", [(name, value)]), (ascii(name)[:60], ascii(value)[:60]))


def lines(test_data: Path, name: str) -> list[str]:
    text = (test_data / f"badinput/google-fhir-primitives/{name}.ndjson").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.strip() not in ("", "null")]


def extended(value: str, kind: str) -> bytes:
    return f'{{"resourceType":"Basic","code":{{"text":"x"}},"extension":[{{"url":"http://example.org/x","value{kind}":{value}}}]}}'.encode()


def kept(client: AsgiClient, body: bytes) -> tuple[Answer, Any]:
    answer = client.ask("POST", "/Basic", body=body)
    return answer, json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_valid_primitive_values_come_back_equal(client: AsgiClient, test_data: Path, name: str) -> None:
    for line in lines(test_data, f"{name}.valid"):
        answer, made = kept(client, extended(line, PRIMITIVES[name]))
        assert answer.status == 201, (line[:80], answer.body[:400])
        value = made["extension"][0]["value" + PRIMITIVES[name]]
        expected = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        assert str(value) == str(expected), line[:80]


@pytest.mark.parametrize("name", PRIMITIVES)
def test_invalid_primitive_values_are_refused_with_their_place(client: AsgiClient, test_data: Path, name: str) -> None:
    for line in lines(test_data, f"{name}.invalid"):
        answer = client.ask("POST", "/Basic", body=extended(line, PRIMITIVES[name]))
        check(answer, line[:80])
        assert answer.status in (400, 422), (line[:80], answer.status)
        issue = answer.json()["issue"][0]
        is_placed = any(one.startswith("Basic.extension[0].value") for one in issue.get("expression", ())) or has_line(issue)
        assert is_placed, (line[:80], issue)
