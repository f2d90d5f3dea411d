"""Stored conformance resources by canonical URL and version."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import COMPRESSED_FROM, StoredConformance, canonical_types
from fhir_server.definitions.version import fits, version_order

URL = "http://example.org/ValueSet/colours"
PATIENT = "http://hl7.org/fhir/StructureDefinition/Patient"


def content(url: str | None = URL, version: str | None = None, **more: Any) -> bytes:
    named = {"url": url, "version": version}
    return json.dumps({"resourceType": "ValueSet"} | {key: value for key, value in named.items() if value} | more).encode()


@pytest.fixture
def stored() -> StoredConformance:
    return StoredConformance()


def test_what_was_put_is_found_and_what_was_deleted_is_not(stored):
    stored.put("ValueSet", "a", 1, content(title="one"))
    found = stored.resolve(URL)
    assert found is not None
    assert found["title"] == "one"
    stored.put("ValueSet", "a", 2, None)
    assert stored.resolve(URL) is None
    assert stored.urls() == []


def test_a_resource_whose_url_changed_is_known_by_the_new_one_only(stored):
    stored.put("ValueSet", "a", 1, content())
    stored.put("ValueSet", "a", 2, content(URL + "-2"))
    assert stored.resolve(URL) is None
    assert stored.resolve(URL + "-2") is not None


def test_a_resource_without_url_defines_nothing(stored):
    stored.put("ValueSet", "a", 1, content(None))
    assert stored.urls() == []


@pytest.mark.parametrize("url", [3, ["http://example.org"], {"value": "x"}])
def test_a_url_that_is_none_defines_nothing_and_fails_nothing(stored, url):
    stored.put("ValueSet", "a", 1, content(url))
    assert stored.urls() == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_news_that_arrive_in_another_order_end_in_the_same_state(stored, order):
    news = [(1, content(title="one")), (2, None), (3, content(title="three"))]
    for index in order:
        stored.put("ValueSet", "a", *news[index])
    found = stored.resolve(URL)
    assert found is not None
    assert found["title"] == "three"


VERSIONS = ["1.0.0", "2.1.9", "2.1.10", "3.0.0-ballot"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [(None, "3.0.0-ballot"), ("2.1.9", "2.1.9"), ("2.1", "2.1.10"), ("2", "2.1.10"), ("3.0.0", None), ("1", "1.0.0"), ("2.1.1", None)],
)
def test_a_version_means_itself_or_the_highest_that_begins_with_it_and_no_version_the_highest(stored, asked, found):
    for number, version in enumerate(VERSIONS, start=1):
        stored.put("ValueSet", f"v{number}", number, content(version=version))
    resource = stored.resolve(URL, asked)
    assert (resource and resource["version"]) == found


def test_of_two_with_the_same_version_the_newest_counts(stored):
    stored.put("ValueSet", "a", 2, content(version="1", title="new"))
    stored.put("ValueSet", "b", 1, content(version="1", title="old"))
    found = stored.resolve(URL)
    assert found is not None
    assert found["title"] == "new"


def test_a_large_resource_comes_back_as_it_was(stored):
    text = "é" * COMPRESSED_FROM
    stored.put("ValueSet", "a", 1, content(description=text))
    found = stored.resolve(URL)
    assert found is not None
    assert found["description"] == text


def test_every_change_raises_the_generation_and_stale_news_does_not(stored):
    stored.put("ValueSet", "a", 5, content())
    before = stored.generation
    stored.put("ValueSet", "a", 5, content())
    assert stored.generation == before
    stored.put("ValueSet", "a", 6, None)
    assert stored.generation > before


@pytest.mark.parametrize(("version", "asked", "expected"), [("4.0.1", "4.0", True), ("4.01", "4.0", False), (None, "1", False)])
def test_a_partial_version_fits_at_a_dot(version, asked, expected):
    assert fits(version, asked) is expected


def test_versions_sort_by_numbers_and_releases_after_their_pre_releases():
    expected = ["", "1.9", "1.10", "2.0.0-ballot", "2.0.0", "2022-01-01"]
    assert sorted({*expected}, key=version_order) == expected


def test_a_stored_definition_comes_before_the_packages(definitions: Definitions):
    url = "http://hl7.org/fhir/ValueSet/administrative-gender"
    own = Definitions(definitions.packages)
    own.stored.put("ValueSet", "g", 1, content(url, "4.0.1", title="ours"))
    for canonical in (url, url + "|4.0.1"):
        found = own.resolve(canonical)
        assert found is not None
        assert found["title"] == "ours"
    assert own.resolve(url + "|9") is None


def test_a_base_type_is_never_replaced(definitions: Definitions):
    own = Definitions(definitions.packages)
    own.stored.put("StructureDefinition", "Patient", 1, content(PATIENT, "4.0.1", title="broken"))
    found = own.resolve(PATIENT)
    assert found is not None
    assert "snapshot" in found


def test_the_types_that_define_something_are_those_with_a_canonical_url(definitions: Definitions):
    types = canonical_types(definitions.schema)
    assert {"StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "Questionnaire", "Measure", "Library"} <= types
    assert not types & {"Patient", "Device", "Contract", "Subscription", "NamingSystem"}
