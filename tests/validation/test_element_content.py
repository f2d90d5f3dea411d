"""References, attachments, narratives, contained resources, canonicals and implausible values."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from tests.validation.content_checking import Check, checker, found


@pytest.fixture(scope="module")
def content(definitions: Definitions) -> Check:
    return checker(definitions)


DATA = base64.b64encode(b"fourteen bytes").decode()
SHA1 = base64.b64encode(hashlib.sha1(b"fourteen bytes", usedforsecurity=False).digest()).decode()
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def media(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Media", "content": content}


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **content}


def told(div: str, **content: Any) -> dict[str, Any]:
    return patient(text={"status": "generated", "div": f"<div {XHTML}>{div}</div>"}, **content)


ELEMENTS: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    (media(data=DATA, size=14, hash=SHA1), []),
    (media(data=DATA, size=100), [("error", "attachment-size", "Media.content")]),
    (media(data=DATA, hash="AAAA"), [("warning", "attachment-hash", "Media.content")]),
    (media(url="https://example.org/x", size=100), []),
    (patient(birthDate="1980-02-03"), []),
    (patient(birthDate="0080-02-03"), [("warning", "year-implausible", "Patient.birthDate")]),
    (patient(deceasedDateTime="3017"), [("warning", "year-implausible", "Patient.deceased.ofType(dateTime)")]),
    (patient(name=[{"text": "x "}]), [("warning", "string-space", "Patient.name[0].text")]),
    ({"resourceType": "Communication", "note": [{"text": "a <b>c</b>"}]}, [("warning", "markdown-html", "Communication.note[0].text")]),
    ({"resourceType": "Communication", "note": [{"text": "1 < 2, `<b>`, <https://example.org>"}]}, []),
    (patient(link=[{"other": {"reference": "who knows"}}]), [("warning", "reference-form", "Patient.link[0].other")]),
    (patient(link=[{"other": {"reference": "Chicken/1"}}]), [("warning", "reference-type-unknown", "Patient.link[0].other")]),
    (
        patient(link=[{"other": {"reference": "Patient/1", "type": "RelatedPerson"}}]),
        [("error", "reference-type", "Patient.link[0].other")],
    ),
    (
        patient(identifier=[{"system": "urn:ietf:rfc:3986", "value": "1.2.250.1"}]),
        [("error", "identifier-uri", "Patient.identifier[0]")],
    ),
    (patient(identifier=[{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1"}]), []),
    (patient(identifier=[{"system": "urn:oid:1.2.250.1"}]), []),
    (patient(identifier=[{"system": "oid:1.2.250.1"}]), [("error", "uri-form", "Patient.identifier[0].system")]),
    (patient(identifier=[{"system": "uuid:x"}]), [("error", "uri-form", "Patient.identifier[0].system")]),
    (patient(identifier=[{"system": "urn:oid:1.02"}]), [("error", "uri-form", "Patient.identifier[0].system")]),
    (patient(identifier=[{"system": "urn:uuid:1"}]), [("error", "uri-form", "Patient.identifier[0].system")]),
    (patient(identifier=[{"system": "ward"}]), [("error", "system-relative", "Patient.identifier[0]")]),
    (patient(meta={"tag": [{"system": "ward", "code": "a"}]}), [("error", "system-relative", "Patient.meta.tag[0]")]),
    (patient(implicitRules="urn:uuid:aaaaaaaa-0000-4000-8000-00000000000A#part"), []),
    ({"resourceType": "CodeSystem", "url": "colours"}, [("error", "canonical-absolute", "CodeSystem.url")]),
    (
        {"resourceType": "Library", "relatedArtifact": [{"resource": "other"}]},
        [("error", "canonical-absolute", "Library.relatedArtifact[0].resource")],
    ),
    (
        {"resourceType": "Library", "relatedArtifact": [{"resource": "Library/other"}]},
        [("warning", "canonical-absolute", "Library.relatedArtifact[0].resource")],
    ),
    (patient(name=[{"id": "a"}, {"id": "b"}]), []),
    (patient(name=[{"id": "a"}, {"id": "a"}]), [("error", "element-id", "Patient.name[1]")]),
    (patient(_gender={"id": "a"}, deceasedBoolean=True, _deceasedBoolean={"id": "a"}), [
        ("error", "element-id", "Patient.deceased.ofType(boolean)")
    ]),
    ({"resourceType": "Bundle", "entry": [{"id": "a", "resource": patient(id="a", name=[{"id": "a"}])}]}, [
        ("error", "full-url-missing", "Bundle.entry[0]")
    ]),
    ({"resourceType": "List", "extension": [{"url": "http://e.org/x", "valueCanonical": "#c"}]}, [
        ("error", "canonical-contained", "List.extension[0].value.ofType(canonical)")
    ]),
    (
        {"resourceType": "QuestionnaireResponse", "questionnaire": "http://hl7.org/fhir/ValueSet/administrative-gender"},
        [
            ("warning", "questionnaire-unknown", "QuestionnaireResponse"),
            ("error", "canonical-type", "QuestionnaireResponse.questionnaire"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "wanted"), ELEMENTS)
def test_an_element_says_what_can_be_true(content: Check, resource: dict[str, Any], wanted: list[tuple[str, str, str]]) -> None:
    assert found(content(resource)) == wanted


NARRATIVES = [
    ('<a href="#there">x</a><p id="there">y</p>', None),
    ('<a href="#there">x</a><a name="there">y</a>', None),
    ('<a href="#nowhere">x</a>', "narrative-link"),
    ('<p id="a">x</p><p id="a">y</p>', "narrative-id"),
    ('<img src="#picture"/>', "narrative-image"),
]


WRONG_XHTML = [
    ("<p>a</p><div>b</div>", None),
    ("<p>a<div>b</div></p>", "narrative-paragraph"),
    ('<div xmlns="http://example.org">b</div>', "narrative-namespace"),
    ('<a href="https://example.org/a?b=c#d">x</a>', None),
    ('<a href="https://example.org/a b">x</a>', "narrative-url"),
    ('<img src="data:image/png;base64,AAAA"/>', None),
    ('<img src="data:image/png;base64,A!"/>', "narrative-url"),
]


@pytest.mark.parametrize(("div", "message_id"), WRONG_XHTML)
def test_a_narrative_is_xhtml_that_a_browser_shows_as_written(content: Check, div: str, message_id: str | None) -> None:
    assert found(content(told(div))) == ([("error", message_id, "Patient.text.div")] if message_id else [])


def test_the_div_of_a_narrative_has_the_namespace_of_xhtml(content: Check) -> None:
    resource = patient(text={"status": "generated", "div": "<div>x</div>"})
    assert found(content(resource)) == [("error", "narrative-namespace", "Patient.text.div")]


@pytest.mark.parametrize(("div", "message_id"), NARRATIVES)
def test_links_and_ids_of_a_narrative_fit(content: Check, div: str, message_id: str | None) -> None:
    assert found(content(told(div))) == ([("warning", message_id, "Patient.text.div")] if message_id else [])


def test_the_narrative_is_in_the_language_of_the_resource(content: Check) -> None:
    resource = told("x", language="fr")
    resource["text"]["div"] = f'<div {XHTML} lang="en">x</div>'
    assert found(content(resource)) == [("warning", "narrative-language", "Patient")]


def binary(id_: str) -> dict[str, Any]:
    return {"resourceType": "Binary", "id": id_, "contentType": "image/png"}


CONTAINED: list[tuple[dict[str, Any], list[str]]] = [
    (patient(contained=[binary("b")]), ["invariant-dom-3"]),
    (told('<img src="#b"/>', contained=[binary("b")]), []),
    (patient(contained=[{"resourceType": "Organization", "id": "o"}], managingOrganization={"reference": "#o"}), []),
    (patient(contained=[{"resourceType": "Observation", "id": "o", "subject": {"reference": "#"}}]), []),
    (patient(contained=[binary("b"), binary("b")], photo=[{"url": "#b"}]), ["contained-id"]),
    (patient(contained=[{"resourceType": "Observation", "subject": {"reference": "#"}}]), ["contained-id-missing"]),
]


@pytest.mark.parametrize(("resource", "message_ids"), CONTAINED)
def test_a_contained_resource_is_referred_to_and_has_its_own_id(content: Check, resource: dict[str, Any], message_ids: list[str]) -> None:
    assert [one.message_id for one in content(resource)] == message_ids


def test_a_narrative_link_leads_to_one_element_of_an_entry(content: Check) -> None:
    url = "urn:uuid:aaaaaaaa-0000-4000-8000-000000000000"
    link = [{"url": "http://hl7.org/fhir/StructureDefinition/narrativeLink", "valueUrl": f"{url}#there"}]
    entries = [{"fullUrl": url, "resource": told("x")}, {"fullUrl": url[:-1] + "1", "resource": patient(extension=link)}]
    issues = content({"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert found(issues) == [("error", "narrative-link-part", "Bundle.entry[1].resource.extension[0]")]
