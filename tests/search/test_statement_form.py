"""The SQL of searches by identifiers is made once for each form; it must be what would have been put together for the search itself."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fhir_server.search import sql
from fhir_server.search.clause import IdClause, ParameterClause
from fhir_server.search.dialect import POSTGRESQL, SQLITE
from fhir_server.search.query import Query
from fhir_server.search.statement_form import MOST, formed
from fhir_server.search.types.token import TokenValue

texts = st.text(max_size=12)


def by_identifier(definitions, values, type_name="Patient"):
    parameter = definitions.search_parameters(type_name)["identifier"]
    clause = ParameterClause(parameter, parameter.key(type_name), tuple(TokenValue(code, system) for code, system in values))
    return Query(type_name, (clause,), count=1000, total="none")


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda one: one.name)
@pytest.mark.parametrize("only_ids", [False, True])
@given(system=texts, codes=st.lists(texts, min_size=1, max_size=MOST, unique=True), rows=st.sampled_from([2, 51, 1001]))
@example(system="\0mark 1", codes=["\0mark 2", "\0mark 0"], rows=2)
def test_a_form_says_what_the_search_itself_would(definitions, dialect, only_ids, system, codes, rows):
    query = by_identifier(definitions, [(code, system) for code in codes])
    statement = formed(query, rows, only_ids, dialect, sql._statement)
    assert statement == sql._statement(query, rows, only_ids, dialect)


@pytest.mark.parametrize(
    "values",
    [[("1", None)], [(None, "urn:a")], [("1", "urn:a"), ("1", "urn:b")], [("1", "urn:a"), (None, "urn:a")]],
    ids=["any system", "a whole system", "two systems", "a number and a whole system"],
)
def test_other_searches_are_put_together(definitions, values):
    assert formed(by_identifier(definitions, values), 2, False, SQLITE, sql._statement) is None


def test_a_second_criterion_is_never_left_out(definitions):
    query = by_identifier(definitions, [("1", "urn:a")])
    both = Query("Patient", (*query.clauses, IdClause(("7",))))
    assert formed(both, 2, False, SQLITE, sql._statement) is None
