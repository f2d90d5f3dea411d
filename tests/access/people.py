"""Who calls in the tests, and the record that they call for: one person, and what stands around them."""

from __future__ import annotations

from typing import Any

from fhir_server.security.caller import Caller
from fhir_server.security.scope import ALL_PERMISSIONS, Scope

Resource = dict[str, Any]

USER = (Scope("user", "*", ALL_PERMISSIONS),)
PATIENT = (Scope("patient", "*", ALL_PERMISSIONS),)
SYSTEM = (Scope("system", "*", ALL_PERMISSIONS),)


def professional(*actors: str, scopes: tuple[Scope, ...] = USER, **more: Any) -> Caller:
    """Somebody who is these in the record (`Practitioner/gp`)."""
    pairs = frozenset((one.partition("/")[0], one.partition("/")[2]) for one in actors)
    return Caller(actors[0] if actors else "nobody", "software", scopes, actors=pairs, **more)


def person(id_: str) -> Caller:
    return Caller(f"person-{id_}", "app", PATIENT, patient=id_)


GP = professional("Practitioner/gp")
NURSE = professional("Practitioner/nurse")
DAC = professional("Organization/dac")
STRANGER = professional("Practitioner/stranger")
HOSPITAL = Caller("hospital", "hospital", SYSTEM, whole=True)
OFFICER = Caller("officer", "console", SYSTEM, whole=True, roles=frozenset(["data-protection-officer"]))


def reference(target: str) -> dict[str, str]:
    return {"reference": target}


def patient(id_: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "id": id_, **more}


def observation(id_: str, subject: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation", "id": id_, "status": "final", "code": {"text": "weight"}, "subject": reference(f"Patient/{subject}"),
        **more,
    }  # fmt: skip


def care_team(id_: str, subject: str, *members: str | dict[str, Any], **more: Any) -> Resource:
    participants = [{"member": reference(one)} if isinstance(one, str) else one for one in members]
    return {
        "resourceType": "CareTeam", "id": id_, "status": "active", "subject": reference(f"Patient/{subject}"),
        **({"participant": participants} if participants else {}), **more,
    }  # fmt: skip


def referral(id_: str, subject: str, to: str, **more: Any) -> Resource:
    return {
        "resourceType": "ServiceRequest", "id": id_, "status": "active", "intent": "order", "subject": reference(f"Patient/{subject}"),
        "performer": [reference(to)], **more,
    }  # fmt: skip


def task(id_: str, status: str, owner: str, focus: str, subject: str) -> Resource:
    return {
        "resourceType": "Task", "id": id_, "status": status, "intent": "order", "owner": reference(owner), "focus": reference(focus),
        "for": reference(f"Patient/{subject}"),
    }  # fmt: skip


def consent(id_: str, subject: str, says: str, *actors: str, status: str = "active", **provision: Any) -> Resource:
    role = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleClass", "code": "ASSIGNED"}]}
    who = {"actor": [{"role": role, "reference": reference(one)} for one in actors]} if actors else {}
    return {
        "resourceType": "Consent", "id": id_, "status": status, "patient": reference(f"Patient/{subject}"),
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "provision": {"type": says, **who, **provision},
    }  # fmt: skip
