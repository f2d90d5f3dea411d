"""A Bundle costs its size and no more: the work is counted in calls, not in seconds."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.validation.validator import Validator


def bundle(size: int, type_: str) -> dict[str, Any]:
    """A Patient and Observations that refer to it and to each other."""
    urls = [f"urn:uuid:{number:08x}-0000-4000-8000-000000000000" for number in range(size)]
    entries: list[dict[str, Any]] = [{"fullUrl": urls[0], "resource": {"resourceType": "Patient", "id": "p"}}]
    for number in range(1, size):
        linked = {"subject": {"reference": urls[0]}, "hasMember": [{"reference": urls[number * 7 % size]}]}
        observation = {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "x"}, **linked}
        entries.append({"fullUrl": urls[number], "resource": observation})
    return {"resourceType": "Bundle", "type": type_, "entry": entries}


def calls(validator: Validator, resource: dict[str, Any]) -> int:
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        validator.validate(resource)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("type_", ["collection", "document", "searchset"])
def test_ten_times_the_entries_are_ten_times_the_work(definitions: Definitions, type_: str) -> None:
    validator = Validator(definitions)
    validator.validate(bundle(20, type_))
    assert calls(validator, bundle(1000, type_)) < 10.5 * calls(validator, bundle(100, type_))
