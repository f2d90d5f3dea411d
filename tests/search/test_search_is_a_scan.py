"""A law: a search finds exactly what a scan of all resources finds, whichever criterion leads and in whatever order."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.search.composite import components_of
from fhir_server.search.criterion import SUPPORTED_TYPES
from fhir_server.search.extract import NOT_INDEXED
from fhir_server.search.modifier import MODIFIERS
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
NUMBERS = ["0.2", "1", "1000", "900", "5.4", "5", "100", "100.0", "99.6", "72.5", "72.50", "131", "0", "-3"]
UNITS = [
    "", "|http://unitsofmeasure.org|mg", "||kg", "|http://unitsofmeasure.org|kg", "||KILOGRAMME", "||mm[Hg]",
    "|http://unitsofmeasure.org|a", "||eur",
]  # fmt: skip
REFERENCES = [
    "Patient/p1", "p1", "p2", "Patient/p3", "CareTeam/t1", "t2", "Organization/o1", "CarePlan/c1/_history/2",
    "CarePlan/c1/_history/3", "in", "http://elsewhere.example/fhir/Practitioner/d9", "http://passerelle.example/fhir/Questionnaire/screening|1.0",
]  # fmt: skip
URIS = [
    "http://passerelle.example/fhir/Questionnaire/screening", "urn:passerelle:hl7v2",
    "http://passerelle.example/fhir/PlanDefinition/shared-plan",
]  # fmt: skip


ROLES = ["http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/ValueSet/observation-status"]
CONCEPTS = [
    "http://terminology.hl7.org/CodeSystem/v3-ActCode|IMP", "http://terminology.hl7.org/CodeSystem/v3-ActCode|_ActEncounterCode",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode|ACUTE", "http://terminology.hl7.org/CodeSystem/condition-clinical|active",
]  # fmt: skip
PATHS = [
    "http://passerelle.example/fhir/Questionnaire/screening", "http://passerelle.example/fhir", "http://passerelle.example/fhir/",
    "http://passerelle.example/fhir/ValueSet/roles|2", "http://passerelle.example/fhir/Questionnaire/screening/1/2",
]  # fmt: skip
MODIFIED = {
    ("token", "text"): [*WORDS, "petite"], ("token", "in"): ROLES, ("token", "not-in"): ROLES, ("token", "above"): CONCEPTS,
    ("token", "below"): CONCEPTS,
    ("token", "of-type"): ["http://terminology.hl7.org/CodeSystem/v2-0203|MR|77", "http://terminology.hl7.org/CodeSystem/v2-0203|EN|76"],
    ("reference", "text"): ["dr", "DR HELENE", "petit"],
    ("reference", "identifier"): ["10001", "urn:oid:1.2.250.1.71.4.2.1|10001", "|10001"],
    ("uri", "above"): PATHS, ("uri", "below"): PATHS,
}  # fmt: skip
"""By type and modifier: what is searched with it, where that is not what is searched without."""

PREFIXED = ("", *PREFIXES)
POOLS = {
    "string": WORDS, "token": CODES, "reference": REFERENCES, "uri": URIS,
    "date": [prefix + date for prefix in PREFIXED for date in DATES],
    "number": [prefix + number for prefix in PREFIXED for number in NUMBERS],
    "quantity": [prefix + number + unit for prefix in PREFIXED for number in NUMBERS for unit in UNITS],
}  # fmt: skip


TESTED = {kind: sorted(modifiers - {"above", "below"} if kind == "reference" else modifiers) for kind, modifiers in MODIFIERS.items()}
"""Hierarchies of references have their own tables of cases."""


def pool(kind: str, modifier: str) -> list[str]:
    return MODIFIED.get((kind, modifier), POOLS[kind])


COMPONENTS = {
    "token": ["29463-7", "http://loinc.org|8480-6", "gender", "mixed", "false", "age", "home", "appends", "venue", "1", "NC_1"],
    "string": ["rien"], "date": ["2024", "lt2024"], "reference": ["DocumentReference/dr2", "dr3"], "number": ["110", "le150", "gt150"],
    "quantity": ["72.5", "gt60", "lt73000000|http://unitsofmeasure.org|mg", "ge131||mmHg", "84", "20|http://unitsofmeasure.org|a"],
}  # fmt: skip
"""What the parts of composites are made of, by type."""

CONCEPT_VALUES = ("code-value-concept", "component-code-value-concept", "combo-code-value-concept")


def composites(database: SearchDatabase, type_name: str, code: str) -> list[str]:
    """Every combination of the components' texts."""
    components = components_of(database.definitions.search_parameters(type_name)[code], database.definitions)
    assert components
    return ["$".join(parts) for parts in product(*(COMPONENTS[one.type] for one in components))]


