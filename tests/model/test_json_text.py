"""What is said of a text that is no JSON, or JSON that says a thing twice."""

from __future__ import annotations

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_resource
from fhir_server.model.repeated_name import repeated_names

PATIENT = b'{"resourceType": "Patient"'
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
