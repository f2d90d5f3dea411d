"""Chains, includes, order and pages (https://hl7.org/fhir/R4/search.html#chaining, #include, #return)."""

from __future__ import annotations

import pytest

from fhir_server.model.issue import Category, FhirError
from tests.search.database import SearchDatabase

CHAINS = {
    "CarePlan?patient.identifier=urn:oid:1.2.250.1.213.1.4.10|255069900000123": "c1",
    "CarePlan?patient.identifier=255069900000123": "c1 c3",
    "CarePlan?subject:Patient.name=lefort": "c2",
    "CarePlan?subject.name=nguyen": "c3",
    "CarePlan?patient.general-practitioner:Practitioner.name=garnier": "c1 c2",
    "CarePlan?care-team.participant:Practitioner.family=garner": "c2",
    "CarePlan?status=active&patient.family=le": "c1",
    "CarePlan?patient.family=le&patient.gender=male": "c2",
    "CarePlan?patient._lastUpdated=lt2023-11-14T22:13:21Z": "c1",
    "Observation?subject._id=p3": "w3",
    "Observation?patient.gender:not=female": "w2 v2",
    "Observation?patient.deceased:missing=true": "",
    "Encounter?service-provider.name=chu": "e1 e2",
    "Patient?organization.identifier=urn:oid:1.2.250.1.71.4.2.2|420000001": "p1 p2",
    "Patient?link.family=lefort": "p4",
}

IDS = {
    "Patient?_id=p1,p3": "p1 p3",
    "Patient?_id=p1&_id=p2": "",
    "Patient?_id:not=p1": "p2 p3 p4 p5",
    "Patient?_id=c1": "",
    "Patient": "p1 p2 p3 p4 p5",
    "Patient?_count=2": "p1 p2",
    "Patient?_count=0": "",
}

ORDERS = {
    "Patient?_sort=family": "p1 p2 p3 p4 p5",
    "Patient?_sort=-family": "p5 p4 p3 p2 p1",
    "Patient?_sort=-name": "p3 p5 p2 p4 p1",
    "Patient?_sort=birthdate": "p2 p3 p1 p4 p5",
    "Patient?_sort=-birthdate": "p4 p1 p3 p2 p5",
    "Patient?_sort=gender,-_id": "p3 p1 p2 p4 p5",
    "Patient?_sort=-gender,_id": "p4 p2 p1 p3 p5",
    "Patient?_sort=-_id": "p5 p4 p3 p2 p1",
    "Patient?_sort=-_lastUpdated": "p5 p4 p3 p2 p1",
    "Patient?name=le&_sort=-birthdate": "p1 p2",
    "Patient?gender=female&_sort=-_lastUpdated": "p3 p1",
    "Observation?_sort=value-quantity": "w4 w1 w3 w2 v1 v2 v3",
    "Observation?_sort=subject,-date": "v1 w1 w4 w2 v2 w3 v3",
    "RiskAssessment?_sort=-probability": "r2 r3 r1",
    "Questionnaire?_sort=url": "q1",
}

INCLUDES = {
    "CarePlan?_id=c2&_include=CarePlan:care-team": "CareTeam/t1 CareTeam/t2",
    "CarePlan?_id=c2&_include=CarePlan:care-team&_include=CarePlan:subject:Patient": "Patient/p2 CareTeam/t1 CareTeam/t2",
    "CarePlan?_id=c3&_include=CarePlan:subject": "Patient/p3",
    "CarePlan?_id=c3&_include=CarePlan:subject:Group": "",
    "CarePlan?_include=CarePlan:replaces": "",
    "CarePlan?_id=c2&_include=CarePlan:replaces": "CarePlan/c1",
    "Patient?_id=p3&_revinclude=Observation:subject": "Observation/w3",
    "Patient?_id=p3&_revinclude=Observation:subject:Group": "",
    "Patient?_id=p2&_revinclude=CarePlan:patient&_revinclude=Encounter:subject": "CarePlan/c2 Encounter/e2",
    "Patient?_id=p1&_include=Patient:general-practitioner&_revinclude=CareTeam:patient": "Practitioner/d1 CareTeam/t1",
    "Patient?_id=nobody&_revinclude=Observation:subject": "",
}


@pytest.mark.parametrize(("search", "expected"), (CHAINS | IDS | ORDERS).items())
def test_a_search_gives_these_in_this_order(database: SearchDatabase, search: str, expected: str) -> None:
    assert not database.query(search).not_understood
    assert database.ids(search) == expected.split()


@pytest.mark.parametrize(("search", "expected"), INCLUDES.items())
def test_a_page_includes_each_resource_once_and_no_match_again(database: SearchDatabase, search: str, expected: str) -> None:
    assert not database.query(search).not_understood
    assert database.included(search) == expected.split()


PAGED = [*ORDERS, "Patient?", "Patient?gender:not=x", "Observation?code=29463-7,85354-9", "Observation?date=gt2020"]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("search", PAGED)
def test_pages_follow_one_another_without_gap_or_repetition(database: SearchDatabase, search: str, count: int) -> None:
    pages = database.pages(search, count)
    assert [id_ for page in pages for id_ in page] == database.ids(search)
    assert all(len(page) == count for page in pages[:-1])


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("search", PAGED)
def test_pages_read_backwards_from_the_end_are_the_whole_too(database: SearchDatabase, search: str, count: int) -> None:
    pages = database.pages_back(search, count)
    assert [id_ for page in pages for id_ in page] == database.ids(search)
    assert all(len(page) == count for page in pages[1:])


FOREIGN = ["x", "WzFd", "W10", "bnVsbA", "WyJhIiwiYiJd", "Wyd\u00e9", "WzEsMl0", "WzkyMjMzNzIwMzY4NTQ3NzU4MDld"]


@pytest.mark.parametrize("token", FOREIGN)
@pytest.mark.parametrize("sort", ["family", "birthdate,family"])
def test_a_page_token_of_another_search_is_refused(database: SearchDatabase, token: str, sort: str) -> None:
    with pytest.raises(FhirError) as refused:
        database.query(f"Patient?_sort={sort}&_page={token}")
    assert refused.value.category is Category.MALFORMED


def test_a_multi_valued_sort_takes_the_lowest_ascending_and_the_highest_descending(database: SearchDatabase) -> None:
    assert database.ids("RiskAssessment?_sort=probability") == ["r1", "r3", "r2"]
    assert database.ids("RiskAssessment?_id=r1,r3&_sort=-probability") == ["r3", "r1"]
