"""How long FHIRPath takes: all search parameters of a type, plain steps, compiling.

    .venv/bin/python -m benchmarks.fhirpath [Observation ...]

Reads synthea bundles from PASSERELLE_TEST_DATA (default ../shared/data).
"""

from __future__ import annotations

import bz2
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.fhirpath import Context, Expression, compile_expression
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.schema import Schema

ROUNDS = 5
STEPS = (
    "Patient.active", "Patient.photo", "Patient.name.family", "Patient.name.where(use = 'official').family", "Patient.name.given.first()",
)  # fmt: skip
TYPES = ("Observation", "Encounter", "Condition", "Patient", "Claim", "MedicationRequest")


def best(work: Callable[[], object], times: int = 1) -> float:
    """Microseconds of one call, the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times)
    return min(found) * 1e6


def resources(kind: str, limit: int = 200) -> list[Resource]:
    """Some synthea resources of a type."""
    folder = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data")) / "synthea-r4"
    found: list[Resource] = []
    for path in sorted(folder.glob("*.bz2")):
        bundle = decode_resource(bz2.decompress(path.read_bytes()))
        found += [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]
        if len(found) >= limit:
            break
    return found[:limit]


def expressions(definitions: Definitions, kind: str) -> list[Expression]:
    parameters = definitions.search_parameters(kind).values()
    return [compile_expression(one.expression, definitions.schema) for one in parameters if one.expression]


def search_parameters(definitions: Definitions, kind: str) -> Iterator[str]:
    """Time per resource of extracting all search parameters, by `values` and by `evaluate`."""
    compiled, found = expressions(definitions, kind), resources(kind)
    context = Context(stub_references=True, lenient=True)
    quick = best(lambda: [one.values(resource) for resource in found for one in compiled]) / len(found)
    nodes = best(lambda: [one.evaluate(resource, context) for resource in found for one in compiled]) / len(found)
    yield f"{kind}: {len(compiled)} search parameters, values {quick:.1f} us, evaluate {nodes:.1f} us a resource ({len(found)} resources)"


def steps(schema: Schema) -> Iterator[str]:
    """Time of single expressions on a small Patient."""
    patient = {"resourceType": "Patient", "active": True, "name": [{"use": "official", "family": "Durand", "given": ["Marie", "Jeanne"]}]}
    for source in STEPS:
        expression = compile_expression(source, schema)
        quick, nodes = best(lambda: expression.values(patient), 5000), best(lambda: expression.evaluate(patient), 5000)  # noqa: B023
        yield f"{source}: values {quick:.2f} us, evaluate {nodes:.2f} us"


def main(kinds: list[str]) -> None:
    definitions = load_definitions()
    for kind in kinds or TYPES:
        print(*search_parameters(definitions, kind), sep="\n")
    print(*steps(definitions.schema), sep="\n")
    sources = {one.source for kind in TYPES for one in expressions(definitions, kind)}
    spent = best(lambda: [Expression(source, definitions.schema) for source in sources])
    print(f"compile: {spent / len(sources):.0f} us an expression ({len(sources)} search parameters)")


if __name__ == "__main__":
    main(sys.argv[1:])
