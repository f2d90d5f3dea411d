"""HL7's own tests of the three kinds of patch, each case a test."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.patch import FhirPathPatch, JsonPatch, XmlPatch

pytestmark = pytest.mark.conformance
FOLDER = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data")) / "hl7-tests/patch-r4"


def _xml_cases(name: str) -> list[Any]:
    file = FOLDER / name
    parser = etree.XMLParser(resolve_entities=False, remove_comments=name.startswith("fhir"))
    cases = etree.parse(file, parser).getroot().iter("case") if file.is_file() else ()
    return [pytest.param(case, id=f"{number}-{case.get('name')}") for number, case in enumerate(cases)]


def _json_cases() -> list[Any]:
    file = FOLDER / "json-patch-tests.json"
    cases = json.loads(file.read_text()) if file.is_file() else []
    return [pytest.param(case, id=case["comment"]) for case in cases]


@pytest.mark.parametrize("case", _json_cases())
def test_json_patch_does_what_hl7_says(case: dict[str, Any]) -> None:
    patch = JsonPatch(case["patch"])
    if "error" in case:
        with pytest.raises(FhirError):
            patch.apply(case["doc"])
    else:
        assert patch.apply(case["doc"]) == case["expected"]


def _resource(case: Any, name: str, definitions: Definitions) -> dict[str, Any]:
    (element,) = case.find(name)
    return decode_xml(etree.tostring(element), definitions.schema)


@pytest.mark.parametrize("case", _xml_cases("fhir-patch-tests.xml"))
def test_fhirpath_patch_does_what_hl7_says(case: Any, definitions: Definitions) -> None:
    patch = FhirPathPatch(_resource(case, "diff", definitions))
    resource = _resource(case, "input", definitions)
    if case.find("error") is not None:
        with pytest.raises(FhirError):
            patch.apply(resource, definitions.schema)
    else:
        expected = _canonical(encode_xml(_resource(case, "output", definitions), definitions.schema))
        assert _canonical(encode_xml(patch.apply(resource, definitions.schema), definitions.schema)) == expected


def _canonical(source: bytes | Any) -> bytes:
    """Without the blanks between elements, which neither the patches nor the expected documents mind."""
    root = etree.fromstring(source) if isinstance(source, bytes) else deepcopy(source)
    for node in root.iter():
        node.text = (node.text or "").strip() or None
        node.tail = (node.tail or "").strip() or None
    return etree.tostring(etree.ElementTree(root), method="c14n")


@pytest.mark.parametrize("case", _xml_cases("xml-patch-tests.xml"))
def test_xml_patch_does_what_hl7_says(case: Any) -> None:
    target = case.find("target")
    document = etree.tostring(target[0], with_tail=False) if len(target) else b""
    diff = next(child for child in case if etree.QName(child).localname == "patch")
    if case.find("error") is not None:
        with pytest.raises(FhirError):
            XmlPatch(diff).apply_to_document(document)
    else:
        assert _canonical(XmlPatch(diff).apply_to_document(document)) == _canonical(case.find("patched")[0])
