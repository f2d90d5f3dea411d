"""A Bundle of 10,000 entries with references against one of 1,000: CPU seconds of a full validation, and their ratio (10 is linear).

.venv/bin/python -m benchmarks.bundle_validation
"""

from __future__ import annotations

import time
from typing import Any

from fhir_server.definitions.definitions import load_definitions
from fhir_server.garbage import collect_seldom
from fhir_server.validation.validator import Validator

SIZES = (1_000, 10_000)


def bundle(size: int, type_: str) -> dict[str, Any]:
    """A Patient, and Observations that refer to it and to each other."""
    urls = [f"urn:uuid:{number:08x}-0000-4000-8000-000000000000" for number in range(size)]
    entries: list[dict[str, Any]] = [{"fullUrl": urls[0], "resource": {"resourceType": "Patient", "id": "p"}}]
    for number in range(1, size):
        linked = {"subject": {"reference": urls[0]}, "hasMember": [{"reference": urls[number * 7 % size]}]}
        observation = {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "x"}, **linked}
        entries.append({"fullUrl": urls[number], "resource": observation})
    return {"resourceType": "Bundle", "type": type_, "entry": entries}


def seconds(validator: Validator, resource: dict[str, Any]) -> float:
    start = time.process_time()
    validator.validate(resource)
    return time.process_time() - start


def main() -> None:
    collect_seldom()  # as the server and `passerelle validate` do
    validator = Validator(load_definitions())
    validator.validate(bundle(100, "collection"))
    for type_ in ("collection", "document", "searchset"):
        small, large = (min(seconds(validator, bundle(size, type_)) for _ in range(3)) for size in SIZES)
        print(f"{type_:12} {SIZES[0]} entries {small:.3f} s, {SIZES[1]} entries {large:.3f} s CPU, ratio {large / small:.1f}")


if __name__ == "__main__":
    main()
