"""Pretty XML says what the compact form says."""

from __future__ import annotations

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.model.xml_indentation import indented_xml

DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>one <b>two</b> three</p><div><pre>a\n  b</pre></div></div>'
RESOURCE = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": DIV},
    "contained": [{"resourceType": "Organization", "id": "o", "name": "two\nlines <&>"}],
    "name": [{"family": "É", "given": ["a", "b"], "_given": [{"extension": [{"url": "urn:x", "valueString": " x "}]}, None]}],
}


def test_each_element_has_its_line(definitions: Definitions) -> None:
    found = indented_xml(encode_xml(RESOURCE, definitions.schema)).decode()
    assert found.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Patient xmlns="http://hl7.org/fhir">\n  <id value="p1"/>\n  <text>\n')
    assert '\n  <name>\n    <family value="É"/>\n    <given value="a">\n      <extension url="urn:x">\n' in found


def test_the_narrative_is_as_it_was(definitions: Definitions) -> None:
    assert DIV in indented_xml(encode_xml(RESOURCE, definitions.schema)).decode()


def test_what_is_read_from_it_is_the_same(definitions: Definitions) -> None:
    plain = encode_xml(RESOURCE, definitions.schema)
    assert decode_xml(indented_xml(plain), definitions.schema) == decode_xml(plain, definitions.schema)
