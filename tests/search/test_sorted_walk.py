"""A page that is found by a walk along an index is the page of the whole order (https://hl7.org/fhir/R4/search.html#sort)."""

from __future__ import annotations

import pytest

from fhir_server.search.sql import to_sql
from tests.search.database import SearchDatabase

SORTS = [
    "Patient?_sort=family",
    "Patient?_sort=-family,birthdate",
    "Patient?_sort=given,-_id",
    "Patient?_sort=-birthdate",
    "Patient?_sort=gender,-birthdate",
    "Patient?_sort=-identifier,family",
    "Patient?_sort=organization,-family",
    "Patient?_sort=death-date,family",
    "Observation?_sort=code,-date",
    "Observation?_sort=-code,date",
    "Observation?_sort=value-quantity,-date",
    "Observation?_sort=-value-quantity,_id",
    "Observation?_sort=-patient,code",
    "Observation?_sort=status,-_lastUpdated",
    "Encounter?_sort=-date,status",
    "CarePlan?_sort=instantiates-uri,date",
    "Observation?_sort=component-code",
]


@pytest.mark.parametrize("search", SORTS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_pages_of_a_walk_are_the_whole_order(database: SearchDatabase, search: str, count: int) -> None:
    whole = database.ids(f"{search}&_count=1000")
    assert sorted(whole) == sorted(database.ids(f"{search.partition('?')[0]}?_count=1000"))
    assert [id_ for page in database.pages(search, count) for id_ in page] == whole
    assert [id_ for page in database.pages_back(search, count) for id_ in page] == whole


def test_what_has_to_hold_is_asked_of_each_match_as_before(sqlite_database: SearchDatabase) -> None:
    walked, asked = (to_sql(sqlite_database.query(search)).sql for search in ("Patient?_sort=family", "Patient?gender=male&_sort=family"))
    assert (" n CROSS JOIN " in walked, " n CROSS JOIN " in asked) == (True, False)
