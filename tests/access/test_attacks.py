"""Ways in that were tried by hand: nothing that a caller may write shows anybody, or takes from anybody, what is not theirs to tell of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fhir_server.security.caller import Caller
from fhir_server.security.scopes import read_scopes
from tests.access.conftest import Server
from tests.access.people import (
    DAC,
    GP,
    HOSPITAL,
    NURSE,
    PATIENT,
    care_team,
    consent,
    observation,
    patient,
    person,
    reference,
    referral,
)

Resource = dict[str, Any]
BREAK_GLASS = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BTG"}]}
RECORD = [patient("p"), patient("q"), observation("op", "p"), observation("oq", "q"), care_team("t", "p", "Practitioner/gp")]
A = replace(HOSPITAL, subject="a", client="a", tenant="a")
B = replace(HOSPITAL, subject="b", client="b", tenant="b")
B_NURSE = replace(NURSE, tenant="b")


def data(*targets: str) -> list[Resource]:
    return [{"meaning": "instance", "reference": reference(one)} for one in targets]


def fresh(server: Server, caller: Any, resource: Resource) -> str:
    """`Type/id` of what the caller creates."""
    answer = server.ask(caller, "POST", f"/{resource['resourceType']}", {key: value for key, value in resource.items() if key != "id"})
    assert answer.status_code == 201, answer.text
    return f"{resource['resourceType']}/{answer.json()['id']}"


def bundle(*entries: Resource) -> Resource:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def entry(method: str, url: str, resource: Resource | None = None, full_url: str | None = None) -> Resource:
    return {
        "request": {"method": method, "url": url},
        **({"resource": resource} if resource else {}),
        **({"fullUrl": full_url} if full_url else {}),
    }


@pytest.mark.parametrize("writer", [GP, person("p")], ids=["professional", "person"])
def test_a_consent_for_an_emergency_shows_nothing_that_its_writer_does_not_see(server: Server, writer: Any) -> None:
    server.store(*RECORD)
    granted = consent("", "p", "permit", "Practitioner/gp", data=data("Observation/oq"))
    del granted["id"]
    server.ask(writer, "POST", "/Consent", granted | {"policyRule": BREAK_GLASS})
    assert server.get(GP, "/Observation/oq").status_code == 404


def test_nobody_gives_themselves_access_in_an_emergency_that_outlasts_a_denial(server: Server) -> None:
    server.store(*RECORD)
    granted = consent("", "p", "permit", "Practitioner/gp")
    del granted["id"]
    assert server.ask(GP, "POST", "/Consent", granted | {"policyRule": BREAK_GLASS}).status_code == 403
    server.store(consent("d", "p", "deny", "Practitioner/gp"))
    assert server.get(GP, "/Patient/p").status_code == 404


def test_a_fresh_person_is_no_way_to_another(server: Server) -> None:
    server.store(*RECORD)
    told = consent("x", "x", "permit", "Practitioner/gp", data=data("Observation/oq")) | {"patient": reference("urn:uuid:1")}
    del told["id"]
    for more in ({}, {"policyRule": BREAK_GLASS}):
        sent = bundle(entry("POST", "Patient", {"resourceType": "Patient"}, "urn:uuid:1"), entry("POST", "Consent", told | more))
        assert server.ask(GP, "POST", "", sent).status_code in (403, 422)
        assert server.get(GP, "/Observation/oq").status_code == 404


def test_a_denial_hides_only_what_its_writer_sees(server: Server) -> None:
    server.store(*RECORD, care_team("u", "q", "Practitioner/nurse"))
    for actors in (("Practitioner/nurse",), ()):
        denial = consent("", "p", "deny", *actors, data=data("Observation/oq"))
        del denial["id"]
        assert server.ask(person("p"), "POST", "/Consent", denial).status_code == 422
    assert server.get(NURSE, "/Observation/oq").status_code == 200


def test_a_consent_of_one_tenant_says_nothing_in_another(server: Server) -> None:
    q = fresh(server, B, patient(""))
    doctor = "Practitioner/nurse"
    hidden = fresh(server, B, observation("", q.removeprefix("Patient/")))
    team = care_team("", q.removeprefix("Patient/"), doctor)
    del team["id"]
    assert server.ask(A, "POST", "/CareTeam", team).status_code == 422
    assert server.get(B_NURSE, f"/{hidden}").status_code == 404
    fresh(server, B, care_team("", q.removeprefix("Patient/"), doctor))
    assert server.get(B_NURSE, f"/{hidden}").status_code == 200
    denial = consent("", q.removeprefix("Patient/"), "deny")
    del denial["id"]
    assert server.ask(A, "POST", "/Consent", denial).status_code == 422
    assert server.get(B_NURSE, f"/{hidden}").status_code == 200


SHARED = [
    *RECORD, care_team("qt", "q", "Patient/p", "Practitioner/nurse"),
    observation("shared", "q", performer=[reference("Patient/p")]),
]  # fmt: skip


@pytest.mark.parametrize("caller", [GP, person("p")], ids=["professional", "person"])
@pytest.mark.parametrize("place", ["CareTeam/qt", "Observation/shared"])
def test_what_is_another_persons_too_is_neither_deleted_nor_taken_over(server: Server, caller: Any, place: str) -> None:
    server.store(*SHARED)
    before = server.get(HOSPITAL, f"/{place}").json()
    assert server.get(caller, f"/{place}").status_code == 200
    assert server.ask(caller, "DELETE", f"/{place}").status_code == 422
    assert server.ask(caller, "DELETE", f"/{before['resourceType']}?_id={before['id']}").status_code == 422
    assert server.ask(caller, "PUT", f"/{place}", before | {"subject": reference("Patient/p")}).status_code == 422
    assert server.get(HOSPITAL, f"/{place}").json() == before


def test_a_linked_person_is_seen_and_not_changed(server: Server) -> None:
    server.store(
        patient("p"), patient("q", link=[{"other": reference("Patient/p"), "type": "seealso"}]), care_team("t", "p", "Practitioner/gp")
    )
    assert server.get(GP, "/Patient/q").status_code == 200
    assert server.ask(GP, "PUT", "/Patient/q", patient("q", active=False)).status_code == 422
    assert server.ask(GP, "DELETE", "/Patient/q").status_code == 422


def test_who_sees_a_denial_by_a_referral_does_not_delete_it(server: Server) -> None:
    server.store(
        *RECORD,
        consent("c", "p", "deny", "Practitioner/nurse"),
        referral("r", "p", "Organization/dac", supportingInfo=[reference("Consent/c")]),
    )
    assert server.get(DAC, "/Consent/c").status_code == 200
    assert server.ask(DAC, "DELETE", "/Consent/c").status_code == 422
    assert server.get(HOSPITAL, "/Consent/c").status_code == 200


def test_what_was_hidden_afterwards_is_hidden_in_its_history_too(server: Server) -> None:
    server.store(*RECORD)
    server.store(observation("op", "p", meta={"security": [{"code": "MASQUE_PS"}]}))
    absent = server.get(GP, "/Observation/none/_history/1").text.replace("none", "op")
    assert server.get(GP, "/Observation/op/_history/1").text == absent
    assert server.get(GP, "/Observation/op/_history").status_code == 404
    assert "Observation/op" not in server.get(GP, "/_history").text
    assert "Observation/op" not in server.get(GP, "/Observation/_history").text
    assert server.get(person("p"), "/Observation/op/_history/1").status_code == 200


def test_what_was_deleted_keeps_its_history(server: Server) -> None:
    server.store(*RECORD)
    assert server.ask(GP, "DELETE", "/Observation/op").status_code == 204
    assert server.get(GP, "/Observation/op/_history/1").status_code == 200
    assert len(server.get(GP, "/Observation/op/_history").json()["entry"]) == 2


def test_a_tenant_changes_no_directory_entry_of_another(server: Server) -> None:
    """Who changes a Practitioner's identifier, or whose role a role is, changes who is who in the other tenants too."""
    server.store({"resourceType": "Practitioner", "id": "everybodys"})
    theirs, ours = (fresh(server, caller, {"resourceType": "Practitioner"}) for caller in (B, A))
    taken = {"resourceType": "Practitioner", "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "899700000001"}]}
    for place in (theirs, "Practitioner/everybodys"):
        before = server.get(HOSPITAL, f"/{place}").json()
        assert server.ask(A, "PUT", f"/{place}", taken | {"id": before["id"]}).status_code == 403
        assert server.ask(A, "DELETE", f"/{place}").status_code == 403
        assert server.get(HOSPITAL, f"/{place}").json() == before
    assert server.ask(A, "PUT", f"/{ours}", taken | {"id": ours.partition("/")[2]}).status_code == 200


def test_what_was_asked_for_one_person_is_not_fetched_for_another(server: Server) -> None:
    server.store(*RECORD)
    family = Caller("carer", "app", PATIENT, patient="p")
    begun = server.get(family, "/Observation", prefer="respond-async")
    place = begun.headers["content-location"].removeprefix(server.BASE)
    assert server.get(family, place).status_code in (200, 202)
    assert server.get(replace(family, patient="q"), place).status_code == 404


def test_scopes_whose_searches_lead_to_each_other_end(server: Server) -> None:
    server.store(*RECORD)
    scopes = read_scopes("user/Patient.rs?_has:Observation:patient:status=final user/Observation.rs?subject:Patient.active=true").scopes
    caller = replace(GP, scopes=scopes)
    assert server.get(caller, "/Patient").status_code == 200
    assert server.get(caller, "/Observation").status_code == 200


def test_a_version_outside_the_search_of_a_scope_is_not_read(server: Server) -> None:
    server.store(*RECORD)
    server.store(observation("op", "p", status="amended"))
    caller = replace(GP, scopes=read_scopes("user/Observation.rs?status=amended").scopes)
    assert server.get(caller, "/Observation/op").status_code == 200
    assert server.get(caller, "/Observation/op/_history/1").status_code == 404


def test_a_consent_does_not_multiply_without_bound(server: Server) -> None:
    """A row for each actor and each type: a small body could hold up all writers."""
    server.store(*RECORD)
    wide = consent(
        "", "p", "permit", *(f"Practitioner/{number}" for number in range(200)), **{"class": [{"code": f"T{one}"} for one in range(200)]}
    )
    del wide["id"]
    answer = server.ask(GP, "POST", "/Consent", wide)
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["code"] == "too-costly"


def test_the_circle_does_not_take_back_what_the_person_denied(server: Server) -> None:
    denial = consent("d", "p", "deny", "Practitioner/nurse")
    server.store(patient("p"), care_team("t", "p", "Practitioner/gp", "Practitioner/nurse"), denial)
    for method, body in (("PUT", {**denial, "status": "inactive"}), ("DELETE", None)):
        assert server.ask(GP, method, "/Consent/d", body).status_code == 403
    assert server.get(NURSE, "/Patient/p").status_code == 404
    assert server.ask(person("p"), "PUT", "/Consent/d", {**denial, "status": "inactive"}).status_code == 200
    assert server.get(NURSE, "/Patient/p").status_code == 200
