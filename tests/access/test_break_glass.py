"""Emergency access: for professionals, with a reason, for some hours, told to the circle; it lets nobody else in."""

from __future__ import annotations

from typing import Any

from tests.access.conftest import Server
from tests.access.people import DAC, GP, STRANGER, care_team, consent, observation, patient, person, professional, reference, referral

WHY: dict[str, Any] = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "Unconscious at home"}]}


def test_the_record_opens_with_a_reason_and_the_circle_is_told(server: Server) -> None:
    server.store(patient("p"), observation("o", "p"), care_team("t", "p", "Practitioner/gp"))
    assert server.get(STRANGER, "/Observation/o").status_code == 404
    assert server.ask(STRANGER, "POST", "/Patient/p/$break-glass", WHY).status_code == 200
    assert server.get(STRANGER, "/Observation/o").status_code == 200
    (alert,) = server.found(GP, "/Communication?subject=Patient/p&sender=Practitioner/stranger")
    told = server.get(GP, f"/{alert}").json()
    assert told["reasonCode"][0]["text"] == "Unconscious at home"
    (opened,) = server.found(GP, "/Consent?patient=Patient/p")
    provision = server.get(GP, f"/{opened}").json()["provision"]
    assert provision["period"]["start"] < provision["period"]["end"]


def test_it_ends_when_the_consent_is_ended(server: Server) -> None:
    server.store(patient("p"), care_team("t", "p", "Practitioner/gp"))
    server.ask(STRANGER, "POST", "/Patient/p/$break-glass", WHY)
    (opened,) = server.found(GP, "/Consent?patient=Patient/p")
    ended = server.get(GP, f"/{opened}").json() | {"status": "inactive"}
    assert server.ask(GP, "PUT", f"/{opened}", ended).status_code == 200
    assert server.get(STRANGER, "/Patient/p").status_code == 404


def test_who_came_in_by_an_emergency_lets_nobody_in(server: Server) -> None:
    server.store(patient("p"))
    server.ask(STRANGER, "POST", "/Patient/p/$break-glass", WHY)
    lasting = [care_team("", "p", "Practitioner/stranger"), consent("", "p", "permit", "Practitioner/stranger")]
    for one in lasting:
        refused = server.ask(STRANGER, "POST", f"/{one['resourceType']}", {**one, "id": "x"})
        assert refused.status_code == 422, refused.text
    assert server.ask(STRANGER, "POST", "/Observation", observation("x", "p")).status_code == 201


def test_absent_and_hidden_are_answered_alike(server: Server) -> None:
    server.store(patient("p"))
    there, absent = (server.ask(STRANGER, "POST", f"/Patient/{id_}/$break-glass", WHY) for id_ in ("p", "z"))
    assert there.status_code == absent.status_code == 200
    assert there.text.replace("Patient/p", "Patient/z") == absent.text


def test_who_may_not_and_what_is_missing(server: Server) -> None:
    server.store(patient("p"))
    assert server.ask(STRANGER, "POST", "/Patient/p/$break-glass", {"resourceType": "Parameters"}).status_code == 400
    assert server.ask(person("p"), "POST", "/Patient/p/$break-glass", WHY).status_code == 403
    assert server.ask(professional(), "POST", "/Patient/p/$break-glass", WHY).status_code == 403
    assert server.ask(professional("Practitioner/x", scopes=()), "POST", "/Patient/p/$break-glass", WHY).status_code == 403
    assert server.ask(professional("RelatedPerson/kin"), "POST", "/Patient/p/$break-glass", WHY).status_code == 403
    assert server.get(DAC, "/Patient/p").status_code == 404


def test_another_tenants_person_is_not_there(server: Server) -> None:
    server.store(patient("p", meta={"tag": [{"system": "https://passerelle.care/tenant", "code": "a"}]}))
    theirs, other = (professional("Practitioner/stranger", tenant=one) for one in ("a", "b"))
    for caller, sees in ((other, 404), (theirs, 200)):
        server.ask(caller, "POST", "/Patient/p/$break-glass", WHY)
        assert server.get(caller, "/Patient/p").status_code == sees


def test_an_emergency_is_not_made_to_last(server: Server) -> None:
    """By a referral to oneself, whole or in parts, what it names would be seen when the emergency is over."""
    server.store(patient("p"), observation("o", "p"), care_team("t", "p", "Practitioner/gp"))
    server.ask(STRANGER, "POST", "/Patient/p/$break-glass", WHY)
    sent = [
        referral("x", "p", "Practitioner/stranger", supportingInfo=[reference("Observation/o")]),
        {"resourceType": "Task", "status": "requested", "intent": "order", "owner": reference("Practitioner/stranger"),
         "focus": reference("Observation/o")},
    ]  # fmt: skip
    for one in sent:
        refused = server.ask(STRANGER, "POST", f"/{one['resourceType']}", one)
        assert refused.status_code == 422, refused.text


def test_what_tells_of_an_emergency_is_not_taken_away_by_who_caused_it(server: Server) -> None:
    server.store(patient("p"), observation("o", "p"), care_team("t", "p", "Practitioner/gp"))
    server.ask(STRANGER, "POST", "/Patient/p/$break-glass", WHY)
    (alert,), (opened,) = server.found(STRANGER, "/Communication"), server.found(STRANGER, "/Consent")
    told = server.get(STRANGER, f"/{alert}").json()
    assert server.ask(STRANGER, "PUT", f"/{alert}", told | {"status": "entered-in-error"}).status_code == 422
    for place in (alert, opened, "CareTeam/t", "Observation/o"):
        assert server.ask(STRANGER, "DELETE", f"/{place}").status_code == 422
    assert server.get(GP, f"/{alert}").json() == told


def test_a_person_or_a_family_carer_has_no_emergency_access(server: Server) -> None:
    server.store(patient("p"))
    for actor in ("Patient/q", "RelatedPerson/r", "Person/s"):
        assert server.ask(professional(actor), "POST", "/Patient/p/$break-glass", WHY).status_code == 403
