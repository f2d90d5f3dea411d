"""Bundles: fullUrls, references between entries, documents (https://hl7.org/fhir/R4/bundle.html)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.validation.bundle_index import BundleIndex
from tests.validation.content_checking import Check, checker, found


@pytest.fixture(scope="module")
def content(definitions: Definitions) -> Check:
    return checker(definitions)


A, B, C = (f"urn:uuid:{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
BASE = "https://example.org/fhir/"


def entry(full_url: str | None, resource: dict[str, Any]) -> dict[str, Any]:
    return {"resource": resource} | ({"fullUrl": full_url} if full_url else {})


def patient(id_: str | None = None, **content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **({"id": id_} if id_ else {}), **content}


def observation(reference: str) -> dict[str, Any]:
    return {"resourceType": "Observation", "subject": {"reference": reference}}


def bundle(type_: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": type_, "entry": list(entries)}


FULL_URLS = [
    (entry(BASE + "Patient/1", patient("1")), None),
    (entry(A, patient("1")), None),
    (entry("https://example.org/anything", patient("1")), None),
    (entry("Patient/1", patient("1")), "full-url-relative"),
    (entry(BASE + "Patient/2", patient("1")), "full-url-mismatch"),
    (entry(BASE + "Group/1", patient("1")), "full-url-mismatch"),
    (entry(BASE + "Patient/1", patient()), "full-url-no-id"),
    (entry(None, patient("1")), "full-url-missing"),
]


@pytest.mark.parametrize(("one", "message_id"), FULL_URLS)
def test_a_full_url_is_the_identity_of_the_resource(content: Check, one: dict[str, Any], message_id: str | None) -> None:
    wanted = [("error", message_id, "Bundle.entry[0]")] if message_id else []
    assert found(content(bundle("collection", one))) == wanted


def test_a_transaction_does_without_full_urls(content: Check) -> None:
    assert content(bundle("transaction", entry(None, patient()))) == []


REFERENCES = [
    (A, observation(A), None),
    (A, observation("Patient/1"), "warning reference-full-url"),
    (BASE + "Patient/1", observation("Patient/1"), None),
    (BASE + "Patient/1", observation(BASE + "Patient/1"), None),
    (BASE + "Patient/1", observation("Patient/other"), None),
    ("https://elsewhere.org/Patient/1", observation("Patient/1"), "warning reference-full-url"),
    (A, observation(C), "warning reference-urn-absent"),
    (A, observation("Patient?identifier=1"), "error reference-conditional"),
    (A, observation("somebody"), "error reference-form"),
]


@pytest.mark.parametrize(("full_url", "source", "says"), REFERENCES)
def test_a_reference_is_read_from_the_full_url_of_its_entry(
    content: Check, full_url: str, source: dict[str, Any], says: str | None
) -> None:
    own = entry(BASE + "Observation/o", {**source, "id": "o"})
    issues = content(bundle("collection", entry(full_url, patient("1")), own))
    assert [f"{one.severity} {one.message_id}" for one in issues] == ([says] if says else [])
    assert all(one.expression == "Bundle.entry[1].resource.subject" for one in issues)


def test_a_full_url_that_is_no_text_is_left_to_the_structure_check(content: Check) -> None:
    wrong: dict[str, Any] = {"fullUrl": 1, "resource": observation("Patient/1")}
    assert found(content(bundle("batch", wrong, entry(A, patient("1"))))) == [
        ("warning", "reference-full-url", "Bundle.entry[0].resource.subject")
    ]


def test_two_entries_for_one_reference_are_an_error(content: Check) -> None:
    versions = [entry(BASE + "Patient/1", patient("1", meta={"versionId": version})) for version in "12"]
    own = [entry(A, observation(BASE + "Patient/1")), entry(B, observation(BASE + "Patient/1/_history/2"))]
    assert found(content(bundle("collection", *versions, *own))) == [("error", "reference-ambiguous", "Bundle.entry[2].resource.subject")]


def test_the_type_that_a_reference_names_is_that_of_the_entry(content: Check) -> None:
    url = "urn:uuid:12345678-0000-4000-8000-000000000000"
    wrong = observation("Group/12345678-0000-4000-8000-000000000000")
    assert found(content(bundle("collection", entry(url, patient()), entry(A, wrong)))) == [
        ("error", "reference-target-type", "Bundle.entry[1].resource.subject")
    ]


def composition(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Composition", **elements}


def test_a_document_holds_what_its_sections_refer_to(content: Check) -> None:
    sections = [{"section": [{"entry": [{"reference": B}, {"reference": C}]}]}]
    document = bundle("document", entry(A, composition(section=sections)), entry(B, patient()))
    errors = [one for one in found(content(document)) if one[0] == "error"]
    assert errors == [("error", "document-reference", "Bundle.entry[0].resource.section[0].section[0].entry[1]")]


def test_nothing_in_a_document_stands_alone(content: Check) -> None:
    document = bundle("document", entry(A, composition(subject={"reference": B})), entry(B, patient()), entry(C, patient()))
    assert found(content(document)) == [("error", "document-unreachable", "Bundle.entry[2]")]


def test_only_a_provenance_may_be_reached_backwards(content: Check) -> None:
    first = entry(A, composition(subject={"reference": B}))
    provenance = {"resourceType": "Provenance", "target": [{"reference": B}]}
    assert content(bundle("document", first, entry(B, patient()), entry(C, provenance))) == []
    backward = found(content(bundle("document", first, entry(B, patient()), entry(C, observation(B)))))
    assert backward == [("warning", "document-only-backward", "Bundle.entry[2]")]


def test_the_focus_of_a_message_is_in_it(content: Check) -> None:
    header = {"resourceType": "MessageHeader", "focus": [{"reference": B}]}
    place = "Bundle.entry[0].resource.focus[0]"
    assert ("error", "document-reference", place) in found(content(bundle("message", entry(A, header))))


def test_an_empty_document_is_an_error(content: Check) -> None:
    assert found(content({"resourceType": "Bundle", "type": "document"})) == [("error", "bundle-empty", "Bundle")]


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1), st.sampled_from("abcdefgh"))
def test_the_index_finds_what_a_scan_finds(ids: list[str], wanted: str) -> None:
    index = BundleIndex(bundle("collection", *(entry(f"{BASE}Patient/{one}", patient(one)) for one in ids)))
    by_index = [one.index for one in index.find(f"Patient/{wanted}", BASE + "Observation/1")]
    assert by_index == [number for number, one in enumerate(ids) if one == wanted]


def page(relation: str) -> dict[str, Any]:
    return {"relation": relation, "url": BASE + "Patient?name=x"}


LINKS = [
    ("searchset", ["self", "next", "previous"], None),
    ("searchset", ["self", "self"], ("bundle-link-twice", "Bundle.link[1]")),
    ("collection", ["self", "alternate", "alternate"], None),
    ("collection", ["self", "self"], ("bundle-link-twice", "Bundle.link[1].relation")),
    ("transaction", ["next"], ("bundle-link-page", "Bundle.link[0].relation")),
]


@pytest.mark.parametrize(("type_", "relations", "wanted"), LINKS)
def test_a_bundle_has_each_link_once(content: Check, type_: str, relations: list[str], wanted: tuple[str, str] | None) -> None:
    issues = content({**bundle(type_), "link": [page(one) for one in relations]})
    assert found(issues) == ([("error", *wanted)] if wanted else [])


MATCHES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"resource": patient("1"), "search": {"mode": "match"}}, []),
    ({"resource": patient(), "search": {"mode": "match"}}, [("searchset-id", "Bundle.entry[0].resource")]),
    ({"search": {"mode": "match"}}, [("searchset-resource", "Bundle.entry[0]")]),
    ({"resource": {"resourceType": "Group", "id": "1"}, "search": {"mode": "include"}}, []),
    ({"resource": {"resourceType": "Group", "id": "1"}, "search": {"mode": "match"}}, [("searchset-type", "Bundle.entry[0].resource")]),
    ({"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}, []),
    ({"resource": patient("1"), "search": {"mode": "outcome"}}, [("searchset-type", "Bundle.entry[0].resource")]),
]


@pytest.mark.parametrize(("one", "wanted"), MATCHES)
def test_a_searchset_holds_what_was_searched_for(content: Check, one: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    searched = {**bundle("searchset", {"fullUrl": "urn:uuid:" + A[9:], **one}), "link": [page("self")]}
    assert found(content(searched)) == [("error", *pair) for pair in wanted]


def test_a_search_for_several_types_may_match_each_of_them(content: Check) -> None:
    link = {"relation": "self", "url": BASE + "?_type=Patient,Group"}
    entries = [{"fullUrl": A, "resource": {"resourceType": "Group", "id": "1"}, "search": {"mode": "match"}}]
    assert content({**bundle("searchset", *entries), "link": [link]}) == []
