"""Searches that lead from one resource to others, filters and words (https://hl7.org/fhir/R4/search.html#has, search_filter.html)."""

from __future__ import annotations

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.search import including as module
from tests.search.database import SearchDatabase

HAS = {
    "Patient?_has:Observation:patient:code=29463-7": "p1 p2 p3",
    "Patient?_has:Observation:patient:code=29463-7&gender=female": "p1 p3",
    "Patient?_has:Observation:patient:code:not=29463-7": "p1 p2",
    "Patient?_has:Observation:patient:_id=w3": "p3",
    "Patient?_has:CarePlan:patient:care-team.participant:Practitioner.family=garner": "p2",
    "CarePlan?patient._has:Observation:patient:_id=w3": "c3",
    "Practitioner?_has:Patient:general-practitioner:_has:CarePlan:patient:status=active": "d1",
    "CarePlan?patient.general-practitioner._has:Patient:general-practitioner:gender=male": "c1 c2",
    "Patient?_has:Observation:patient:code=29463-7&_has:CarePlan:patient:_id=c2": "p2",
    "Patient?_has:Observation:patient:code=nothing": "",
}

FILTERS = {
    "gender eq female": "p1 p3",
    "gender ne female": "p2 p4",
    "not (gender eq female)": "p2 p4 p5",
    'name co "lef" and not (gender eq female)': "p2",
    "name sw lef or birthdate lt 1950-01-01": "p1 p2",
    "family eq PETIT": "p5",
    "family eq peti": "",
    "family ne petit": "p1 p2 p3 p4",
    "family ew t": "p2 p5",
    "birthdate pr false": "p5",
    "birthdate pr true and gender eq other": "p4",
    "birthdate po 1955": "p1 p3",
    "identifier sw 25506": "p1 p3",
    "identifier eq urn:oid:1.2.250.1.213.1.4.10|255069900000123": "p1",
    "general-practitioner re Practitioner/d1 and gender eq male": "p2",
    "general-practitioner.family sw gar": "p1 p2",
    "general-practitioner[family sw gar].identifier pr true": "p1 p2",
    "_id eq p1 or _id eq p5": "p1 p5",
    "_lastUpdated lt 2023-11-14T22:13:21Z": "p1",
    "gender eq male or gender eq female and active eq true": "p1 p2",
    "gender eq male or (gender eq female and active eq true)": "p1 p2",
    "((((((((((gender eq other))))))))))": "p4",
    "gender eq other and gender eq other or gender eq male and active eq true": "p2",
}

TEXTS = {
    "Patient?_content=lefevre": "p1",
    "Patient?_content=LEFÈVRE": "p1",
    "Patient?_content=lefevre or nguyen": "p1 p3",
    "Patient?_content=(lefevre or nguyen) and not gender": "p1 p3",
    "Patient?_content=lef*": "p1 p2",
    "Patient?_content=lef": "",
    'Patient?_content="marie helene"': "",
    "Patient?_content=not lefevre": "p2 p3 p4 p5",
    "Patient?_text=lefevre": "",
    "Patient?_text=not lefevre&gender=female": "p1 p3",
    "?_type=Patient&_content=lefevre": "p1",
}

ACROSS = {
    "?_type=Patient,CarePlan&_lastUpdated=gt2000": "p1 p2 p3 p4 p5 c1 c2 c3",
    "?_type=Patient,CarePlan&_id=p1,c1": "p1 c1",
    "?_type=Patient,CarePlan&_id:not=p1&_type=Patient": "p2 p3 p4 p5",
    "?_tag=demo": "p1",
    "?_type=Patient,Practitioner&name=lef": "p1 p2",
    "?_type=Patient,Practitioner&_filter=family sw lef": "p1 p2",
    "?_type=Patient,CarePlan&_tag:not=demo": "p2 p3 p4 p5 c1 c2 c3",
    "?_type=Patient,CarePlan&_sort=-_id": "p5 p4 p3 p2 p1 c3 c2 c1",
    "?_has:Observation:patient:_id=w3": "p3",
}

