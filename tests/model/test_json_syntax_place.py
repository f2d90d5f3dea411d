"""Where a fault of JSON syntax is said to stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_resource, line_and_column
from fhir_server.model.json_syntax_place import comments, place_at

FAULTS: list[tuple[bytes, str | None]] = [
    (b'{"resourceType": "Patient", "name": [{"family": "a" "given": []}]}', "Patient.name[0]"),
    (b'{"resourceType": "Patient", "name": [{}, {"given": ["a" "b"]}]}', "Patient.name[1].given"),
    (b'{resourceType: "Patient"}', "Patient"),
    (b'{id: "1", "resourceType": "Patient"}', "Patient"),
    (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient" "id": "1"}}]}', "Bundle.entry[0].resource"),
    (b'{"resourceType": "Patient", "name": [{"text": "\\"}, {" "x"}]}', "Patient.name[0]"),
    (b'{"resourceType": "Patient", "name": [{]}', None),
    (b'{"resourceType": "Patient", "id": "1" #}', None),
    (b'{"resourceType": "Patient", "id": ', None),
    (b'{"id" "1"}', None),
]


@pytest.mark.parametrize(("source", "place"), FAULTS)
def test_a_fault_of_syntax_stands_in_the_innermost_element_that_is_open(source: bytes, place: str | None) -> None:
    with pytest.raises(FhirError) as caught:
        decode_resource(source)
    assert [issue.expression for issue in caught.value.issues] == [place]


COMMENTED: list[tuple[bytes, list[str | None]]] = [
    (b'{"resourceType": "Patient", // who\n "id": "1"}', ["Patient.id"]),
    (b'{"resourceType": "Patient", /* a */ /* b */ "id": "1"}', ["Patient.id", "Patient.id"]),
    (b'{"resourceType": "Patient", "name": [{"text": "x" // late\n }], "id": "1"}', ["Patient.id"]),
    (b'{"resourceType": "Patient", "id": "http://x" // one\n}', ["Patient"]),
    (b'{"resourceType": "Patient", /* no end', ["Patient"]),
]


@pytest.mark.parametrize(("source", "places"), COMMENTED)
def test_each_comment_is_told_with_the_element_that_follows_it(source: bytes, places: list[str | None]) -> None:
    with pytest.raises(FhirError) as caught:
        decode_resource(source)
    assert [(issue.expression, issue.message_id) for issue in caught.value.issues] == [(place, "json-comment") for place in places]


@given(st.text('{}[]",:/*\\ a\n', max_size=60).map(str.encode), st.integers(0, 60))
def test_any_text_has_a_place_or_none(source: bytes, offset: int) -> None:
    place = place_at(b'{"resourceType": "Patient", ' + source, offset)
    assert place is None or place.startswith("Patient")
    assert all(line_and_column(source, at) for at, _ in comments(source))
