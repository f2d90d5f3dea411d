"""Values and strings that nobody here thought of: Google's lists of valid and invalid primitives, and the big list of naughty strings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json, decode_resource, encode_json
from fhir_server.model.primitive import check_primitive
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.validation.structure import StructureCheck

pytestmark = pytest.mark.conformance

TYPES = {
    "base64_binary": "base64Binary",
    "date_time": "dateTime",
    "positive_int": "positiveInt",
    "unsigned_int": "unsignedInt",
}
NAMES = [
    "base64_binary",
    "boolean",
    "canonical",
    "code",
    "date",
    "date_time",
    "decimal",
    "id",
    "instant",
    "integer",
    "markdown",
    "oid",
    "positive_int",
    "string",
    "time",
    "unsigned_int",
    "uri",
    "url",
    "uuid",
    "xhtml",
]

DEPARTURES = {
    ("valid", "xhtml", '""'): "JSON never has empty strings (https://hl7.org/fhir/R4/json.html#primitive)",
}
"""Where Google's reading is not R4's text. Beside these, `null` is valid there, as an absent value; R4 JSON has null in arrays only."""


@pytest.mark.parametrize("name", NAMES)
def test_the_valid_primitives_are_accepted(test_data: Path, name: str) -> None:
    refused = {
        line
        for line in _lines(test_data, name, "valid")
        if line != "null" and check_primitive(TYPES.get(name, name), decode_json(line.encode()))
    }
    assert refused == {line for kind, one, line in DEPARTURES if (kind, one) == ("valid", name)}


@pytest.mark.parametrize("name", NAMES)
def test_the_invalid_primitives_are_refused(test_data: Path, name: str) -> None:
    assert [line for line in _lines(test_data, name, "invalid") if not _refused(TYPES.get(name, name), line)] == []


def _lines(test_data: Path, name: str, kind: str) -> list[str]:
    text = (test_data / "badinput" / "google-fhir-primitives" / f"{name}.{kind}.ndjson").read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]


def _refused(type_name: str, line: str) -> bool:
    try:
        value: Any = decode_json(line.encode())
    except FhirError:
        return True
    return check_primitive(type_name, value) is not None


XML_CANNOT_CARRY = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def test_naughty_strings_go_through_json_and_xml_unharmed(test_data: Path, definitions: Definitions) -> None:
    strings: list[str] = [one for one in json.loads((test_data / "badinput" / "blns" / "blns.json").read_text("utf-8")) if one]
    assert len(strings) > 500
    check = StructureCheck(definitions.schema)
    for text in strings:
        resource = {"resourceType": "Patient", "id": "a", "name": [{"text": text, "given": [text, "x"]}]}
        assert decode_resource(encode_json(resource)) == resource
        if not XML_CANNOT_CARRY.search(text):
            assert decode_xml(encode_xml(resource, definitions.schema), definitions.schema) == resource
            assert check.check(resource) == []


def test_naughty_strings_that_xml_cannot_carry_are_refused_by_name(test_data: Path, definitions: Definitions) -> None:
    strings: list[str] = json.loads((test_data / "badinput" / "blns" / "blns.json").read_text("utf-8"))
    unfit = [one for one in strings if XML_CANNOT_CARRY.search(one)]
    assert unfit
    for text in unfit:
        with pytest.raises(FhirError, match=r"XML 1.0 cannot carry the character U\+"):
            encode_xml({"resourceType": "Patient", "name": [{"text": text}]}, definitions.schema)


def test_naughty_strings_as_narrative_or_code_get_an_answer(test_data: Path, definitions: Definitions) -> None:
    check = StructureCheck(definitions.schema)
    for text in json.loads((test_data / "badinput" / "blns" / "blns.json").read_text("utf-8")):
        issues = check.check({"resourceType": "Patient", "gender": text, "text": {"status": "generated", "div": text}, text: text})
        assert issues
        encode_json([issue.diagnostics for issue in issues])
