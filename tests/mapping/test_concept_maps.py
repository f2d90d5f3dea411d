"""Every ConceptMap of ours, shared or beside an adapter's maps: its codes exist, its judgements are explained, every server has it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import guide_folder, load_definitions
from fhir_server.terminology.terminology import Terminology

MAPPINGS = Path(__file__).parents[2] / "mappings"
FILES = sorted(MAPPINGS.glob("**/concept-maps/*.json"))
NO_TARGET = ("unmatched", "disjoint")
WITHOUT_LIST = ("urn:ietf:rfc:3986",)
"""Systems that have no list of codes: any URI, here OIDs."""


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return Terminology(load_definitions())


@pytest.fixture(scope="module")
def listed() -> frozenset[tuple[str, str]]:
    """Codes that the guide's value sets list of systems whose content nobody has here: SNOMED CT, LOINC."""
    value_sets = (json.loads(path.read_bytes()) for path in guide_folder().glob("ValueSet-*.json"))
    parts = (part for one in value_sets for part in one["compose"]["include"])
    return frozenset((part["system"], one["code"]) for part in parts for one in part.get("concept", ()))


def codes(resource: dict[str, Any]) -> list[tuple[str, str]]:
    """(system, code) of every source and target."""
    found = []
    for group in resource["group"]:
        for element in group["element"]:
            found += [(group["source"], element["code"])] if "source" in group else []
            found += [(group["target"], one["code"]) for one in element["target"] if "code" in one]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_code_of_a_map_exists(file: Path, terminology: Terminology, listed: frozenset[tuple[str, str]]) -> None:
    asked = [one for one in codes(json.loads(file.read_bytes())) if one[0] not in WITHOUT_LIST]
    missing = [one for one in asked if terminology.validate_in_system(*one).verdict != "yes" and one not in listed]
    assert missing == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_does_not_fit_wholly_is_explained(file: Path) -> None:
    """conceptmap.html cmd-1, and `unmatched` too."""
    elements = [element for group in json.loads(file.read_bytes())["group"] for element in group["element"]]
    targets = [(element["code"], one) for element in elements for one in element["target"]]
    unexplained = [code for code, one in targets if one["equivalence"] in ("narrower", "inexact", *NO_TARGET) and not one.get("comment")]
    assert unexplained == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_value_set_that_a_map_names_is_mapped_whole(file: Path, terminology: Terminology) -> None:
    resource = json.loads(file.read_bytes())
    if "sourceCanonical" not in resource:
        pytest.skip("it names none")
    value_set = load_definitions().resolve(resource["sourceCanonical"]) or {}
    wanted = {(part["system"], one["code"]) for part in value_set["compose"]["include"] for one in part.get("concept", ())}
    mapped = {(group["source"], element["code"]) for group in resource["group"] for element in group["element"]}
    assert wanted - mapped == set()


@pytest.mark.parametrize("file", sorted((MAPPINGS / "concept-maps").glob("*.json")), ids=lambda file: file.stem)
def test_a_shared_map_says_its_source(file: Path) -> None:
    resource = json.loads(file.read_bytes())
    assert "Source: " in resource["description"] or "Our reading" in resource["description"]


def test_no_map_stands_twice() -> None:
    assert [url for url, times in Counter(json.loads(file.read_bytes())["url"] for file in FILES).items() if times > 1] == []


def test_every_server_has_every_map() -> None:
    definitions = load_definitions()
    for file in FILES:
        resource = json.loads(file.read_bytes())
        assert definitions.resolve(resource["url"]) == resource, "run `make profiles` and commit profiles/package"
