"""What is said of a text that is no JSON, or JSON that says a thing twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import decode_json, decode_resource, encode_json, pretty_json
from fhir_server.model.repeated_name import decode_unrepeated, loses_names, repeated_names

PATIENT = b'{"resourceType": "Patient"'


def json_escaped(value: Any) -> bytes:
    """As other writers have it: every character beyond ASCII escaped, spaces between."""
    return json.dumps(value, default=float).encode()


NOT_JSON: list[tuple[bytes, str, int]] = [
    (b"", "it is empty", 1),
    (b" \n ", "it is empty", 2),
    (PATIENT + b', "id": ', "it ends too early", 1),
    (PATIENT + b', "id": "\xe9"}', "a byte is not UTF-8", 1),
    (PATIENT.decode().encode("utf-16"), "it is UTF-16", 1),
    (PATIENT + b",\n x}", "object keys must be strings", 2),
    (b"<Patient/>", "it begins as XML does", 1),
]


@pytest.mark.parametrize(("source", "says", "line"), NOT_JSON)
def test_a_text_that_is_no_json_is_refused_in_words(source: bytes, says: str, line: int) -> None:
    with pytest.raises(FhirError) as caught:
        decode_resource(source)
    (issue,) = caught.value.issues
    assert says in issue.diagnostics
    assert issue.line == line


REPEATED: list[tuple[bytes, list[tuple[str, int, int]]]] = [
    (b'{"a": 1, "b": 2}', []),
    (b'{"a": 1, "a": 2}', [("a", 1, 10)]),
    (b'[{"a": 1}, {"a": 2}]', []),
    (b'{"a": {"a": [{"a": 1}]}, "b": "a"}', []),
    (b'{"a": {"b": 1,\n"b": 1}, "a": 0}', [("b", 2, 1), ("a", 2, 10)]),
    (b'{"a": "x\\", \\"a\\": ", "\\u0061": 1}', [("a", 1, 23)]),
]


@pytest.mark.parametrize(("source", "found"), REPEATED)
def test_a_name_that_stands_twice_in_an_object_is_found(source: bytes, found: list[tuple[str, int, int]]) -> None:
    issues = repeated_names(source)
    assert [(issue.line, issue.column) for issue in issues] == [(line, column) for _, line, column in found]
    assert all(f"'{name}'" in issue.diagnostics for issue, (name, _, _) in zip(issues, found, strict=True))


@pytest.mark.parametrize(("source", "found"), REPEATED)
def test_that_a_name_was_lost_shows_in_what_was_decoded(source: bytes, found: list[tuple[str, int, int]]) -> None:
    assert loses_names(source, decode_json(source)) is bool(found)


TWICE: list[tuple[bytes, str]] = [
    (b'"active": true, "active": false}', "Patient.active"),
    (b'"name": [{}, {"given": ["a"], "family": "b", "family": "c"}]}', "Patient.name[1].family"),
    (b'"_birthDate": {}, "_birthDate": {}}', "Patient.birthDate"),
    (b'"contained": [{"resourceType": "Basic", "id": "x", "id": "x"}]}', "Patient.contained[0].id"),
    (b'"resourceType": "Basic"}', "Basic.resourceType"),
]


@pytest.mark.parametrize(("rest", "expression"), TWICE)
def test_a_text_that_would_lose_something_is_refused_with_its_place(rest: bytes, expression: str) -> None:
    with pytest.raises(FhirError) as caught:
        decode_unrepeated(PATIENT + b", " + rest)
    (issue,) = caught.value.issues
    assert (issue.expression, issue.line, caught.value.category) == (expression, 1, Category.MALFORMED)


STRINGS = st.text(st.sampled_from('ab"\\\n\u0007é😀/'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.decimals(allow_nan=False, allow_infinity=False, places=2) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(STRINGS, VALUES, max_size=4), st.sampled_from([encode_json, pretty_json, json_escaped]))
def test_nothing_is_lost_where_each_name_stands_once_however_it_is_written(value: dict[str, Any], write: Any) -> None:
    assert not loses_names(write(value), decode_json(write(value)))


@given(st.dictionaries(STRINGS, VALUES, min_size=1, max_size=4), VALUES, VALUES, st.sampled_from([encode_json, pretty_json, json_escaped]))
def test_whatever_a_name_that_comes_again_says_it_is_noticed(value: dict[str, Any], first: Any, again: Any, write: Any) -> None:
    name = next(iter(value))
    member = write({name: first})[1:-1]
    source = b"{" + member + b"," + write(value | {name: again})[1:-1] + b"}"
    for text in (source, b"[" + source + b"]", b'{"x":[1,' + source + b"]}"):
        assert loses_names(text, decode_json(text))
        assert repeated_names(text)
