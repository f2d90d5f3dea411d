"""Every search parameter of every resource type with values, prefixes, modifiers and escapes at random
(https://hl7.org/fhir/R4/search.html): no fault of ours, and nothing of a query in the text of SQL.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.search.dialect import Dialect, Sql, Statement
from tests.fuzz.asgi_client import AsgiClient
from tests.fuzz.conftest import REQUESTS
from tests.fuzz.verdict import check

PREFIXES = st.sampled_from(["", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "zz"])
MODIFIERS = st.sampled_from([
    "", "", "", ":exact", ":contains", ":missing", ":not", ":text", ":in", ":not-in", ":above", ":below", ":of-type", ":identifier",
    ":Patient", ":iterate", ":", ":'", ":Nonsense",
])  # fmt: skip
MARK = "zqxj"
"""What nobody but a query of ours says."""

WORDS = st.sampled_from([
    "", "1", "-1", "0", "1e400", "1e-400", "NaN", "9" * 400, "5.4|http://unitsofmeasure.org|mg", "5|mg", "|", "||", "a|b|c|d", "true",
    "false",
    "2026", "2026-02-30", "2026-01-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59+14:00", "10000", "0000", "Patient/p1",
    "http://x/y|2", "#a",
    "p1", "Martin", "ÉLOÏSE", "%", "_", "\\", "\\,", "\\$", "\\|", "$", "a$b", "a$b$c$d", ",", ",,", "(", ")", "[a-z]+", "(a+)+$", "'",
    '"', "';--",
    "1;DROP TABLE resource", "*", '"unterminated', "NEAR(", "a AND", "a OR", "NOT", "a* b", "-", "\x00", "a\x00b", "\u202eabc",
    "e\u0301", "𝒳", "🩺",
    "\ud800", "٣", "１２", "48.85|2.35|10|km", "91|181|1|km", "48|2|-1", "48|2|nan|km", "inf",
    "http://hl7.org/fhir/ValueSet/administrative-gender",
])  # fmt: skip
TEXTS = st.text(max_size=12) | st.text(st.sampled_from("\\,$|:.%_'\"()*~^" + string.ascii_lowercase), max_size=20)
VALUES = st.builds("".join, st.tuples(PREFIXES, WORDS | TEXTS)) | st.lists(WORDS, min_size=1, max_size=4).map(",".join)
FILTER_PARTS = st.sampled_from([
    "name", "birthdate", "general-practitioner.name", "identifier", "eq", "ne", "co", "sw", "ew", "gt", "in", "re", "pr", "ss", "sb",
    "po", "and",
    "or", "not", "(", ")", "[", "]", '"Martin"', "2026", "true", "1.5", "Patient/p1", ".", "'", '"', "zz", "_has", "\\",
])  # fmt: skip
FILTERS = st.lists(FILTER_PARTS, max_size=12).map(" ".join) | TEXTS
RESULTS = st.sampled_from(
    ["_sort", "_count", "_include", "_revinclude", "_include:iterate", "_summary", "_elements", "_total", "_type", "_page"]
)
RESULT_VALUES = st.sampled_from([
    "*", "-", "--name", "_id", "-_lastUpdated", "name,-birthdate", "Patient:link", "Patient:*", "*:*", "Observation:subject:Patient",
    ":", "::", "a:b:c:d",
    "1000000", "-1", "0", "1.5", "count", "accurate", "estimate", "Patient,Observation", "Shoe", "AAAA", "e30=", "",
])  # fmt: skip
QUIET = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), max_examples=REQUESTS)


@pytest.fixture(scope="module")
def parameters(definitions: Definitions) -> list[tuple[str, str]]:
    """Resource type and code of every search parameter."""
    return [(name, code) for name in sorted(definitions.schema.resource_types) for code in definitions.search_parameters(name)]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts of all statements that searches make."""
    texts: list[str] = []
    made = Dialect.statement

    def kept(dialect: Dialect, sql: Sql) -> Statement:
        statement = made(dialect, sql)
        texts.append(statement.sql)
        return statement

    monkeypatch.setattr(Dialect, "statement", kept)
    return texts


