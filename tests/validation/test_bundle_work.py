"""A Bundle costs its size and no more: the work is counted in calls, not in seconds."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from benchmarks.bundle_validation import bundle
from fhir_server.definitions.definitions import Definitions
from fhir_server.validation.validator import Validator


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