def test_every_composite_finds_what_a_scan_finds(database: SearchDatabase) -> None:
    found: dict[str, int] = {}
    for type_name, parameters in filled(database).items():
        for code in (code for code, kind in parameters if kind == "composite"):
            for text in composites(database, type_name, code):
                expected = scan(database.definitions, database.resources, type_name, code, "", text)
                assert database.ids(database.parse(type_name, [(code, text)])) == expected, f"{type_name}?{code}={text}"
                found[code] = found.get(code, 0) + len(expected)
    assert len(found) >= 12
    assert {code for code, number in found.items() if not number} <= {"code-value-date", *CONCEPT_VALUES}  # tests/search/test_composite.py


@lru_cache
def filled(database: SearchDatabase) -> dict[str, list[tuple[str, str]]]:
    """By resource type, the parameters (code, type) that find something in some resource."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for resource in own_resources():
        for code, parameter in database.definitions.search_parameters(resource["resourceType"]).items():
            if parameter.type == "special" or code == "phonetic":  # tests/search/test_near.py, test_phonetic.py
                continue
            searchable = parameter.type in SUPPORTED_TYPES and parameter.expression and code not in NOT_INDEXED
            if searchable and elements(database.definitions, parameter, resource):
                found.setdefault(resource["resourceType"], {})[code, parameter.type] = None
    return {type_name: list(parameters) for type_name, parameters in found.items()}


@st.composite
def criteria(draw: st.DrawFn, database: SearchDatabase, type_name: str) -> Criterion:
    code, kind = draw(st.sampled_from(filled(database)[type_name]))
    if kind == "composite":
        texts = st.sampled_from(composites(database, type_name, code))
        return code, "", ",".join(draw(st.lists(texts, min_size=1, max_size=3)))
    modifier = draw(st.sampled_from(["", "", "", "missing", *TESTED.get(kind, ())]))
    if modifier == "missing":
        return code, modifier, draw(st.sampled_from(["true", "false"]))
    return code, modifier, ",".join(draw(st.lists(st.sampled_from(pool(kind, modifier)), min_size=1, max_size=3)))


@pytest.mark.parametrize("kind", sorted(POOLS))
def test_every_value_of_the_pool_finds_what_a_scan_finds(database: SearchDatabase, kind: str) -> None:
    for type_name, parameters in filled(database).items():
        for code in (code for code, found_kind in parameters if found_kind == kind):
            for modifier in ("", *TESTED.get(kind, ())):
                if modifier != "of-type" or code == "identifier":
                    _check_pool(database, type_name, code, modifier, pool(kind, modifier))


def _check_pool(database: SearchDatabase, type_name: str, code: str, modifier: str, texts: list[str]) -> None:
    name = f"{code}:{modifier}" if modifier else code
    for text in texts:
        expected = scan(database.definitions, database.resources, type_name, code, modifier, text)
        assert database.ids(database.parse(type_name, [(name, text)])) == expected, f"{type_name}?{name}={text}"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_search_finds_what_a_scan_finds(database: SearchDatabase, data: st.DataObject) -> None:
    parameters = filled(database)
    type_name = data.draw(st.sampled_from(sorted(parameters)))
    asked = data.draw(st.lists(criteria(database, type_name), min_size=1, max_size=3))
    scans = [set(scan(database.definitions, database.resources, type_name, *criterion)) for criterion in asked]
    expected = [one["id"] for one in database.resources if one["resourceType"] == type_name and all(one["id"] in found for found in scans)]
    search = type_name + "?" + "&".join(f"{code}{':' + modifier if modifier else ''}={quote(text)}" for code, modifier, text in asked)
    assert not database.query(search).not_understood
    assert database.ids(search) == expected, search
    assert database.count(search) == len(expected), search
    ordered = [code for code, kind in parameters[type_name] if kind in POOLS]
    _check_order(database, search, expected, data.draw(st.sampled_from(ordered)))


def _check_order(database: SearchDatabase, search: str, expected: list[str], sort: str) -> None:
    """Any order gives the same resources, and its pages put together are the whole."""
    for key in (sort, "-" + sort):
        whole: list[Any] = database.ids(f"{search}&_sort={key}")
        assert sorted(whole) == sorted(expected)
        for pages in (database.pages(f"{search}&_sort={key}", 2), database.pages_back(f"{search}&_sort={key}", 2)):
            assert [id_ for page in pages for id_ in page] == whole
