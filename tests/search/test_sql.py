"""The SQL: values are bound, index tables are entered by an index, many values are no problem, PostgreSQL gets its placeholders."""

from __future__ import annotations

import pytest

from fhir_server.search.dialect import POSTGRESQL
from fhir_server.search.including import including
from fhir_server.search.page import LAST_PAGE, page_token
from fhir_server.search.sql import count_sql, to_sql
from tests.search.database import SearchDatabase

SHAPES = [
    "Patient?_id=p1",
    "Patient?identifier=urn:oid:1.2|3",
    "Patient?name=abc",
    "Patient?family:exact=Petit",
    "Patient?given:contains=tr",
    "Patient?birthdate=ge1950&birthdate=lt1955",
    "Patient?gender=male&_count=20",
    "Patient?_lastUpdated=gt2020-01-01",
    "Patient?_sort=-_lastUpdated",
    "Patient?gender:missing=true",
    "Patient?gender:not=male",
    "Patient",
    "Observation?patient=p1&_count=50",
    "Observation?patient=p1&code=http://loinc.org|8302-2",
    "Observation?patient=p1&_sort=-date&_count=20",
    "Observation?patient=p1&category=laboratory",
    "Observation?code=http://loinc.org|8302-2,http://loinc.org|29463-7,85354-9",
    "Observation?code=http://loinc.org|29463-7&date=ge2010-01-01",
    "Observation?code=http://loinc.org|29463-7&date=lt2010-01-01",
    "Observation?code=http://loinc.org|29463-7&value-quantity=gt60|http://unitsofmeasure.org|kg",
    "Observation?date=2020",
    "Observation?date=ne2020",
    "Condition?clinical-status=active&onset-date=ge2001",
    "Condition?patient.family=lef",
    "CarePlan?patient.identifier=urn:oid:1.2|3",
    "CarePlan?subject.identifier=urn:oid:1.2|3",
    "CarePlan?_lastUpdated=gt2020-01-01&status=active&_count=20",
    "Encounter?date=ge2005-01-01&_count=50",
    "Encounter?patient=p1&_include=Encounter:service-provider",
    "Patient?_id=p1&_revinclude=Condition:patient",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_table_is_read_from_end_to_end(sqlite_database: SearchDatabase, shape: str) -> None:
    scans = [step for step in sqlite_database.plan(shape) if step.startswith("SCAN") and step not in ("SCAN p", "SCAN d", "SCAN k")]
    assert not scans


STREAMS = ["Patient?gender=male", "Observation?code=http://loinc.org|8302-2", "Observation?patient=p1", "Patient", "Observation?category=x"]


@pytest.mark.parametrize("shape", STREAMS)
def test_a_page_of_many_matches_is_not_sorted(sqlite_database: SearchDatabase, shape: str) -> None:
    plan = sqlite_database.plan(shape)
    inner = plan[: plan.index("SCAN p")]
    assert not [step for step in inner if "TEMP B-TREE" in step]


@pytest.mark.parametrize("shape", STREAMS)
def test_nor_is_one_that_is_read_backwards(sqlite_database: SearchDatabase, shape: str) -> None:
    plan = sqlite_database.plan(f"{shape}{'&' if '?' in shape else '?'}_page={page_token(LAST_PAGE)}")
    assert not [step for step in plan[: plan.index("SCAN p")] if "TEMP B-TREE" in step]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_value_is_part_of_the_text(database: SearchDatabase, shape: str) -> None:
    statement = to_sql(database.query(shape))
    assert statement.sql.count("?") == len(statement.values)
    assert "'" not in statement.sql.replace("''", "")
    assert not [part for part in ("loinc", "8302", "29463", "2020", "1950", "male", "laboratory", "p1", "urn:") if part in statement.sql]


HOSTILE = ["'; DROP TABLE resource; --", '" OR 1=1', "%' OR '1'='1", "?", "$1", "\x00", "a\\", "💥" * 3000]
NAMES = ["name", "name:exact", "name:contains", "identifier", "_id", "organization", "organization.name", "_profile"]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_values_find_nothing_and_break_nothing(database: SearchDatabase, name: str, hostile: str) -> None:
    query = database.parse("Patient", [(name, hostile)])
    assert database.ids(query) == []
    assert database.count(query) == 0


@pytest.mark.parametrize(
    ("type_name", "name", "value", "number"),
    [
        ("Patient", "_id", "x{}", 1000),
        ("Patient", "name", "zz{}", 100),
        ("Patient", "name:contains", "zz{}", 100),
        ("Observation", "code", "http://s.example/{0}|c{0}", 1000),
        ("Observation", "date", "sa{:04}-12-30T12:00:00.1", 100),
        ("Observation", "value-quantity", "{}||q", 100),
        ("CarePlan", "subject", "Patient/x{}", 1000),
        ("CarePlan", "subject:Patient", "http://x.example/{}", 1000),
    ],
)
def test_many_values_are_allowed(database: SearchDatabase, type_name: str, name: str, value: str, number: int) -> None:
    values = ",".join(value.format(one) for one in range(9000, 9000 + number))
    query = database.parse(type_name, [(name, values)])
    assert database.ids(query) == []
    assert database.count(query) == 0


def test_a_condition_asks_for_the_ids_of_two_matches(database: SearchDatabase) -> None:
    statement = to_sql(database.query("Patient?gender:missing=false"), limit=2, only_ids=True, dialect=database.dialect)
    assert database.fetch(statement) == [(1, "Patient", "p1"), (2, "Patient", "p2")]


def test_postgresql_gets_numbered_placeholders_and_lists(database: SearchDatabase) -> None:
    query = database.query("CarePlan?patient.identifier=urn:oid:1.2|3&_sort=-date&_include=CarePlan:care-team")
    page, total = to_sql(query, dialect=POSTGRESQL), count_sql(query, dialect=POSTGRESQL)
    includes = next(including(query, [1, 2], POSTGRESQL))
    for statement in (page, total, includes):
        assert "?" not in statement.sql
        assert all(f"${number}" in statement.sql for number in range(1, len(statement.values) + 1))
    assert [1, 2] in includes.values
