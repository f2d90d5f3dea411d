"""The worked case of the national guide "Gestion du cercle de soins" (CDS 2.0.1), over HTTP: the support structure creates the circle of a
person, the emergency department reads it, the nurse is replaced. Once resource by resource (flows 1b, 3a, 3b, 4b), once by transactions
(1c, 4c), on both stores; then with CDS's own example instances.
"""

from __future__ import annotations

import copy
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop.conftest import Database
from tests.interop.peer_client import server

Resource = dict[str, Any]
pytestmark = pytest.mark.slow
INS = "urn:oid:1.2.250.1.213.1.4.10|279035121518989"
CDS = "ans.fhir.fr.cds-2.0.1.tgz"
NAMED = ("patient", "gp", "nurse", "new-nurse", "son", "structure")
NOS = "https://mos.esante.gouv.fr/NOS"
PCP = {"system": f"{NOS}/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction", "code": "PCP"}


@pytest.fixture(scope="module")
def base(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("circle"), database()) as base:
        yield base


def role(code: str, name: str, rpps: str) -> Resource:
    practitioner = {"display": name, "identifier": {"system": "https://rpps.esante.gouv.fr", "value": rpps}}
    coding = {"system": f"{NOS}/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante", "code": code}
    return {"resourceType": "PractitionerRole", "active": True, "practitioner": practitioner, "code": [{"coding": [coding]}]}


def people(ins: str) -> dict[str, Resource]:
    """Who the circle is about, and who belongs to it."""
    system, _, value = ins.partition("|")
    person = {"identifier": [{"system": system, "value": value}], "name": [{"use": "official", "family": "MARTIN", "given": ["Odette"]}]}
    return {
        "patient": {"resourceType": "Patient", **person, "birthDate": "1942-03-05"},
        "gp": role("10", "Dr Anne Lebrun", "10002422979"),
        "nurse": role("60", "Paul Morel", "10100000017"),
        "new-nurse": role("60", "Lina Haddad", "10100000025"),
        "son": {"resourceType": "RelatedPerson", "name": [{"family": "MARTIN", "given": ["Luc"]}]},
        "structure": {"resourceType": "Organization", "name": "Dispositif d'appui à la coordination"},
    }


def circle(at: dict[str, str], ins: str) -> Resource:
    """The circle as the structure draws it up; `at` has the reference of each person."""
    members = [member(at["gp"], "2026-01-12", PCP), member(at["nurse"], "2026-01-12"), member(at["son"], "2026-01-12")]
    return {
        "resourceType": "CareTeam", "status": "active", "name": "Cercle de soins de Mme Odette Martin",
        "identifier": [{"system": "https://structure.example/circle", "value": ins[-15:]}],
        "subject": {"reference": at["patient"]}, "period": {"start": "2026-01-12"},
        "participant": members, "managingOrganization": [{"reference": at["structure"]}],
    }  # fmt: skip


def member(reference: str, start: str, coding: Resource | None = None) -> Resource:
    role = {"role": [{"coding": [coding]}]} if coding else {}
    return role | {"member": {"reference": reference}, "period": {"start": start}}


def with_nurse_replaced(team: Resource, new: str, day: str) -> Resource:
    """The nurse leaves and another one comes the same day; who left stays, with an end."""
    changed = copy.deepcopy(team)
    changed["participant"][1]["period"]["end"] = day
    changed["participant"].append(member(new, day))
    return changed


def created(base: str, resource: Resource) -> str:
    answer = httpx.post(f"{base}/{resource['resourceType']}", json=resource)
    assert answer.status_code == 201, answer.text
    return "/".join(answer.headers["location"].split("/")[-4:-2])


def read_by_the_emergency_department(base: str, ins: str) -> tuple[Resource, Resource]:
    """The circle found by the person's INS, and the page with all that it names."""
    found = httpx.get(f"{base}/CareTeam", params={"patient.identifier": ins, "status": "active", "_include": "CareTeam:participant"}).json()
    (team,) = [entry["resource"] for entry in found["entry"] if entry["search"]["mode"] == "match"]
    return team, found


def assert_the_nurse_was_replaced(base: str, team_id: str, ins: str, old: str, new: str) -> None:
    team, _ = read_by_the_emergency_department(base, ins)
    present = [one["member"]["reference"] for one in team["participant"] if "end" not in one["period"]]
    assert new in present
    assert old not in present
    before = httpx.get(f"{base}/CareTeam/{team_id}/_history/1").json()
    assert "end" not in before["participant"][1]["period"]
    versions = httpx.get(f"{base}/CareTeam/{team_id}/_history").json()["entry"]
    assert [entry["request"]["method"] for entry in versions] == ["PUT", "POST"]
    assert {entry["resource"]["id"] for entry in httpx.get(f"{base}/CareTeam/_history").json()["entry"]} >= {team_id}


