"""A law: a search finds exactly what a scan of all resources finds, whichever criterion leads and in whatever order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.search.criterion import MODIFIERS, SUPPORTED_TYPES
from fhir_server.search.extract import NOT_INDEXED
from tests.search.database import SearchDatabase, own_resources
from tests.search.scan import PREFIXES, elements, scan

Criterion = tuple[str, str, str]
"""Parameter, modifier, text."""

WORDS = ["lef", "LEFEVRE", "hélène", "n", "petit", "Garn", "la pass", "ri"]
CODES = [
    "active", "final", "true", "29463-7", "http://loinc.org|29463-7", "|29463-7", "http://loinc.org|", "IMP", "female", "255069900000123",
    "phone|",
]  # fmt: skip
DATES = [
    "2024", "2024-01", "2024-01-15", "2024-01-15T23:30:00+01:00", "2023-11-06", "1955", "1955-06-30", "2024-03-31T03:30",
    "2024-02-29T12:00:00.25Z",
]  # fmt: skip
NUMBERS = ["0.2", "5.4", "5", "100", "100.0", "99.6", "72.5", "72.50", "131", "0", "-3"]
UNITS = ["", "||kg", "|http://unitsofmeasure.org|kg", "||KILOGRAMME", "||mm[Hg]", "|http://unitsofmeasure.org|a", "||eur"]
REFERENCES = [
    "Patient/p1", "p1", "p2", "Patient/p3", "CareTeam/t1", "t2", "Organization/o1", "CarePlan/c1/_history/2",
    "CarePlan/c1/_history/3", "in", "http://elsewhere.example/fhir/Practitioner/d9", "http://passerelle.example/fhir/Questionnaire/screening|1.0",
]  # fmt: skip
URIS = [
    "http://passerelle.example/fhir/Questionnaire/screening", "urn:passerelle:hl7v2",
    "http://passerelle.example/fhir/PlanDefinition/shared-plan",
]  # fmt: skip


PREFIXED = ("", *PREFIXES)
POOLS = {
    "string": WORDS, "token": CODES, "reference": REFERENCES, "uri": URIS,
    "date": [prefix + date for prefix in PREFIXED for date in DATES],
    "number": [prefix + number for prefix in PREFIXED for number in NUMBERS],
    "quantity": [prefix + number + unit for prefix in PREFIXED for number in NUMBERS for unit in UNITS],
}  # fmt: skip


@lru_cache
def filled(database: SearchDatabase) -> dict[str, list[tuple[str, str]]]:
    """By resource type, the parameters (code, type) that find something in some resource."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for resource in own_resources():
        for code, parameter in database.definitions.search_parameters(resource["resourceType"]).items():
            searchable = parameter.type in SUPPORTED_TYPES and parameter.expression and code not in NOT_INDEXED
            if searchable and elements(database.definitions, parameter, resource):
                found.setdefault(resource["resourceType"], {})[code, parameter.type] = None
    return {type_name: list(parameters) for type_name, parameters in found.items()}


@st.composite
def criteria(draw: st.DrawFn, parameters: list[tuple[str, str]]) -> Criterion:
    code, kind = draw(st.sampled_from(parameters))
    modifier = draw(st.sampled_from(["", "", "", "missing", *sorted(MODIFIERS.get(kind, ()))]))
    if modifier == "missing":
        return code, modifier, draw(st.sampled_from(["true", "false"]))
    return code, modifier, ",".join(draw(st.lists(st.sampled_from(POOLS[kind]), min_size=1, max_size=3)))


@pytest.mark.parametrize("kind", sorted(POOLS))
def test_every_value_of_the_pool_finds_what_a_scan_finds(database: SearchDatabase, kind: str) -> None:
    for type_name, parameters in filled(database).items():
        for code in (code for code, found_kind in parameters if found_kind == kind):
            for modifier in ("", *sorted(MODIFIERS.get(kind, ()))):
                _check_pool(database, type_name, code, modifier, POOLS[kind])


def _check_pool(database: SearchDatabase, type_name: str, code: str, modifier: str, pool: list[str]) -> None:
    name = f"{code}:{modifier}" if modifier else code
    for text in pool:
        expected = scan(database.definitions, database.resources, type_name, code, modifier, text)
        assert database.ids(database.parse(type_name, [(name, text)])) == expected, f"{type_name}?{name}={text}"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_search_finds_what_a_scan_finds(database: SearchDatabase, data: st.DataObject) -> None:
    parameters = filled(database)
    type_name = data.draw(st.sampled_from(sorted(parameters)))
    asked = data.draw(st.lists(criteria(parameters[type_name]), min_size=1, max_size=3))
    scans = [set(scan(database.definitions, database.resources, type_name, *criterion)) for criterion in asked]
    expected = [one["id"] for one in database.resources if one["resourceType"] == type_name and all(one["id"] in found for found in scans)]
    search = type_name + "?" + "&".join(f"{code}{':' + modifier if modifier else ''}={quote(text)}" for code, modifier, text in asked)
    assert not database.query(search).not_understood
    assert database.ids(search) == expected, search
    assert database.count(search) == len(expected), search
    _check_order(database, search, expected, data.draw(st.sampled_from(parameters[type_name]))[0])


def _check_order(database: SearchDatabase, search: str, expected: list[str], sort: str) -> None:
    """Any order gives the same resources, and its pages put together are the whole."""
    for key in (sort, "-" + sort):
        whole: list[Any] = database.ids(f"{search}&_sort={key}")
        assert sorted(whole) == sorted(expected)
        assert [id_ for page in database.pages(f"{search}&_sort={key}", 2) for id_ in page] == whole
