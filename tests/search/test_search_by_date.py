"""Dates compare as intervals, each with the precision it was written in (https://hl7.org/fhir/R4/search.html#date).

The server's zone is Europe/Paris, and now is 2024-06-01. Observation dates: w1 2024-01-15T23:30:00+01:00, w2 2024-01-15, w3 2024,
w4 from the 14th to the 16th of January 2024, v1 2024-02-29, v2 a schedule from 2023-05-01 without end, v3 none.
"""

from __future__ import annotations

import pytest

from tests.search.database import SearchDatabase

OBSERVATIONS = {
    "2024": "w1 w2 w3 w4 v1",
    "2024-01": "w1 w2 w4",
    "2024-01-15": "w1 w2",
    "2024-01-15T23:30": "w1",
    "2024-01-15T22:30:00Z": "w1",
    "2024-01-15T23:30:00Z": "",
    "2024-02-29T12:00:00Z": "v1",
    "2024-02-29T12:00:00.250Z": "v1",
    "2024-02-29T12:00:00.25Z": "v1",
    "2024-02-29T12:00:00.251Z": "",
    "eq2024-01-15": "w1 w2",
    "ne2024": "v2",
    "ne2024-01-15": "w3 w4 v1 v2",
    "gt2024-01-15": "w3 w4 v1 v2",
    "gt2024": "v2",
    "lt2024-01-15": "w3 w4 v2",
    "ge2024-01-15": "w1 w2 w3 w4 v1 v2",
    "ge2024-03": "w3 v2",
    "le2024-01-15": "w1 w2 w3 w4 v2",
    "le2023-12-31": "v2",
    "sa2024-01-15": "v1",
    "sa2023-12-31": "w1 w2 w3 w4 v1",
    "sa2023-12-31T23:00:00Z": "w1 w2 w4 v1",
    "eb2024-01-15": "",
    "eb2024-01-16": "w1 w2",
    "eb2025": "w1 w2 w3 w4 v1",
    "ap2024-01-15": "w1 w2 w3 w4 v2",
    "2024-01-15,2024-02": "w1 w2 v1",
    "9999-12-31": "",
    "0001": "",
}

OTHERS = {
    "Patient?birthdate=1955": "p1 p3",
    "Patient?birthdate=1955-06": "p1",
    "Patient?birthdate=1941-03-01": "",
    "Patient?birthdate=ge1955-06-30": "p1 p3 p4",
    "Patient?birthdate=lt1955": "p2",
    "Patient?birthdate=ge1941&birthdate=lt1955": "p2",
    "Patient?death-date=2023-11-06": "p2",
    "Patient?death-date=2023-11-05": "",
    "CarePlan?date=lt2020": "c2",
    "CarePlan?date=ap2024-03": "c1",
    "CarePlan?date:missing=true": "c3",
    "Encounter?date=2024-01": "e1",
    "Encounter?date=ge2031": "e2",
    "Encounter?date=sa2024-01-31": "e2",
    "Goal?target-date=2024-03-01": "g1",
    "Goal?target-date=2024-06": "g1",
    "Goal?target-date=2024-04": "",
    "QuestionnaireResponse?authored=2024-03-31T03:30": "qr1 qr2",
    "Patient?_lastUpdated=2023-11-14T22:13:22Z": "p3",
    "Patient?_lastUpdated=2023-11-14T23:13:22": "p3",
    "Patient?_lastUpdated=ge2023-11-14T22:13:23Z": "p4 p5",
    "Patient?_lastUpdated=gt2023-11-14T22:13:20Z&_lastUpdated=lt2023-11-14T22:13:22Z": "p2",
    "Patient?_lastUpdated=lt2023-11-14T22:13:21Z,gt2023-11-14T22:13:23Z": "p1 p5",
}


@pytest.mark.parametrize(("value", "expected"), OBSERVATIONS.items())
def test_a_searched_date_finds_these_observations(database: SearchDatabase, value: str, expected: str) -> None:
    assert database.ids(f"Observation?date={value}") == expected.split()


@pytest.mark.parametrize(("value", "expected"), OBSERVATIONS.items())
def test_it_finds_the_same_when_another_criterion_leads(database: SearchDatabase, value: str, expected: str) -> None:
    every = ",".join(f"Patient/p{number}" for number in range(1, 6))
    assert database.ids(f"Observation?subject={every},Group/x&date={value}") == expected.split()


@pytest.mark.parametrize(("search", "expected"), OTHERS.items())
def test_a_search_by_date_finds_just_these(database: SearchDatabase, search: str, expected: str) -> None:
    assert database.ids(search) == expected.split()
    assert database.count(search) == len(expected.split())
