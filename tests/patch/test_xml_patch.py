"""XML Patch where HL7's tests are silent (https://www.rfc-editor.org/rfc/rfc5261)."""

from __future__ import annotations

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.patch import XmlPatch

DOCUMENT = b'<a xmlns="http://hl7.org/fhir"><b id="1">x</b>y<c/>z<b id="2"/></a>'
DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
HEAD = '<a xmlns="http://hl7.org/fhir">'

APPLIES = {
    "before, with text": ('<add sel="a/c" pos="before">t<d/>u</add>', '<b id="1">x</b>yt<d/>u<c/>z<b id="2"/>'),
    "after, with text": ('<add sel="a/c" pos="after">t<d/>u</add>', '<b id="1">x</b>y<c/>t<d/>uz<b id="2"/>'),
    "after, only text": ('<add sel="a/c" pos="after">t</add>', '<b id="1">x</b>y<c/>tz<b id="2"/>'),
    "first": ('<add sel="a/b[1]" pos="prepend"><d/></add>', '<b id="1"><d/>x</b>y<c/>z<b id="2"/>'),
    "last": ("<add sel=\"f:a/f:b[@id='1']\">t<d/></add>", '<b id="1">xt<d/></b>y<c/>z<b id="2"/>'),
    "removal keeps the text around": ('<remove sel="/a/c"/>', '<b id="1">x</b>yz<b id="2"/>'),
    "replacement keeps the text around": ('<replace sel="a/*[2]"><d/></replace>', '<b id="1">x</b>y<d/>z<b id="2"/>'),
    "by the text of a child": ("<remove sel=\"/*[b='x']/b[.='x']/@id\"/>", '<b>x</b>y<c/>z<b id="2"/>'),
    "text between elements": ('<replace sel="a/text()[2]">w</replace>', '<b id="1">x</b>y<c/>w<b id="2"/>'),
}


@pytest.mark.parametrize(("operation", "expected"), APPLIES.values(), ids=APPLIES)
def test_an_operation_does_what_the_rfc_says(operation: str, expected: str) -> None:
    patch = XmlPatch.read(f'<diff xmlns="http://hl7.org/fhir">{operation}</diff>'.encode())
    assert patch.apply_to_document(DOCUMENT).decode().removeprefix(DECLARATION) == f"{HEAD}{expected}</a>"


REFUSED = {
    "an unknown operation": '<move sel="a/c"/>',
    "no sel": "<remove/>",
    "the root": '<remove sel="a"/>',
    "beside the root": '<add sel="a" pos="before"><d/></add>',
    "several": '<remove sel="a/b"/>',
    "a search through the whole document": '<remove sel="//c"/>',
    "a function": "<remove sel=\"a/b[contains(@id,'1')]\"/>",
    "an axis": '<remove sel="a/c/following-sibling::b"/>',
    "a union": '<remove sel="a/c|a/b"/>',
    "a computed predicate": '<remove sel="a/b[1+1]"/>',
    "an undeclared prefix": '<remove sel="q:a"/>',
    "an attribute that is there": '<add sel="a/b[1]" type="@id">2</add>',
    "an attribute that is none": '<add sel="a/c" type="@1 2">2</add>',
    "a type that is none": '<add sel="a/c" type="id">2</add>',
    "a position that is none": '<add sel="a/c" pos="inside">2</add>',
    "two for one": '<replace sel="a/c"><d/><d/></replace>',
    "text for an element": '<replace sel="a/c">d</replace>',
    "an element for an attribute": '<replace sel="a/b[1]/@id"><d/></replace>',
    "a selector of great length": f'<remove sel="{"a/" * 2000}a"/>',
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=REFUSED)
def test_what_does_not_apply_names_the_operation(operation: str) -> None:
    patch = XmlPatch.read(f'<diff xmlns="http://hl7.org/fhir"><replace sel="a/c"><c/></replace>{operation}</diff>'.encode())
    with pytest.raises(FhirError, match="Operation 1 of the patch") as refused:
        patch.apply_to_document(DOCUMENT)
    assert refused.value.category is Category.INVALID


@pytest.mark.parametrize(
    "source",
    [b"<diff", b"<diff/>", "<diff>é</diff>".encode("utf-16"), b'<!DOCTYPE a [<!ENTITY b "c">]><diff><remove sel="a"/></diff>', b""],
    ids=["cut off", "empty", "UTF-16", "a DOCTYPE", "nothing"],
)
def test_what_is_no_patch_is_refused(source: bytes) -> None:
    with pytest.raises(FhirError) as refused:
        XmlPatch.read(source)
    assert refused.value.category is Category.MALFORMED


def test_a_fault_of_the_xml_names_its_line_once() -> None:
    with pytest.raises(FhirError) as refused:
        XmlPatch.read(b"<diff>\n<add")
    (issue,) = refused.value.issues
    assert issue.diagnostics.count("line 2") == 1
    assert "<string>" not in issue.diagnostics