def chained(data: st.DataObject, parameters: list[tuple[str, str]], name: str) -> str:
    """Nothing, or a chain or a reverse chain around the name."""
    code = data.draw(st.sampled_from(parameters))
    kind = data.draw(st.sampled_from(["", "", "", "", "chain", "typed", "has", "has"]))
    around = {"": name, "chain": f"{code[1]}.{name}", "typed": f"{code[1]}:{code[0]}.{name}", "has": f"_has:{code[0]}:{code[1]}:{name}"}
    return around[kind]


def query(data: st.DataObject, parameters: list[tuple[str, str]], code: str) -> list[tuple[str, str]]:
    name = chained(data, parameters, code + data.draw(MODIFIERS))
    pairs = [(name, data.draw(VALUES))]
    if data.draw(st.booleans()):
        pairs.append((data.draw(RESULTS), data.draw(RESULT_VALUES | VALUES)))
    if data.draw(st.integers(0, 9)) == 0:
        pairs.append(("_filter", data.draw(FILTERS)))
    return pairs


@pytest.mark.slow
def test_any_search_is_answered_without_a_fault_of_ours(client: AsgiClient, parameters: list[tuple[str, str]]) -> None:
    @QUIET
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        type_name, code = data.draw(st.sampled_from(parameters))
        pairs = query(data, parameters, code)
        path = f"/{type_name}" if data.draw(st.integers(0, 9)) else "/"
        check(client.ask("GET", path, pairs), f"{path} {pairs}")

    ask()


def test_each_parameter_of_each_type_takes_each_modifier(client: AsgiClient, parameters: list[tuple[str, str]]) -> None:
    """Not at random: what a random walk may never come by."""
    step = max(1, len(parameters) * 4 // REQUESTS)
    for number, (type_name, code) in list(enumerate(parameters))[::step]:
        for modifier in (":missing", "", (":not", ":above", ":of-type", ":contains", ":identifier")[number % 5]):
            pairs = [(code + modifier, "true" if modifier == ":missing" else "x|y|z" if modifier == ":of-type" else "1")]
            check(client.ask("GET", f"/{type_name}", pairs), f"{type_name} {pairs}")


@pytest.mark.parametrize(
    "name", ["{}", "name:{}", "link:{}.name", "{}.name", "_has:{}:link:name", "_has:Observation:{}:code", "_sort", "_include", "_filter"]
)
def test_nothing_of_a_query_is_in_the_text_of_sql(client: AsgiClient, statements: list[str], name: str) -> None:
    for value in (MARK, f"'{MARK}", f"{MARK}) OR 1=1 --", f"Patient:{MARK}", f"-{MARK}", f'name eq "{MARK}"', f"{MARK} eq 1"):
        for path in ("/Patient", "/"):
            check(client.ask("GET", path, [(name.format(MARK), value), ("name", "Martin")]), f"{name} {value}")
    assert statements or name == "_sort"  # which is refused before
    assert not [text for text in statements if MARK in text.lower()]


@pytest.mark.slow
def test_no_value_of_a_random_search_is_in_the_text_of_sql(
    client: AsgiClient, parameters: list[tuple[str, str]], statements: list[str]
) -> None:
    marked = st.builds(lambda prefix, before, after: prefix + before + MARK + after, PREFIXES, TEXTS, TEXTS)

    @QUIET
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        type_name, code = data.draw(st.sampled_from(parameters))
        pairs = [(chained(data, parameters, code + data.draw(MODIFIERS)), data.draw(marked)), ("_sort", data.draw(marked | st.just("_id")))]
        check(client.ask("GET", f"/{type_name}", pairs), f"{type_name} {pairs}")
        assert not [text for text in statements if MARK in text.lower()]
        statements.clear()

    ask()
