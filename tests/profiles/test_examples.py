"""Every good example is valid, every wrong one breaks the one rule that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import guide_folder, load_definitions
from fhir_server.identifiers import CREATED, resource_issues
from fhir_server.inspection.example import broken_rule
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import decode_json
from fhir_server.validation.validator import Validator

PROFILES = Path(__file__).parents[2] / "profiles"
EXAMPLES = PROFILES / "examples"


def profiles() -> list[str]:
    """The ids of the guide's profiles of resources."""
    return sorted(one["id"] for one in _structures() if one["kind"] == "resource")


def _structures() -> Iterator[dict[str, Any]]:
    for path in guide_folder().glob("StructureDefinition-*.json"):
        yield json.loads(path.read_bytes())


def examples(kind: str) -> list[Path]:
    return sorted(EXAMPLES.glob(f"*/{kind}/*.json"))


def name(path: Path) -> str:
    return f"{path.parts[-3]}/{path.stem}"


@cache
def validator() -> Validator:
    return Validator(load_definitions())


def errors_of(path: Path) -> list[Issue]:
    return [issue for issue in validator().validate(decode_json(path.read_bytes())) if issue.is_error]


@pytest.mark.parametrize("profile", profiles())
def test_every_profile_has_three_good_and_five_wrong_examples_and_a_page(profile: str) -> None:
    assert len(list((EXAMPLES / profile / "good").glob("*.json"))) >= 3
    assert len(list((EXAMPLES / profile / "wrong").glob("*.json"))) >= 5
    assert (PROFILES / "pages" / f"{profile.removeprefix('passerelle-')}.md").is_file()


@pytest.mark.parametrize("path", [*examples("good"), *examples("wrong")], ids=name)
def test_an_example_names_its_profile_and_itself(path: Path) -> None:
    resource = json.loads(path.read_bytes())
    assert f"https://passerelle.care/fhir/StructureDefinition/{path.parts[-3]}" in resource["meta"]["profile"]
    assert resource["id"] == path.stem


@pytest.mark.parametrize("path", examples("good"), ids=name)
def test_a_good_example_is_valid(path: Path) -> None:
    assert errors_of(path) == []


@pytest.mark.parametrize("path", examples("wrong"), ids=name)
def test_a_wrong_example_breaks_the_rule_that_it_names_and_no_other(path: Path) -> None:
    rule = broken_rule(decode_json(path.read_bytes()))
    assert [str(error.source).rpartition("/")[2] for error in errors_of(path)] == [rule]


def test_good_examples_have_identifiers_that_we_would_send() -> None:
    """What is created here has no faulty national identifier (docs/identifiers.md)."""
    faulty = {name(path): resource_issues(decode_json(path.read_bytes()), CREATED) for path in examples("good")}
    assert {place: [one.diagnostics for one in found] for place, found in faulty.items() if found} == {}