def test_resource_by_resource(base: str) -> None:
    assert httpx.get(f"{base}/CareTeam", params={"patient.identifier": INS}).json()["total"] == 0, "search before create (CDS)"
    resources = people(INS)
    at = {"patient": created(base, resources.pop("patient"))}
    resources["son"]["patient"] = {"reference": at["patient"]}
    at |= {name: created(base, resource) for name, resource in resources.items()}
    team_id = created(base, circle(at, INS)).rpartition("/")[2]
    team, page = read_by_the_emergency_department(base, INS)
    assert {entry["resource"]["resourceType"] for entry in page["entry"]} == {"CareTeam", "PractitionerRole", "RelatedPerson"}
    changed, first = with_nurse_replaced(team, at["new-nurse"], "2026-06-01"), {"if-match": 'W/"1"'}
    assert httpx.put(f"{base}/CareTeam/{team_id}", json=changed, headers=first).status_code == 200
    assert_the_nurse_was_replaced(base, team_id, INS, at["nurse"], at["new-nurse"])
    late = httpx.put(f"{base}/CareTeam/{team_id}", json=team, headers=first)
    assert late.status_code == 412, "who works on an old version does not bring the old nurse back"


def test_by_transactions(base: str) -> None:
    ins = "urn:oid:1.2.250.1.213.1.4.10|142035199900148"
    urns = {name: f"urn:uuid:00000000-0000-4000-8000-{number:012}" for number, name in enumerate(NAMED)}
    resources = people(ins)
    resources["son"]["patient"] = {"reference": urns["patient"]}
    entries = [posted(urns[name], resource) for name, resource in resources.items()] + [posted(None, circle(urns, ins))]
    answer = httpx.post(base, json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.text
    places = ["/".join(entry["response"]["location"].split("/")[-4:-2]) for entry in answer.json()["entry"]]
    at, team_id = dict(zip(resources, places, strict=False)), places[-1].rpartition("/")[2]
    team, _ = read_by_the_emergency_department(base, ins)
    put = {"resource": with_nurse_replaced(team, at["new-nurse"], "2026-06-01"), "request": {"method": "PUT", "url": f"CareTeam/{team_id}"}}
    assert httpx.post(base, json={"resourceType": "Bundle", "type": "transaction", "entry": [put]}).status_code == 200
    assert_the_nurse_was_replaced(base, team_id, ins, at["nurse"], at["new-nurse"])


def posted(full_url: str | None, resource: Resource) -> Resource:
    named = {"fullUrl": full_url} if full_url else {}
    return named | {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}


def test_a_transaction_that_fails_stores_nothing(base: str) -> None:
    before = httpx.get(f"{base}/CareTeam", params={"_summary": "count"}).json()["total"]
    wrong = circle(dict.fromkeys(NAMED, "Patient/none"), INS) | {"colour": "red"}
    answer = httpx.post(base, json={"resourceType": "Bundle", "type": "transaction", "entry": [posted(None, wrong)]})
    assert (answer.status_code >= 400, answer.json()["resourceType"]) == (True, "OperationOutcome")
    assert httpx.get(f"{base}/CareTeam", params={"_summary": "count"}).json()["total"] == before


@pytest.mark.conformance
def test_the_search_parameters_of_the_guide_once_stored(base: str, test_data: Path) -> None:
    with tarfile.open(test_data / "fhir-packages" / CDS) as package:
        for name in ("start", "participant-start"):
            parameter = json.load(package.extractfile(f"package/SearchParameter-cds-careteam-{name}.json"))  # type: ignore[arg-type]
            assert httpx.post(f"{base}/SearchParameter", json=without_empty(parameter)).status_code == 201
    team_id = created(base, circle(dict.fromkeys(NAMED, "Organization/none"), INS) | {"period": {"start": "2031-02-01"}}).rpartition("/")[2]
    for query, expected in ({"start": "ge2031-01-01"}, True), ({"start": "ge2031-03-01"}, False), ({"participant-start": "ge2030"}, False):
        found = httpx.get(f"{base}/CareTeam", params=query).json()
        assert (team_id in {entry["resource"]["id"] for entry in found.get("entry", ())}) == expected, query


@pytest.mark.conformance
def test_the_examples_of_the_guide_itself(base: str, test_data: Path) -> None:
    with tarfile.open(test_data / "fhir-packages" / CDS) as package:
        bundle = without_empty(json.load(package.extractfile("package/example/Bundle-cds-bundle-transaction-creation-example.json")))  # type: ignore[arg-type]
    answer = httpx.post(base, json=bundle)
    assert answer.status_code == 200, answer.text
    assert {entry["response"]["status"][:3] for entry in answer.json()["entry"]} == {"201"}
    found = httpx.get(f"{base}/CareTeam", params={"identifier": "http://fake-identifier.fr|1"}).json()["entry"][0]["resource"]
    assert (found["subject"]["reference"].startswith("Patient/"), len(found["participant"])) == (True, 2)


def without_empty(value: Any) -> Any:
    """The same without strings that are empty, which R4 forbids (datatypes.html#string) and CDS's narrative translations have."""
    if isinstance(value, dict):
        kept = {name: without_empty(one) for name, one in value.items() if one != ""}
        return {name: one for name, one in kept.items() if one not in ([], {})}
    return [without_empty(one) for one in value] if isinstance(value, list) else value
