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

FLOOR = 900


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


def cases(folder: Path) -> Iterator[Case]:
    for test in etree.parse(folder / "tests-fhir-r4.xml").getroot().iter("test"):
        expression = test.find("expression")
        yield Case(
            test.get("name"), expression.text or "", test.get("inputfile"), [(one.get("type"), one.text or "") for one in test.iter("output")],
            expression.get("invalid") is not None, test.get("mode") == "strict", test.get("checkOrderedFunctions") == "true",
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
        return case.outputs == [("boolean", "true" if boolean(result) or False else "false")]
    found = [shown(node) for node in result]
    wanted = [(kind, text.removeprefix("@").removeprefix("T") if text[:1] == "@" else text) for kind, text in case.outputs]
    if not case.ordered:
        found, wanted = sorted(found), sorted(wanted, key=str)
    return len(found) == len(wanted) and all(
        text == expected and (kind is None or kind.lower() == type_.lower()) for (type_, text), (kind, expected) in zip(found, wanted, strict=True)
    )


def run(case: Case, inputs: dict[str, Resource], schema: Schema) -> bool:
    try:
        expression = compile_expression(case.expression, schema)
        resource = inputs[case.input_file] if case.input_file else {"resourceType": "Basic"}
        if case.strict:
            check_types(expression, resource["resourceType"], ordered=case.ordered_check)
        result = expression.evaluate(resource)
    except FhirPathError as error:
        case.error = str(error)  # type: ignore[attr-defined]
        return case.invalid
    case.found = [shown(node) for node in result]  # type: ignore[attr-defined]
    return not case.invalid and agrees(case, result)


def test_the_official_suite_passes_above_its_floor(definitions: Definitions, test_data: Path) -> None:
    folder = test_data / "hl7-tests" / "fhirpath-r4"
    inputs: dict[str, Any] = {path.name: read_input(path, definitions.schema) for path in (folder / "inputs").iterdir()}
    found = list(cases(folder))
    failed = [case for case in found if not run(case, inputs, definitions.schema)]
    for case in failed:
        print(case.name, "|", " ".join(case.expression.split()), "| expected", case.outputs, case.invalid, "| found", getattr(case, "found", getattr(case, "error", None)))
    print(len(found) - len(failed), "of", len(found))
    assert len(found) - len(failed) >= FLOOR
