"""How far matches are counted, and that counting stops there (https://hl7.org/fhir/R4/search.html#total)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.search.page import After
from fhir_server.search.query import parse_query
from fhir_server.search.sql import count_sql
from fhir_server.search.total import COUNTED, LOOKED_UP, count_limit, known_total
from tests.search.database import SearchDatabase

CODE = ("code", "http://loinc.org|8302-2")
LIMITS = [
    ([], COUNTED + 1),
    ([CODE], COUNTED + 1),
    ([("patient", "p1")], COUNTED + 1),
    ([("code", "a,b")], LOOKED_UP + 1),
    ([("code", "http://loinc.org|")], LOOKED_UP + 1),
    ([("code:not", "a")], LOOKED_UP + 1),
    ([("date", "ge2020")], LOOKED_UP + 1),
    ([CODE, ("date", "ge2020")], LOOKED_UP + 1),
    ([CODE, ("date", "ge2020"), ("_total", "accurate")], None),
    ([CODE, ("_total", "estimate")], None),
    ([CODE, ("_total", "none")], 0),
    ([CODE, ("date", "ge2020"), ("_summary", "count")], None),
    ([CODE, ("date", "ge2020"), ("_count", "0")], None),
]


@pytest.mark.parametrize(("pairs", "limit"), LIMITS)
def test_what_an_index_counts_is_counted_further(definitions: Definitions, pairs: list[tuple[str, str]], limit: int | None) -> None:
    assert count_limit(parse_query("Observation", pairs, definitions)) == limit


def test_a_total_is_known_where_counting_did_not_stop() -> None:
    assert [known_total(number, 3) for number in (0, 2, 3)] == [0, 2, None]
    assert known_total(9_999_999, None) == 9_999_999


COUNTS = ["Patient", "Patient?gender=male,female", "Patient?birthdate=ge1900", "Patient?gender=male,female&birthdate=ge1900"]


@pytest.mark.parametrize("search", COUNTS)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_counting_stops_at_the_limit(database: SearchDatabase, search: str, limit: int) -> None:
    everything = database.count(search)
    assert everything > 2
    assert database.fetch(count_sql(database.query(search), limit=limit, dialect=database.dialect)) == [(min(limit, everything),)]


@pytest.mark.parametrize("search", COUNTS)
def test_each_page_has_the_total_of_all(database: SearchDatabase, search: str) -> None:
    for after in (After((), 3), After((), 3, backwards=True)):
        page = replace(database.query(search), after=after)
        assert database.fetch(count_sql(page, limit=100, dialect=database.dialect)) == [(database.count(search),)]


LISTS = [
    "Patient?gender=male,female", "Patient?gender=male,male,female",
    "Observation?patient=p1,p2,Patient/p3", "Observation?patient=p1,p2&status=final",
]  # fmt: skip


@pytest.mark.parametrize("search", LISTS)
@pytest.mark.parametrize("count", [1, 2])
def test_pages_of_several_values_hold_each_match_once_and_in_one_order(database: SearchDatabase, search: str, count: int) -> None:
    whole = database.ids(search)
    assert len(whole) > 2
    assert [id_ for page in database.pages(search, count) for id_ in page] == whole
    assert [id_ for page in database.pages_back(search, count) for id_ in page] == whole
    assert whole == [id_ for id_ in database.ids(search.partition("?")[0]) if id_ in whole]