INCLUDES = {
    "CarePlan?_id=c2&_include=*": "Patient/p2 CareTeam/t1 CareTeam/t2 CarePlan/c1",
    "CarePlan?_id=c2&_include=CarePlan:*": "Patient/p2 CareTeam/t1 CareTeam/t2 CarePlan/c1",
    "CarePlan?_id=c2&_include=CarePlan:*:CareTeam": "CareTeam/t1 CareTeam/t2",
    "CarePlan?_id=c2&_include=CarePlan:subject&_include=Patient:general-practitioner": "Patient/p2",
    "CarePlan?_id=c2&_include=CarePlan:subject&_include:iterate=Patient:general-practitioner": "Patient/p2 Practitioner/d1",
    "CarePlan?_id=c2&_include=CarePlan:subject&_include:recurse=Patient:general-practitioner": "Patient/p2 Practitioner/d1",
    "QuestionnaireResponse?_id=qr1&_include=QuestionnaireResponse:questionnaire": "Questionnaire/q1",
    "Questionnaire?_revinclude=QuestionnaireResponse:questionnaire": "QuestionnaireResponse/qr1 QuestionnaireResponse/qr2",
    "Practitioner?_id=d1&_revinclude=Patient:general-practitioner&_revinclude:iterate=CarePlan:patient":
        "Patient/p1 Patient/p2 CarePlan/c1 CarePlan/c2",
}  # fmt: skip


@pytest.mark.parametrize(("search", "expected"), (HAS | TEXTS | ACROSS).items())
def test_a_search_across_resources_gives_these(database: SearchDatabase, search: str, expected: str) -> None:
    assert not database.query(search).not_understood
    assert database.ids(search) == expected.split()
    assert database.count(search) == len(expected.split())


@pytest.mark.parametrize(("text", "expected"), FILTERS.items())
def test_a_filter_gives_these(database: SearchDatabase, text: str, expected: str) -> None:
    query = database.parse("Patient", [("_filter", text)])
    assert not query.not_understood
    assert database.ids(query) == expected.split()
    assert database.count(query) == len(expected.split())


@pytest.mark.parametrize(("search", "expected"), INCLUDES.items())
def test_a_page_includes_these(database: SearchDatabase, search: str, expected: str) -> None:
    assert not database.query(search).not_understood
    assert sorted(database.included(search)) == sorted(expected.split())


def test_a_circle_is_followed_once(database: SearchDatabase) -> None:
    search = "Patient?_id=p4&_include:iterate=Patient:link&_revinclude:iterate=Patient:link"
    found = database.included(search)
    assert "Patient/p4" not in found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("link", ["partof:Organization.", "_has:Organization:partof:"])
def test_a_chain_of_many_references_is_answered(database: SearchDatabase, link: str) -> None:
    assert database.ids(f"Organization?{link * 20}name=x") == []


def test_a_page_that_would_include_too_much_says_so(database: SearchDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    query = database.query("Patient?_id=p1&_revinclude=*")
    whole = database.including(query, [1])
    monkeypatch.setattr(module, "MAX_INCLUDED", 3)
    cut = database.including(query, [1])
    assert (whole.is_cut, cut.is_cut) == (False, True)
    assert [row[0] for row in cut.rows] == [row[0] for row in whole.rows][:3]


def test_several_types_are_sorted_by_what_all_have(database: SearchDatabase) -> None:
    with pytest.raises(FhirError, match="_id or _lastUpdated"):
        database.query("?_type=Patient,CarePlan&_sort=name")


@pytest.mark.parametrize("named", ["Shoe", "Patient,Shoe", ","])
def test_types_that_are_none_are_refused(database: SearchDatabase, named: str) -> None:
    with pytest.raises(FhirError, match="_type"):
        database.query(f"?_type={named}")
