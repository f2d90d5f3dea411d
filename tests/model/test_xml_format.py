"""XML read and written (https://hl7.org/fhir/R4/xml.html)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_format import encode_json
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import decode_xml, encode_xml

FHIR = 'xmlns="http://hl7.org/fhir"'
EXTENSION = {"url": "u", "valueCode": "x"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


@pytest.fixture(scope="module")
def schema(definitions: Definitions) -> Schema:
    return definitions.schema


def patient(content: str) -> bytes:
    return f"<Patient {FHIR}>{content}</Patient>".encode()


READ: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ('<id value="a"/><active value="true"/>', {"id": "a", "active": True}),
    ('<multipleBirthInteger value="2"/>', {"multipleBirthInteger": 2}),
    ('<name><given value="A"/><given value="B"/></name>', {"name": [{"given": ["A", "B"]}]}),
    ('<name id="n"><family value="F" id="f"/></name>', {"name": [{"id": "n", "family": "F", "_family": {"id": "f"}}]}),
    (
        '<birthDate value="2000"><extension url="u"><valueCode value="x"/></extension></birthDate>',
        {"birthDate": "2000", "_birthDate": {"extension": [EXTENSION]}},
    ),
    ('<birthDate><extension url="u"><valueCode value="x"/></extension></birthDate>', {"_birthDate": {"extension": [EXTENSION]}}),
    ('<name><given value="A"/><given id="b"/></name>', {"name": [{"given": ["A", None], "_given": [None, {"id": "b"}]}]}),
    ('<name><given id="a"/><given value="B"/></name>', {"name": [{"given": [None, "B"], "_given": [{"id": "a"}, None]}]}),
    ('<name><given id="a"/><given id="b"/></name>', {"name": [{"_given": [{"id": "a"}, {"id": "b"}]}]}),
    ("<!-- note --><?pi x?><active value='false'/>", {"active": False}),
    (
        '<contained><Device><id value="d"/></Device></contained><contained><Patient><id value="p"/></Patient></contained>',
        {"contained": [{"resourceType": "Device", "id": "d"}, {"resourceType": "Patient", "id": "p"}]},
    ),
    (
        f"<text><status value='generated'/>{DIV}a&lt;b <br /><!-- c --></div></text>",
        {"text": {"status": "generated", "div": f"{DIV}a&lt;b <br /><!-- c --></div>"}},
    ),
    ('<birthDate value="not a date"/><active value="maybe"/>', {"birthDate": "not a date", "active": "maybe"}),
    ('<name><text value="a&#10;b&#9;&lt;&quot;"/></name>', {"name": [{"text": 'a\nb\t<"'}]}),
]


@pytest.mark.parametrize(("content", "expected"), READ)
def test_a_patient_is_read(schema: Schema, content: str, expected: dict[str, Any]) -> None:
    assert decode_xml(patient(content), schema) == {"resourceType": "Patient", **expected}


@pytest.mark.parametrize(("content", "expected"), READ)
def test_what_was_read_is_written_and_read_again(schema: Schema, content: str, expected: dict[str, Any]) -> None:
    resource = {"resourceType": "Patient", **expected}
    assert decode_xml(encode_xml(resource, schema), schema) == resource


@pytest.mark.parametrize("text", ["72.50", "0.0", "-0.00", "1", "100", "0.00000001", "1E+3", "123456789.123456789123456789"])
def test_a_decimal_keeps_its_digits(schema: Schema, text: str) -> None:
    source = f'<Observation {FHIR}><valueQuantity><value value="{text}"/></valueQuantity></Observation>'.encode()
    assert f'value="{text}"'.encode() in encode_xml(decode_xml(source, schema), schema)


def test_a_decimal_is_the_same_as_in_json(schema: Schema) -> None:
    resource = {"resourceType": "Observation", "valueQuantity": {"value": Decimal("72.50")}}
    assert encode_json(decode_xml(encode_xml(resource, schema), schema)) == encode_json(resource)


def test_elements_are_written_in_the_order_of_the_specification(schema: Schema) -> None:
    written = encode_xml({"birthDate": "2000", "name": [{"given": ["A"], "family": "F"}], "resourceType": "Patient", "id": "a"}, schema)
    assert written.endswith(b'"><id value="a"/><name><family value="F"/><given value="A"/></name><birthDate value="2000"/></Patient>')


def test_html_entities_of_a_narrative_become_characters_that_xml_knows(schema: Schema) -> None:
    written = encode_xml({"resourceType": "Patient", "text": {"status": "generated", "div": f"{DIV}a&nbsp;b&amp;c</div>"}}, schema)
    assert b"a&#160;b&amp;c" in written


def test_a_narrative_without_its_namespace_gets_it(schema: Schema) -> None:
    written = encode_xml({"resourceType": "Patient", "text": {"status": "generated", "div": "<div>a</div>"}}, schema)
    assert DIV.encode() in written


def test_a_schema_location_is_passed_over(schema: Schema) -> None:
    source = f'<Patient {FHIR} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><id value="a"/></Patient>'
    assert decode_xml(source.encode(), schema) == {"resourceType": "Patient", "id": "a"}


def test_a_bundle_holds_whole_resources(schema: Schema) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "a"}}]}
    written = encode_xml(bundle, schema)
    assert b'<resource><Patient><id value="a"/></Patient></resource>' in written
    assert decode_xml(written, schema) == bundle


PREFIXED = b"""<h:Patient xmlns:h="http://hl7.org/fhir" xmlns:x="http://www.w3.org/1999/xhtml">
<h:text><x:div>a</x:div></h:text></h:Patient>"""

REFUSED = [
    (b"", "it is empty", None),
    (b"<Patient", "not well-formed", None),
    (b'<!DOCTYPE Patient [<!ENTITY a "b">]><Patient xmlns="http://hl7.org/fhir"/>', "DOCTYPE is refused", None),
    (b'<?xml version="1.0" encoding="ISO-8859-1"?><Patient xmlns="http://hl7.org/fhir"/>', "ISO-8859-1", None),
    ('<Patient xmlns="http://hl7.org/fhir"/>'.encode("utf-16"), "UTF-16", None),
    (patient('<name><text value="&nbsp;"/></name>'), "Only &amp;", None),
    (b"<Patient/>", 'belongs to xmlns="http://hl7.org/fhir"', None),
    (b'<Patiant xmlns="http://hl7.org/fhir"/>', "Did you mean 'Patient'?", None),
    (patient('<birthdate value="2000"/>'), "Did you mean 'birthDate'?", "Patient"),
    (patient('<name><given value="A"/><givn value="B"/></name>'), "Did you mean 'given'?", "Patient.name[0]"),
    (patient('<birthDate value="2000"/><birthDate value="2001"/>'), "once only", "Patient"),
    (patient('<birthDate values="2000"/>'), 'attribute "values" is unknown', "Patient"),
    (patient("<birthDate/>"), "no value and no extension", "Patient"),
    (patient('<name family="F"/>'), 'write <family value="..."/>', "Patient"),
    (patient("<name>Jean</name>"), "Text is not allowed here", "Patient.name[0]"),
    (patient("<contained/>"), "contained is empty", "Patient"),
    (patient("<contained><Device/><Device/></contained>"), "one resource only", "Patient.contained[0]"),
    (patient("<text><status value='empty'/><div>a</div></text>"), "http://www.w3.org/1999/xhtml", "Patient.text"),
    (PREFIXED, "stands on its own", "Patient.text"),
    (patient(f"<text>{DIV}<b {FHIR}/></div></text>"), "not XHTML", "Patient.text.div"),
    (patient("<name><extension url='u'/>" + "<x/>"), "HumanName has no element x", "Patient.name[0]"),
]


@pytest.mark.parametrize(("source", "says", "expression"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place(schema: Schema, source: bytes, says: str, expression: str | None) -> None:
    issue = refusal(source, schema)
    assert says in issue.diagnostics
    assert issue.expression == expression
    assert issue.line is not None
    assert issue.column is not None


def refusal(source: bytes, schema: Schema) -> Issue:
    with pytest.raises(FhirError) as raised:
        decode_xml(source, schema)
    return raised.value.issues[0]


def test_line_and_column_are_those_of_the_element(schema: Schema) -> None:
    issue = refusal(patient('\n  <id value="a"/>\n  <nam/>'), schema)
    assert (issue.line, issue.column) == (3, 3)


def test_a_div_may_declare_its_own_prefixes(schema: Schema) -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml" xmlns:o="urn:office" o:p="1">a</div>'
    text = f"<text><status value='generated'/>{div}</text>"
    source = patient(f"{text}<contained><Patient>{text}</Patient></contained>")
    assert decode_xml(source, schema)["contained"][0]["text"]["div"] == div


def test_prefixes_are_capped(schema: Schema) -> None:
    prefixes = " ".join(f'xmlns:p{n}="urn:{n}"' for n in range(100))
    assert "namespace prefixes" in refusal(f"<Patient {FHIR} {prefixes}/>".encode(), schema).diagnostics


def test_a_text_that_ends_too_early_says_so(schema: Schema) -> None:
    with pytest.raises(FhirError, match="close") as caught:
        decode_xml(f'<Patient {FHIR}><active value="true"/>'.encode(), schema)
    assert caught.value.issues[0].message_id == "xml-syntax"


def test_depth_is_capped(schema: Schema) -> None:
    nested = "<extension url='u'>" * 250 + "</extension>" * 250
    assert refusal(patient(nested), schema).message_id == "json-depth"
    deep_div = f"<text>{DIV}{'<b>' * 5000}{'</b>' * 5000}</div></text>"
    assert refusal(patient(deep_div), schema).message_id == "json-depth"


UNWRITABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"nam": []}, "nam is unknown", "Patient.nam"),
    ({"name": [{"given": ["a", "\ufffe"]}]}, "U+FFFE", "Patient.name[0].given[1]"),
    ({"name": {"family": "F"}}, "must be an array", "Patient.name"),
    ({"birthDate": ["2000"]}, "must be a string, a number", "Patient.birthDate"),
    ({"name": ["x"]}, "must be an object", "Patient.name[0]"),
    ({"contained": [{"resourceType": "Nothing"}]}, "known resourceType", "Patient.contained[0]"),
    ({"text": {"div": "<p>a</p>"}}, "begins with <div", "Patient.text.div"),
    ({"text": {"div": "<div>a<br></div>"}}, "not well-formed XHTML", "Patient.text.div"),
    ({"text": {"div": "<div>&unheard;</div>"}}, "&unheard;", "Patient.text.div"),
    ({"text": {"div": '<div xmlns="http://hl7.org/fhir">a</div>'}}, "it must be", "Patient.text.div"),
]


@pytest.mark.parametrize(("content", "says", "expression"), UNWRITABLE)
def test_what_cannot_be_written_is_refused_with_its_place(schema: Schema, content: dict[str, Any], says: str, expression: str) -> None:
    with pytest.raises(FhirError) as raised:
        encode_xml({"resourceType": "Patient", **content}, schema)
    issue = raised.value.issues[0]
    assert says in issue.diagnostics
    assert issue.expression == expression


carried = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
xml_text = st.text(carried, min_size=1) | st.sampled_from(["a\tb\r\nc", '"<>&'])


@given(st.lists(xml_text, min_size=1), xml_text)
def test_any_text_that_xml_can_carry_comes_back(schema: Schema, given_names: list[str], family: str) -> None:
    resource = {"resourceType": "Patient", "name": [{"family": family, "given": given_names}]}
    assert decode_xml(encode_xml(resource, schema), schema) == resource


@given(st.binary())
def test_any_bytes_are_read_or_refused(schema: Schema, source: bytes) -> None:
    with pytest.raises(FhirError):
        decode_xml(source, schema)
    with pytest.raises(FhirError):
        decode_xml(patient("")[:-10] + source, schema)
