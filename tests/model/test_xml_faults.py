"""XML read past what FHIR has not, for a check (https://hl7.org/fhir/R4/xml.html)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.model.schema import Schema
from fhir_server.model.xml_faults import MAX_FAULTS, decode_faulty_xml
from fhir_server.model.xml_format import decode_xml, encode_xml

FHIR = 'xmlns="http://hl7.org/fhir"'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'
AFTER = '\n<active value="true"/>'


@pytest.fixture(scope="module")
def schema(definitions: Definitions) -> Schema:
    return definitions.schema


def patient(content: str) -> bytes:
    return f"<Patient {FHIR}>{content}</Patient>".encode()


PASSED_OVER: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("", {}, []),
    ('<birthdate value="2000"/>', {}, [("Patient", "Did you mean 'birthDate'?")]),
    (f"<colour><a>b<c/></a>{DIV}</colour>", {}, [("Patient", "no element colour")]),
    ('<gender value="male" x="1" y="2"/>', {"gender": "male"}, [("Patient.gender", '"x"'), ("Patient.gender", '"y"')]),
    ('<name><given value="A"/><given value="B" x="1"/></name>', {"name": [{"given": ["A", "B"]}]}, [("Patient.name[0].given[1]", '"x"')]),
    ('<name family="F"><given value="A"/></name>', {"name": [{"given": ["A"]}]}, [("Patient.name[0]", "write <family")]),
    ('<deceasedBoolean value="true" x="1"/>', {"deceasedBoolean": True}, [("Patient.deceased.ofType(boolean)", '"x"')]),
    ('<gender value="male"/><gender value="female"/>', {"gender": "male"}, [("Patient", "once only")]),
    ("<name>Jean</name>", {"name": [{}]}, [("Patient.name[0]", '"Jean"')]),
    ("<gender/>", {"_gender": {}}, []),
    ('<name><given value="A"/><given/></name>', {"name": [{"given": ["A", None], "_given": [None, {}]}]}, []),
    ("<name><given/></name>", {"name": [{"_given": [{}]}]}, []),
    ("<contained/>", {}, [("Patient", "contained is empty")]),
    ("<contained><Devise/></contained>", {}, [("Patient.contained[0]", "Did you mean 'Device'?")]),
    (
        '<contained x="1"><Device y="2"/></contained>',
        {"contained": [{"resourceType": "Device"}]},
        [("Patient.contained[0]", "attribute x"), ("Patient.contained[0]", "remove y")],
    ),
    (
        f"<text><status value='empty' x='1'/>{DIV}<b/></text>",
        {"text": {"status": "empty", "div": DIV}},
        [("Patient.text.status", '"x"'), ("Patient.text", "no element b")],
    ),
]


@pytest.mark.parametrize(("content", "expected", "told"), PASSED_OVER)
def test_a_fault_is_told_and_what_stands_beside_it_is_read(
    schema: Schema, content: str, expected: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    resource, faults = decode_faulty_xml(patient(content + AFTER), schema)
    assert resource == {"resourceType": "Patient", **expected, "active": True}
    assert [fault.expression for fault in faults] == [place for place, _ in told]
    assert all(words in fault.diagnostics for fault, (_, words) in zip(faults, told, strict=True))
    assert {(fault.severity, fault.line, fault.message_id) for fault in faults} <= {("error", 1, "xml-structure")}


def test_a_fault_stands_at_its_start_tag(schema: Schema) -> None:
    _, (fault,) = decode_faulty_xml(patient(AFTER + '\n  <colour value="red"/>'), schema)
    assert (fault.line, fault.column) == (3, 3)


@pytest.mark.parametrize(("content", "expected", "told"), PASSED_OVER[1:2] + PASSED_OVER[3:9])
def test_what_is_to_be_stored_is_read_strictly(schema: Schema, content: str, expected: dict[str, Any], told: list[tuple[str, str]]) -> None:
    with pytest.raises(FhirError):
        decode_xml(patient(content), schema)


def test_without_a_fault_both_read_the_same(schema: Schema) -> None:
    resource = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "text": {"status": "empty", "div": DIV}}}]}
    assert decode_faulty_xml(encode_xml(resource, schema), schema) == (resource, [])


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (patient("<colour/><name>"), "not well-formed"),
        (f"<Patiant {FHIR}/>".encode(), "Did you mean 'Patient'?"),
        (b"<!DOCTYPE a>" + patient("<colour/>"), "DOCTYPE is refused"),
        (patient("<colour/><text><x:div xmlns:x='http://www.w3.org/1999/xhtml'>a</x:div></text>"), "stands on its own"),
        (patient("<colour>" + "<a>" * 200 + "</a>" * 200 + "</colour>"), "levels deep"),
        (patient("<colour/>" * (MAX_FAULTS + 1)), f"Reading stops after {MAX_FAULTS} faults"),
    ],
)
def test_what_leaves_the_structure_in_doubt_ends_the_reading_after_the_faults_so_far(schema: Schema, source: bytes, says: str) -> None:
    with pytest.raises(FhirError) as raised:
        decode_faulty_xml(source, schema)
    *before, last = raised.value.issues
    assert says in last.diagnostics
    assert last.severity in ("fatal", "error")
    assert all("no element colour" in issue.diagnostics for issue in before)
