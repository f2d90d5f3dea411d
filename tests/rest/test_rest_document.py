"""Composition/$document (https://hl7.org/fhir/R4/composition-operation-document.html)."""

from __future__ import annotations

import pytest

NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Synthèse</div>'}
PERSON = {"reference": "Patient/anne"}
COMPOSITION = {
    "resourceType": "Composition", "id": "c1", "status": "final", "title": "Synthèse", "date": "2024-01-01", "text": NARRATIVE,
    "type": {"text": "synthèse"}, "subject": PERSON, "author": [{"reference": "PractitionerRole/role"}],
    "relatesTo": [{"code": "replaces", "targetReference": {"reference": "Composition/gone"}}],
    "section": [
        {"title": "Résultats", "text": NARRATIVE, "entry": [{"reference": "DiagnosticReport/r1"}]},
        {"title": "Traitement", "text": NARRATIVE, "section": [
            {"title": "Jour", "text": NARRATIVE, "entry": [{"reference": "MedicationRequest/m1"}, {"reference": "Condition/k1"}]},
        ]},
    ],
}  # fmt: skip
OTHERS = [
    {"resourceType": "Patient", "id": "anne", "text": NARRATIVE, "link": [{"other": {"reference": "Patient/paul"}, "type": "seealso"}]},
    {"resourceType": "Patient", "id": "paul", "text": NARRATIVE},
    {"resourceType": "PractitionerRole", "id": "role", "text": NARRATIVE}
    | {"practitioner": {"reference": "Practitioner/gp"}, "organization": {"reference": "Organization/msp"}},
    {"resourceType": "Practitioner", "id": "gp", "text": NARRATIVE},
    {"resourceType": "Organization", "id": "msp", "text": NARRATIVE, "name": "Maison"},
    {"resourceType": "DiagnosticReport", "id": "r1", "text": NARRATIVE, "status": "final", "code": {"text": "bilan"}, "subject": PERSON}
    | {"result": [{"reference": "Observation/o1"}]},
    {"resourceType": "Observation", "id": "o1", "text": NARRATIVE, "status": "final", "code": {"text": "K"}, "valueString": "4"}
    | {"subject": PERSON, "performer": [{"reference": "Practitioner/gp"}], "effectiveDateTime": "2024"},
    {"resourceType": "MedicationRequest", "id": "m1", "text": NARRATIVE, "status": "active", "intent": "order", "subject": PERSON}
    | {"medicationReference": {"reference": "Medication/aspirin"}},
    {"resourceType": "Medication", "id": "aspirin", "text": NARRATIVE, "code": {"text": "aspirine"}},
    {"resourceType": "Condition", "id": "k1", "text": NARRATIVE, "subject": PERSON, "code": {"text": "x"}}
    | {"evidence": [{"detail": [{"reference": "Observation/private"}]}]},
    {"resourceType": "Observation", "id": "private", "status": "final", "code": {"text": "y"}, "subject": PERSON},
]
EXPECTED = {
    "Composition/c1", "Patient/anne", "PractitionerRole/role", "Practitioner/gp", "Organization/msp", "DiagnosticReport/r1",
    "Observation/o1", "MedicationRequest/m1", "Medication/aspirin", "Condition/k1",
}  # fmt: skip


@pytest.fixture
def server(client):
    for one in [*OTHERS, COMPOSITION]:
        assert client.put(f"/{one['resourceType']}/{one['id']}", one).status_code == 201
    return client


def document(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(bundle):
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]]


@pytest.mark.parametrize("path", ["/Composition/c1/$document", "/Composition/$document?id=c1", "/Composition/$document?id=Composition/c1"])
def test_the_composition_comes_first_then_each_resource_it_needs_once(server, path):
    bundle = document(server.get(path))
    assert bundle["type"] == "document"
    assert names(bundle)[0] == "Composition/c1"
    assert sorted(names(bundle)) == sorted(EXPECTED)
    assert [one["fullUrl"] for one in bundle["entry"]] == [f"{server.BASE}/{name}" for name in names(bundle)]


def test_it_has_what_identifies_it_and_is_valid(server, validator):
    bundle = document(server.get("/Composition/c1/$document"))
    assert bundle["identifier"]["value"] == f"urn:uuid:{bundle['id']}"
    assert bundle["timestamp"].endswith("Z")
    assert [issue for issue in validator.validate(bundle) if issue.is_error] == []


def test_the_version_that_is_referred_to_comes(server):
    server.put("/Organization/msp", OTHERS[4] | {"name": "Renommée"})
    server.put("/Composition/c1", COMPOSITION | {"custodian": {"reference": "Organization/msp/_history/1"}})
    (found,) = [one["resource"] for one in document(server.get("/Composition/c1/$document"))["entry"] if one["resource"]["id"] == "msp"]
    assert found["name"] == "Maison"


def test_references_to_ourselves_may_be_whole_urls(server):
    server.put("/Composition/c1", COMPOSITION | {"custodian": {"reference": f"{server.BASE}/Organization/msp"}})
    assert sorted(names(document(server.get("/Composition/c1/$document")))) == sorted(EXPECTED)


def test_nothing_is_stored_unless_it_is_asked(server):
    document(server.get("/Composition/c1/$document?persist=false"))
    assert server.get("/Bundle?_summary=count").json()["total"] == 0


def test_a_document_that_is_kept_says_where(server):
    answer = server.post("/Composition/c1/$document?persist=true", {"resourceType": "Parameters"})
    kept = server.get(answer.headers["location"])
    assert kept.json() == document(answer)


def test_keeping_it_needs_a_post(server, issue_of):
    answer = server.get("/Composition/c1/$document?persist=true")
    assert answer.status_code == 400
    assert "POST" in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize(
    "missing", ["Practitioner/nobody", "https://elsewhere.example.org/fhir/Patient/1", "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"]
)
def test_what_cannot_be_resolved_is_named_with_its_place(server, issue_of, missing):
    server.put("/Composition/c1", COMPOSITION | {"custodian": {"reference": missing}})
    answer = server.get("/Composition/c1/$document")
    assert answer.status_code == 422
    assert (missing in issue_of(answer)["diagnostics"], issue_of(answer)["expression"]) == (True, ["Composition.custodian"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Composition/nothing/$document", 404),
        ("/Composition/$document", 400),
        ("/Composition/c1/$document?id=c1", 400),
        ("/Composition/$document?id=https://elsewhere.example.org/fhir/Composition/1", 400),
        ("/Composition/c1/$document?persist=perhaps", 400),
        ("/Composition/c1/$document?graph=http://example.org/g", 400),
    ],
)
def test_what_cannot_be_made_is_refused(server, path, status):
    assert server.get(path).status_code == status
