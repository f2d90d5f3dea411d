"""Query strings: what is understood, what is reported, what is refused (https://hl7.org/fhir/R4/search.html#errors)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import parameter_key
from fhir_server.model.issue import Category, FhirError
from fhir_server.search.page import After, page_token, parse_page
from fhir_server.search.query import Query, parse_query
from fhir_server.search.types.escape import cut, split


def query(definitions: Definitions, *pairs: tuple[str, str], resource_type: str = "Patient") -> Query:
    return parse_query(resource_type, pairs, definitions, now=0)


UNSUPPORTED_MODIFIERS = [
    ("gender:exact", "male"),
    ("name:text", "x"),
    ("name:not", "x"),
    ("birthdate:exact", "2020"),
    ("_id:exact", "x"),
    ("_lastUpdated:not", "2020"),
    ("_text:exact", "x"),
    ("general-practitioner:Nobody", "x"),
    ("_include:always", "Patient:organization"),
]

NOT_UNDERSTOOD = [
    ("nickname", "x", "not-found"),
    ("_has:Observation:patient", "x", "not-found"),
    ("_has:Observation:shoe:code", "x", "not-found"),
    ("_has:Observation:patient:shoe", "x", "not-found"),
    ("_has:Nobody:patient:code", "x", "not-found"),
    ("_list", "$current-allergies", "not-supported"),
    ("_filter", "shoe eq 42", "not-found"),
    ("_filter", "gender gt male", "not-supported"),
    ("_filter", "name po 2020", "not-supported"),
    ("_score", "1", "not-found"),
    ("_query", "mine", "not-supported"),
    ("_contained", "true", "not-found"),
    ("_type", "Patient", "not-found"),
    ("name.given", "x", "invalid"),
    ("organization.nickname", "x", "not-found"),
    ("organization:Patient.name", "x", "not-found"),
    ("name", "", "value"),
    ("name", ",,", "value"),
    ("_include", "Patient:name", "not-found"),
    ("_include", "Patient", "not-found"),
    ("_include", "Patient:organization:Nobody", "not-found"),
    ("_revinclude", "Nobody:subject", "not-found"),
    ("", "x", "not-found"),
]

MALFORMED = [
    ("birthdate", "yesterday"),
    ("birthdate", "2024-13"),
    ("birthdate", "2023-02-29"),
    ("birthdate", "12:30:00"),
    ("birthdate", "ge"),
    ("identifier", "|"),
    ("identifier", "a|b|c"),
    ("name", "--"),
    ("gender:missing", "maybe"),
    ("gender:missing", "true,false"),
    ("general-practitioner", "#in"),
    ("_count", "abc"),
    ("_count", "-1"),
    ("_count", "٣"),
    ("_count", ""),
    ("_sort", "nickname"),
    ("_sort", "-"),
    ("_sort", "name,,-shoe"),
    ("_sort", "_score"),
    ("_summary", "yes"),
    ("_total", "about"),
    ("_lastUpdated", "gt"),
    ("organization._lastUpdated", "x"),
    ("_filter", "name eq"),
    ("_filter", "name is x"),
    ("_filter", "(name eq x"),
    ("_filter", "name eq x y"),
    ("_filter", "not name eq x"),
    ("_filter", "(" * 100 + "name eq x" + ")" * 100),
    ("_filter", "name eq a and name eq b or " * 50 + "name eq c"),
    ("_text", "()"),
    ("_text", "(a"),
    ("_content", "a or"),
    ("_content", "--"),
    ("_content", "not " * 100 + "a"),
    ("_list", ","),
]


@pytest.mark.parametrize(("name", "value", "code"), NOT_UNDERSTOOD)
def test_what_is_not_understood_is_reported_and_the_rest_goes_on(definitions: Definitions, name: str, value: str, code: str) -> None:
    found = query(definitions, ("gender", "male"), (name, value))
    (issue,) = found.not_understood
    assert (issue.code, issue.severity) == (code, "warning")
    assert len(found.clauses) == 1
    assert found.self_pairs == (("gender", "male"),)
    assert issue.diagnostics.endswith("out.") or "left out;" in issue.diagnostics


@pytest.mark.parametrize(("name", "value"), UNSUPPORTED_MODIFIERS)
def test_a_modifier_that_a_parameter_does_not_take_is_a_reason_to_refuse(definitions: Definitions, name: str, value: str) -> None:
    (issue,) = query(definitions, (name, value)).not_understood
    assert (issue.code, issue.severity) == ("not-supported", "error")
    assert "left out" not in issue.diagnostics


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_value_that_cannot_be_read_is_refused_naming_it(definitions: Definitions, name: str, value: str) -> None:
    with pytest.raises(FhirError) as refused:
        query(definitions, (name, value))
    assert refused.value.category is Category.MALFORMED
    assert name.partition(".")[2] or name in str(refused.value)
    assert "which cannot be read: " in str(refused.value)


@pytest.mark.parametrize("value", ["much", "1,2x", "1e9999", "٣", "9" * 50, "gt", ".5", "NaN", "Infinity", "0x1"])
def test_a_number_that_is_none_is_refused(definitions: Definitions, value: str) -> None:
    with pytest.raises(FhirError):
        query(definitions, ("probability", value), resource_type="RiskAssessment")


@pytest.mark.parametrize("value", ["5|kg", "kg", "5|a|b|c", "|http://unitsofmeasure.org|kg"])
def test_a_quantity_that_is_none_is_refused(definitions: Definitions, value: str) -> None:
    with pytest.raises(FhirError):
        query(definitions, ("value-quantity", value), resource_type="Observation")


BOMBS = [
    [("_id", ",".join(str(number) for number in range(1001)))],
    [("name", "a")] * 51,
    [("_include", "Patient:organization")] * 21,
    [("identifier", ",".join("abcdefghij" * 10))] * 11,
    [("birthdate", ",".join(str(year) for year in range(1900, 2001)))],
]


@pytest.mark.parametrize("pairs", BOMBS)
def test_too_much_is_too_costly(definitions: Definitions, pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(FhirError) as refused:
        query(definitions, *pairs)
    assert refused.value.category is Category.TOO_LARGE
    assert refused.value.issues[0].code == "too-costly"


def test_an_untyped_chain_over_all_types_cannot_explode(definitions: Definitions) -> None:
    with pytest.raises(FhirError) as refused:
        query(definitions, ("target.target.target._id", "1,2,3,4,5,6,7,8"), resource_type="Provenance")
    assert refused.value.category is Category.TOO_LARGE


@pytest.mark.parametrize("link", ["partof:Organization.", "_has:Organization:partof:"])
def test_a_chain_has_an_end_but_a_far_one(definitions: Definitions, link: str) -> None:
    assert query(definitions, (link * 20 + "name", "x"), resource_type="Organization").clauses
    with pytest.raises(FhirError) as refused:
        query(definitions, (link * 40 + "name", "x"), resource_type="Organization")
    assert refused.value.issues[0].code == "too-costly"


def test_result_parameters_are_read(definitions: Definitions) -> None:
    pairs = [
        ("_count", "20"), ("_sort", "-birthdate,name"), ("_summary", "data"), ("_total", "accurate"), ("_elements", "id, name"),
        ("_include", "Patient:organization"), ("_revinclude", "CarePlan:subject:Patient"),
        ("_format", "xml"), ("_pretty", "true"),
    ]  # fmt: skip
    found = query(definitions, *pairs)
    assert (found.count, found.summary, found.total, found.elements) == (20, "data", "accurate", ("id", "name"))
    assert [(sort.by, sort.descending) for sort in found.sort] == [("date", True), ("string", False)]
    assert (found.includes[0].source, found.includes[0].keys) == ("Patient", (parameter_key("Patient", "organization"),))
    assert found.revincludes[0].target == "Patient"
    assert found.self_pairs == tuple(pairs[:-2])
    assert not found.not_understood


def test_the_page_size_has_a_default_and_a_maximum(definitions: Definitions) -> None:
    assert query(definitions).count == 50
    assert query(definitions, ("_count", "9" * 30)).count == 1000
    assert parse_query("Patient", [("_count", "7")], definitions, max_count=5).count == 5
    assert parse_query("Patient", [], definitions, max_count=5).count == 5


def test_counts_only(definitions: Definitions) -> None:
    assert query(definitions, ("_count", "0")).counts_only
    assert query(definitions, ("_summary", "count")).counts_only
    assert not query(definitions).counts_only


def test_an_unknown_type_is_not_found(definitions: Definitions) -> None:
    with pytest.raises(FhirError) as refused:
        parse_query("Nobody", [], definitions)
    assert refused.value.category is Category.NOT_FOUND


ESCAPES = [
    ("a,b", ["a", "b"]), ("a\\,b", ["a,b"]), ("a\\\\,b", ["a\\", "b"]), ("", [""]), (",", ["", ""]), ("a\\", ["a\\"]),
    ("\\|\\$", ["|$"]), ("\\x", ["\\x"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), ESCAPES)
def test_separators_can_be_escaped(text: str, parts: list[str]) -> None:
    assert split(text, ",") == parts


@given(st.lists(st.text(max_size=5), min_size=1, max_size=5))
def test_what_is_escaped_is_split_into_what_it_was(parts: list[str]) -> None:
    escaped = ["".join("\\" + letter if letter in ",|$\\" else letter for letter in part) for part in parts]
    assert split(",".join(escaped), ",") == parts


@given(st.text(alphabet="a\\,|"))
def test_cutting_loses_nothing(text: str) -> None:
    assert ",".join(cut(text, ",")) == text


KEYS = st.one_of(st.text(max_size=20), st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False))


@given(st.lists(KEYS, max_size=4), st.integers(1, 2**62))
def test_a_page_token_gives_back_its_keys(keys: list[str | int | float], pk: int) -> None:
    token = page_token(After(tuple(keys), pk))
    assert token.replace("-", "").replace("_", "").isalnum()
    assert parse_page(token, [type(key) for key in keys]) == After(tuple(keys), pk)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=4))
def test_no_query_makes_anything_but_a_query_or_a_refusal(definitions: Definitions, pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(FhirError):
        assert query(definitions, *pairs).count == 50


NAMES = ["birthdate", "identifier", "name", "general-practitioner", "_lastUpdated", "_sort", "_page", "_count", "_include"]


@given(st.sampled_from(NAMES), st.text())
def test_no_value_makes_anything_but_a_query_or_a_refusal(definitions: Definitions, name: str, value: str) -> None:
    with contextlib.suppress(FhirError):
        assert query(definitions, (name, value)).resource_type == "Patient"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("patient.identifier", "", "has no value"),
        ("patient.identifier:exact", "1", "The modifier 'exact'"),
        ("patient.shoe", "1", "No type that patient may refer to has a supported search parameter 'shoe'"),
        ("patient.general-practitioner.name:shout", "x", "The modifier 'shout'"),
    ],
)
def test_a_chain_says_what_is_wrong_with_its_last_link(definitions: Definitions, name: str, value: str, says: str) -> None:
    (issue,) = parse_query("CarePlan", [(name, value)], definitions).not_understood
    assert says in issue.diagnostics
