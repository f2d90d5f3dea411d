"""What is told at a glance, or remembered, is what a full look would tell."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Issue
from fhir_server.model.references import REMEMBERED_LENGTH, parse_reference
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.bundle_resolver import outer_context
from fhir_server.validation.coding import MAX_TEXT, KnownCode, Remembered
from fhir_server.validation.plausible import check_string, check_year, is_plain_text, is_plain_year
from fhir_server.validation.rule import Subject
from fhir_server.validation.surroundings import Visit

NOTHING: list[Issue] = []
AROUND: Any = None  # these checks do not look around
YEARS = st.from_regex(r"[0-9]{0,5}(-[0-9]{2})?", fullmatch=True)


def visit(value: Any) -> Visit:
    return Visit(value, (None, "x", None), "x", AROUND)


@given(st.one_of(st.text(), st.none(), st.integers()))
def test_a_plain_text_has_no_findings_and_no_other_text_is_without(value: Any) -> None:
    assert (list(check_string(visit(value))) == NOTHING) or not is_plain_text(value)
    assert is_plain_text(value) == (isinstance(value, str) and list(check_string(visit(value))) == NOTHING)


@given(st.one_of(st.text(), YEARS, st.none()))
def test_a_plain_year_has_no_findings(value: Any) -> None:
    assert not is_plain_year(value) or list(check_year(visit(value))) == NOTHING


def test_what_was_found_for_a_coding_is_forgotten_when_the_definitions_change() -> None:
    remembered, key = Remembered(), ("http://example.org", "a", None, None)
    assert remembered.find(key, 1) is None
    remembered.keep(key, [], 1)
    assert remembered.find(key, 1) == []
    assert remembered.find(key, 2) is None


def test_a_finding_of_older_definitions_and_a_long_text_are_not_kept() -> None:
    remembered = Remembered()
    for key, generation in ((("s", "a", None, None), 1), (("s", "b" * (MAX_TEXT + 1), None, None), 2)):
        assert remembered.find(key, 2) is None
        remembered.keep(key, [], generation)
        assert remembered.find(key, 2) is None


def test_a_remembered_finding_stands_where_the_coding_stands(definitions: Definitions) -> None:
    coding = {"system": "http://hl7.org/fhir/administrative-gender", "code": "femme"}
    check = KnownCode(Terminology(definitions))
    places = []
    for index in range(3):
        at = ((None, "Patient", None), "tag", index)
        places += [one.expression for one in check.check(Subject(coding, "Coding", at, outer_context({})))]
    assert places == [f"Patient.tag[{index}].code" for index in range(3)]


@given(st.text(alphabet="Patient/1#urn:?=", min_size=1))
def test_a_long_reference_is_taken_apart_like_a_short_one(text: str) -> None:
    fragment = f"#{text}"
    assert parse_reference(fragment).fragment == text
    assert parse_reference(fragment + "a" * REMEMBERED_LENGTH).fragment == text + "a" * REMEMBERED_LENGTH
