"""What the guide itself brings (forms, indicators, protocols) keeps to the guide's profiles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_server.definitions.definitions import guide_folder
from fhir_server.model.json_format import decode_json
from tests.profiles.test_examples import validator

INSTANCES = sorted(path for path in guide_folder().glob("*-*.json") if "profile" in json.loads(path.read_bytes()).get("meta", {}))


@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.stem)
def test_it_keeps_to_the_profile_that_it_names(path: Path) -> None:
    assert [issue for issue in validator().validate(decode_json(path.read_bytes())) if issue.is_error] == []


@pytest.mark.parametrize("path", [path for path in INSTANCES if path.name.startswith("PlanDefinition")], ids=lambda path: path.stem)
def test_every_activity_that_a_protocol_names_is_in_the_guide(path: Path) -> None:
    named = [action["definitionCanonical"] for action in json.loads(path.read_bytes())["action"] if "definitionCanonical" in action]
    ours = {json.loads(other.read_bytes())["url"] for other in INSTANCES}
    assert set(named) <= ours
    assert named
