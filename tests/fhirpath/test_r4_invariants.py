"""Every invariant of the R4 types, evaluated on every official example: what fails is known and has a reason.

`faulty_examples.json` holds the reasons; an invariant that is only a warning is listed with the number of places where it fails.
"""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE, Definitions
from fhir_server.fhirpath import Expression, Node, compile_expression
from fhir_server.fhirpath.elements import Step, all_children
from fhir_server.model.json_format import Resource, decode_json, decode_resource
from fhir_server.model.schema import Schema

pytestmark = pytest.mark.conformance

KNOWN: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("faulty_examples.json").read_text("utf-8"))
Constraint = tuple[str, Expression]


def core_constraints() -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(element path, constraint, whether it is in a base type) of all StructureDefinitions of R4 core."""
    for path in sorted(PackageCache().folder(*CORE).glob("StructureDefinition-*.json")):
        definition = decode_json(path.read_bytes())
        for element in definition.get("snapshot", {}).get("element", ()):
            for constraint in element.get("constraint", ()):
                if "expression" in constraint:
                    yield element["path"], constraint, definition.get("derivation") != "constraint"


def examples(test_data: Path) -> Iterator[tuple[str, Resource]]:
    with tarfile.open(test_data / "r4-examples-4.0.1.tar.xz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".json") and (stream := archive.extractfile(member)):
                yield member.name, decode_resource(stream.read())


class Invariants:
    """The constraints that apply to a node: those of its element and those of its type."""

    def __init__(self, schema: Schema):
        self.by_path: dict[str, dict[str, Expression]] = {}
        for path, constraint, is_base in core_constraints():
            if is_base:
                self.by_path.setdefault(path, {})[constraint["key"]] = compile_expression(constraint["expression"], schema)
        self.by_place: dict[tuple[str | None, str | None, str], list[Constraint]] = {}

    def of(self, node: Node) -> list[Constraint]:
        parent = node.parent.type if node.parent else None
        place = (parent, node.name, node.type)
        if place not in self.by_place:
            paths = (f"{parent}.{node.name}", f"{parent}.{node.name}[x]", node.type)
            self.by_place[place] = list({key: one for path in paths for key, one in self.by_path.get(path, {}).items()}.items())
        return self.by_place[place]


def failures(resource: Resource, invariants: Invariants, step: Step) -> Iterator[tuple[str, str]]:
    nodes = [Node(resource, resource["resourceType"])]
    for node in nodes:
        yield from ((key, node.location) for key, expression in invariants.of(node) if not expression.test(node))
        step(node, nodes)


def test_every_constraint_of_r4_core_compiles(definitions: Definitions) -> None:
    sources = {constraint["expression"] for _, constraint, _ in core_constraints()}
    assert len(sources) > 200
    assert all(compile_expression(source, definitions.schema).source == source for source in sources)


@pytest.mark.slow
def test_invariants_hold_on_the_official_examples_save_where_a_reason_is_known(definitions: Definitions, test_data: Path) -> None:
    invariants, step = Invariants(definitions.schema), all_children(definitions.schema)
    places: dict[str, list[str]] = {}
    for name, resource in examples(test_data):
        for key, location in failures(resource, invariants, step):
            places.setdefault(key, []).append(f"{Path(name).stem} {location}")
    counts = Counter({key: len(found) for key, found in places.items()})
    assert {key: found for key, found in places.items() if "places" in KNOWN.get(key, {"places": []})} == {
        key: known["places"] for key, known in KNOWN.items() if "places" in known
    }
    assert {key: counts[key] for key in KNOWN} == {key: known.get("count", len(known.get("places", ()))) for key, known in KNOWN.items()}
