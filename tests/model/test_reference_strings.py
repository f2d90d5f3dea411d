"""Reference strings taken apart (https://hl7.org/fhir/R4/references.html#literal)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.model.references import ParsedCanonical, ParsedReference, parse_canonical, parse_reference

CASES = [
    ("Patient/123", ParsedReference("relative", "Patient/123", "Patient", "123")),
    ("Patient/1/_history/2", ParsedReference("relative", "Patient/1/_history/2", "Patient", "1", "2")),
    ("Patient/1#p", ParsedReference("relative", "Patient/1#p", "Patient", "1", fragment="p")),
    (
        "https://a.org/fhir/Patient/1",
        ParsedReference("absolute", "https://a.org/fhir/Patient/1", "Patient", "1", base="https://a.org/fhir"),
    ),
    (
        "http://a.org:8080/x/Patient/1/_history/2",
        ParsedReference("absolute", "http://a.org:8080/x/Patient/1/_history/2", "Patient", "1", "2", "http://a.org:8080/x"),
    ),
    ("http://a.org/file.pdf", ParsedReference("absolute", "http://a.org/file.pdf")),
    ("http://a.org/file.pdf#2", ParsedReference("absolute", "http://a.org/file.pdf#2", fragment="2")),
    ("#p1", ParsedReference("contained", "#p1", fragment="p1")),
    ("#", ParsedReference("contained", "#", fragment="")),
    ("urn:uuid:0c3151bd", ParsedReference("urn", "urn:uuid:0c3151bd")),
    ("Patient?identifier=s|v", ParsedReference("conditional", "Patient?identifier=s|v", "Patient", query="identifier=s|v")),
    ("Patient/", ParsedReference("other", "Patient/")),
    ("patient/1", ParsedReference("other", "patient/1")),
    ("Patient/" + "x" * 65, ParsedReference("other", "Patient/" + "x" * 65)),
    ("two words", ParsedReference("other", "two words")),
    ("", ParsedReference("other", "")),
]


@pytest.mark.parametrize(("text", "parsed"), CASES)
def test_a_reference_is_taken_apart(text: str, parsed: ParsedReference) -> None:
    assert parse_reference(text) == parsed


def test_type_and_id_leave_base_and_version_out() -> None:
    assert parse_reference("http://a.org/fhir/Patient/1/_history/2").type_and_id == "Patient/1"
    assert parse_reference("#p").type_and_id is None


@given(st.text())
def test_any_text_is_parsed_and_kept(text: str) -> None:
    assert parse_reference(text).text == text


@given(st.from_regex(r"[A-Z][A-Za-z]{1,20}", fullmatch=True), st.from_regex(r"[A-Za-z0-9.-]{1,64}", fullmatch=True))
def test_what_is_put_together_is_taken_apart(type_name: str, id_: str) -> None:
    parsed = parse_reference(f"http://h/{type_name}/{id_}")
    assert (parsed.base, parsed.type, parsed.id) == ("http://h", type_name, id_)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("http://e.org/vs", ParsedCanonical("http://e.org/vs")),
        ("http://e.org/vs|1.0", ParsedCanonical("http://e.org/vs", "1.0")),
        ("http://e.org/vs|1.0#a", ParsedCanonical("http://e.org/vs", "1.0", "a")),
        ("http://e.org/vs#a", ParsedCanonical("http://e.org/vs", None, "a")),
        ("#a", ParsedCanonical("", None, "a")),
    ],
)
def test_a_canonical_is_taken_apart(text: str, parsed: ParsedCanonical) -> None:
    assert parse_canonical(text) == parsed
