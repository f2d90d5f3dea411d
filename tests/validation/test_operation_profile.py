"""An OperationDefinition and the profiles of its input and output agree."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from tests.validation.content_checking import Check, checker, found


@pytest.fixture(scope="module")
def content(definitions: Definitions) -> Check:
    return checker(definitions)


def row(part: str = "", **content: Any) -> dict[str, Any]:
    path = "Parameters.parameter" + part
    return {"id": path.replace("parameter", "parameter:a"), "path": path, **content}


def operation(*rows: dict[str, Any], element: str = "inputProfile", **parameter: Any) -> dict[str, Any]:
    listed = {"name": "a", "use": element.removesuffix("putProfile"), "min": 0, "max": "1", "type": "string", **parameter}
    elements = [row(".name", fixedString="a"), *rows]
    profile = {"resourceType": "StructureDefinition", "id": "p", "type": "Parameters", "differential": {"element": elements}}
    return {"resourceType": "OperationDefinition", "contained": [profile], element: "#p", "parameter": [listed]}


TARGET = "http://hl7.org/fhir/StructureDefinition/Patient"
DIFFERS = ("error", "operation-profile-differs", "OperationDefinition.inputProfile.parameter[0]")
OPERATIONS: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    (operation(row(sliceName="a", min=0, max="1"), row(".value[x]", type=[{"code": "string"}])), []),
    (operation(row(sliceName="a")), []),
    (operation(row(sliceName="a", min=1)), [DIFFERS]),
    (operation(row(sliceName="a", min=1, max="*")), [DIFFERS, DIFFERS]),
    (operation(row(sliceName="a"), row(".value[x]", type=[{"code": "code"}])), [DIFFERS]),
    (operation(row(sliceName="a"), row(".value[x]", max="0", type=[{"code": "code"}])), []),
    (operation(row(sliceName="a"), row(".resource", type=[{"code": "Patient"}]), type="Resource"), []),
    (
        operation(row(sliceName="a"), row(".value[x]", type=[{"code": "Reference", "targetProfile": [TARGET]}]), type="Reference"),
        [DIFFERS],
    ),
    (
        operation(row(sliceName="a", max="*"), element="outputProfile"),
        [("error", "operation-profile-differs", "OperationDefinition.outputProfile.parameter[0]")],
    ),
    (
        operation(row(sliceName="a"), name="b"),
        [
            ("warning", "operation-profile-parameter", "OperationDefinition.inputProfile"),
            ("warning", "operation-profile-parameter", "OperationDefinition.inputProfile.parameter[0]"),
        ],
    ),
]


@pytest.mark.parametrize(("resource", "wanted"), OPERATIONS)
def test_a_parameter_is_in_the_profile_as_in_the_operation(content: Check, resource: dict[str, Any], wanted: list[Any]) -> None:
    assert found(content(resource)) == wanted
