"""Source -> tokens -> tree: precedence, literals, and errors that point at the place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import FhirPathError, compile_expression
from fhir_server.fhirpath.parser import parse
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.tree import Binary, Constant, Literal, Member, TypeOperation, Unary


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("true", True), ("42", 42), ("1.50", Decimal("1.50")), ("'l\\'eau\\n\\u00e9'", "l'eau\né"), ("4 'mg'", Quantity(Decimal(4), "mg")),
        ("2 weeks", Quantity(Decimal(2), "week", True, "weeks")), ("{}", None),
    ],
)  # fmt: skip
def test_literals_mean_their_values(source: str, value: object) -> None:
    tree = parse(source)
    assert isinstance(tree, Literal)
    assert tree.value == value


@pytest.mark.parametrize(
    ("source", "operators"),
    [
        ("a or b and c", "or"), ("a and b = c", "and"), ("a = b < c", "="), ("a < b | c", "<"), ("a | b + c", "|"), ("a + b * c", "+"),
        ("a implies b or c", "implies"), ("a in b = c", "in"), ("a - b - c", "-"),
    ],
)  # fmt: skip
def test_the_loosest_operator_is_the_root(source: str, operators: str) -> None:
    tree = parse(source)
    assert isinstance(tree, Binary)
    assert tree.operator == operators


def test_operators_of_one_level_group_from_the_left() -> None:
    assert parse("1 - 2 - 3") == Binary("-", Binary("-", Literal(1, 1), Literal(2, 5), 3), Literal(3, 9), 7)


def test_a_sign_binds_tighter_than_arithmetic_and_looser_than_a_call() -> None:
    assert isinstance(parse("-1 + 2"), Binary)
    assert isinstance(parse("-a.count()"), Unary)


def test_is_takes_a_qualified_type() -> None:
    tree = parse("value is FHIR.`Quantity`")
    assert tree == TypeOperation("is", Member(None, "value", 1), "FHIR.Quantity", 7)


@pytest.mark.parametrize("source", ["%`vs-x`", "%'vs-x'", '%"vs-x"', "%vs-x"])
def test_constants_may_be_quoted_in_several_ways(source: str) -> None:
    assert parse(source) == Constant("vs-x", 1)


def test_keywords_may_be_names_of_elements_and_functions() -> None:
    assert parse("expansion.contains") == Member(Member(None, "expansion", 1), "contains", 11)
    assert parse("as") == Member(None, "as", 1)


def test_comments_and_white_space_count_for_nothing() -> None:
    assert parse("/* a\n b */ 1 // end\n + 2") == Binary("+", Literal(1, 12), Literal(2, 24), 22)


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("", 1, "ends where a value"), ("a.", 3, "element or a function"), ("a b", 3, "does not fit"), ("(a", 3, "is missing"),
        ("a +", 4, "ends"),
        ("'abc", 1, "not closed"), ("1 /* x", 3, "not closed"), ("a # b", 3, "No FHIRPath"), ("'a\\qb'", 3, "escape"),
        ("@2020-02-30", 1, "day"),
        ("@T10:00Z", 8, "does not fit"), ("$that", 1, "not a variable"), ("a.nothing()", 3, "no function"), ("a.where()", 3, "takes 1"),
        ("a.first(1)", 3, "takes 0"), ("a as Nothing", 3, "no type"), ("a.ofType(1)", 10, "type is expected"),
        ("a is", 5, "type is expected"),
        ("f(a,)", 5, "value is expected"), ("[1]", 1, "value is expected"),
    ],
)  # fmt: skip
def test_an_error_says_what_and_in_which_column(definitions: Definitions, source: str, column: int, message: str) -> None:
    with pytest.raises(FhirPathError, match=message) as caught:
        compile_expression(source, definitions.schema)
    assert caught.value.column == column


MONSTERS = ["(" * 5000 + "1" + ")" * 5000, "-" * 5000 + "1", ".".join(["a"] * 20_000), "1" + "+1" * 20_000, "1" * 300_000]


@pytest.mark.parametrize("source", MONSTERS, ids=lambda text: text[:5])
def test_an_expression_beyond_reason_is_an_error_not_a_crash(definitions: Definitions, source: str) -> None:
    with pytest.raises(FhirPathError):
        compile_expression(source, definitions.schema).evaluate({"resourceType": "Patient"})


WORDS = st.sampled_from(
    [*"().[]+-*/|=~<,", "name", "given", "0", "1.5", "'a'", "and", "or", "is", "as", "Patient", "where", "exists", "$this", "{}", "in"]
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_runs_or_is_refused_with_a_fhirpath_error(definitions: Definitions, source: str) -> None:
    patient = {"resourceType": "Patient", "name": [{"given": ["A"]}]}
    try:
        found = str(compile_expression(source, definitions.schema).evaluate(patient))
    except FhirPathError as error:
        found = error.message
    assert found


def test_an_expression_is_compiled_once(definitions: Definitions) -> None:
    assert compile_expression("Patient.name", definitions.schema) is compile_expression("Patient.name", definitions.schema)
