"""HL7's FHIRPath test suite for R4: each case counts, none is treated apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import FhirPathError, Node, compile_expression
from fhir_server.fhirpath.checking import check_types
from fhir_server.fhirpath.conversion import to_string
from fhir_server.fhirpath.values import boolean, system_value
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import decode_xml

pytestmark = pytest.mark.conformance

FLOOR = 928


@dataclass
class Case:
    name: str
    expression: str
    input_file: str
    outputs: list[tuple[str | None, str]]
    invalid: bool
    strict: bool
    ordered_check: bool
    predicate: bool
    ordered: bool
    found: str = ""


def cases(folder: Path) -> Iterator[Case]:
    for test in etree.parse(folder / "tests-fhir-r4.xml").getroot().iter("test"):
        expression = test.find("expression")
        outputs = [(one.get("type"), one.text or "") for one in test.iter("output")]
        yield Case(
            test.get("name"), expression.text or "", test.get("inputfile"), outputs, expression.get("invalid") is not None,
            test.get("mode") == "strict", test.get("checkOrderedFunctions") == "true",
            test.get("predicate") == "true", test.get("ordered") != "false",
        )  # fmt: skip


def read_input(path: Path, schema: Schema) -> Resource:
    return decode_xml(path.read_bytes(), schema) if path.suffix == ".xml" else decode_resource(path.read_bytes())


def shown(node: Node) -> tuple[str, str]:
    value = system_value(node)
    if isinstance(value, dict):
        return node.type, ""
    return node.type.removeprefix("System."), to_string(value) or ""


def agrees(case: Case, result: list[Node]) -> bool:
    if case.predicate:
        return case.outputs == [("boolean", "true" if boolean(result) else "false")]
    found = [shown(node) for node in result]
    wanted = [(kind, text.removeprefix("@").removeprefix("T") if text[:1] == "@" else text) for kind, text in case.outputs]
    if not case.ordered:
        found, wanted = sorted(found), sorted(wanted, key=str)
    return len(found) == len(wanted) and all(same_output(*pair) for pair in zip(found, wanted, strict=True))


def same_output(found: tuple[str, str], wanted: tuple[str | None, str]) -> bool:
    return found[1] == wanted[1] and (wanted[0] is None or wanted[0].lower() == found[0].lower())


def run(case: Case, inputs: dict[str, Resource], schema: Schema) -> bool:
    try:
        expression = compile_expression(case.expression, schema)
        resource = inputs[case.input_file] if case.input_file else {"resourceType": "Basic"}
        if case.strict:
            check_types(expression, resource["resourceType"], ordered=case.ordered_check)
        result = expression.evaluate(resource)
    except FhirPathError as error:
        case.found = str(error)
        return case.invalid
    case.found = str([shown(node) for node in result])
    return not case.invalid and agrees(case, result)


def test_the_official_suite_passes_above_its_floor(definitions: Definitions, test_data: Path) -> None:
    folder = test_data / "hl7-tests" / "fhirpath-r4"
    inputs: dict[str, Any] = {path.name: read_input(path, definitions.schema) for path in (folder / "inputs").iterdir()}
    found = list(cases(folder))
    failed = [case for case in found if not run(case, inputs, definitions.schema)]
    for case in failed:
        print(f"{case.name}: {' '.join(case.expression.split())} is {case.found}, expected {'an error' if case.invalid else case.outputs}")
    print(len(found) - len(failed), "of", len(found))
    assert len(found) - len(failed) >= FLOOR
