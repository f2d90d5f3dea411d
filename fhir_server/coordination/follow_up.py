"""A discharge home of a person who is followed, or agreed to be, opens a Task for the coordinator: the call after discharge.

Followed means: an active CareTeam or EpisodeOfCare; agreed: a referral or a ward's request that carries the person's agreement and is not
over. For anyone else nothing is opened, and where nothing says that the stay ended at home, nothing is guessed (docs/coordination.md).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fhir_server.coordination.reconcile import Reader, Reason, Scope, reconciled
from fhir_server.coordination.standing import standing
from fhir_server.model.json_format import Resource

FOLLOW_UP_SYSTEM = "https://passerelle.care/fhir/identifier/discharge-follow-up"
PROFILE = "https://passerelle.care/fhir/StructureDefinition/passerelle-follow-up-call"
TASK_CODES = "https://passerelle.care/fhir/CodeSystem/coordination-task"
DISCHARGE_DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
DISCHARGE_DESTINATION = "https://passerelle.care/fhir/CodeSystem/discharge-destination"
HOME = {(DISCHARGE_DISPOSITION, "home"), (DISCHARGE_DESTINATION, "home"), (DISCHARGE_DESTINATION, "home-hospitalisation")}
CALL_WITHIN_DAYS = 30
"""The transition from hospital to home lasts 30 to 90 days; the first contact belongs to its beginning."""
NO_STAY = ("AMB", "PRENC", "VR")
"""Encounter classes of who is not in hospital: an outpatient visit, a pre-admission, a remote consultation."""
AGREEMENT = "https://passerelle.care/fhir/StructureDefinition/agreement"
OPEN_REQUEST = "requested,received,accepted,in-progress,on-hold"
COORDINATION_ROLES = ("330", "309", "301")  # TRE_R85: coordonnateur de parcours, gestionnaire de cas, coordination territoriale d'appui


def is_stay(encounter: Resource) -> bool:
    """Whether the person is, was or would be in hospital, more than for a visit."""
    return (encounter.get("class") or {}).get("code") not in NO_STAY


def ended_at_home(encounter: Resource) -> bool:
    """True for a finished stay whose discharge disposition says home, home hospitalisation included."""
    disposition = (encounter.get("hospitalization") or {}).get("dischargeDisposition") or {}
    codings = {(coding.get("system"), coding.get("code")) for coding in disposition.get("coding") or ()}
    return encounter.get("status") == "finished" and is_stay(encounter) and bool(codings & HOME)


async def call_after(
    encounter: Resource, url: str, patient_id: str, followers: list[Resource], reader: Reader, scope: Scope, died: bool
) -> dict[str, Any] | None:
    """The Bundle entry that opens, moves or takes back the Task, or None; there is one for a stay, however often its discharge is told.

    `url` is how the Task refers to the Encounter, `followers` are who follows the person, `died` is whether she did. A call stays open
    where nobody follows her any more: what it asks is still to be done, and who owns it decides.
    """
    key = stay_key(encounter)
    wanted: Resource | Reason = Reason.DIED if died else Reason.MOVEMENT
    if ended_at_home(encounter) and not died:
        if not followers:
            return None
        wanted = _task(encounter, url, patient_id, coordinator(followers), key)
    return next(iter(await reconciled("Task", FOLLOW_UP_SYSTEM, {key: wanted}, reader, scope)), None)


async def who_follows(encounter: Resource, patient_ids: list[str], reader: Reader, now: datetime) -> list[Resource]:
    """Who follows the person of a stay; where nobody does and she goes home, the requests for support that she agreed to."""
    followers = await followed_by(patient_ids, reader, now)
    return followers if followers or not ended_at_home(encounter) else await agreed_to(patient_ids, reader)


async def agreed_to(patient_ids: list[str], reader: Reader) -> list[Resource]:
    """The wards' requests and the referrals of a person that are not over and say that she agreed, wards' requests first."""
    patient = ("patient", ",".join(f"Patient/{id_}" for id_ in patient_ids))
    asked = await reader.search("Task", [patient, ("code", f"{TASK_CODES}|ward-request"), ("status", OPEN_REQUEST)])
    asked += await reader.search("ServiceRequest", [patient, ("status", "active")])
    return [one for one in asked if _agreed(one)]


def _agreed(request: Resource) -> bool:
    agreements = (one.get("extension") or () for one in request.get("extension") or () if one.get("url") == AGREEMENT)
    said = ({part.get("url"): part.get("valueCode") for part in parts} for parts in agreements)
    return any(one.get("party") == "person" and one.get("outcome") == "agreed" for one in said)


async def followed_by(patient_ids: list[str], reader: Reader, now: datetime) -> list[Resource]:
    """The active care teams and episodes of care of a person (all her records, where some were merged) as they stand now, care
    teams first."""
    patient = ("patient", ",".join(f"Patient/{id_}" for id_ in patient_ids))
    teams = await reader.search("CareTeam", [patient, ("status", "active")])
    return standing([*teams, *await reader.search("EpisodeOfCare", [patient, ("status", "active")])], now)


def stay_key(encounter: Resource) -> str:
    """What tells this stay from every other: its visit number with the authority that gave it, else its first number, else its id."""
    for identifier in sorted(encounter.get("identifier") or (), key=_is_no_visit_number):
        if identifier.get("value"):
            return f"{identifier.get('system', '')}#{identifier['value']}".replace("|", "_").replace(",", "_")
    return str(encounter.get("id"))


def _is_no_visit_number(identifier: dict[str, Any]) -> bool:
    return all(coding.get("code") != "VN" for coding in (identifier.get("type") or {}).get("coding") or ())


def _task(encounter: Resource, encounter_url: str, patient_id: str, owner: dict[str, Any] | None, key: str) -> Resource:
    end = (encounter.get("period") or {}).get("end")
    task: Resource = {
        "resourceType": "Task",
        "identifier": [{"system": FOLLOW_UP_SYSTEM, "value": key}],
        "status": "requested",
        "intent": "order",
        "priority": "urgent",
        "code": {
            "coding": [{"system": TASK_CODES, "code": "discharge-follow-up", "display": "Call after discharge"}],
            "text": "Appel après la sortie d'hospitalisation / Call after discharge",
        },
        "description": "Sortie à domicile d'une personne suivie : appeler, vérifier les traitements, les aides et le rendez-vous médical.",
        "focus": {"reference": encounter_url},
        "for": {"reference": f"Patient/{patient_id}"},
        "encounter": {"reference": encounter_url},
    }
    if owner:
        task["owner"] = owner
    if end:
        task["authoredOn"] = end
        if len(end) >= len("2026-11-23"):  # of a month or a year, no day is guessed
            task["restriction"] = {"period": _window(end)}
            task["meta"] = {"profile": [PROFILE]}
    return task


def _window(end: str) -> dict[str, str]:
    first = date.fromisoformat(end[:10])
    return {"start": first.isoformat(), "end": (first + timedelta(days=CALL_WITHIN_DAYS)).isoformat()}


def coordinator(followers: list[Resource]) -> dict[str, Any] | None:
    """The first coordinator that one of the followers names; a team without any does not hide another's."""
    return next((owner for one in followers if (owner := follower_owner(one))), None)


def follower_owner(follower: Resource) -> dict[str, Any] | None:
    """The coordinator: of an episode its care manager, of a team the member with a coordinating role, else who manages it; of a request
    for support who is asked.
    """
    if follower["resourceType"] in ("Task", "ServiceRequest"):
        return follower.get("owner") or next(iter(follower.get("performer") or ()), None)
    if follower["resourceType"] == "EpisodeOfCare":
        return follower.get("careManager") or follower.get("managingOrganization")
    for participant in follower.get("participant") or ():
        roles = {coding.get("code") for role in participant.get("role") or () for coding in role.get("coding") or ()}
        if roles & set(COORDINATION_ROLES):
            member: dict[str, Any] | None = participant.get("member")
            return member
    managing: list[dict[str, Any]] = follower.get("managingOrganization") or []
    return managing[0] if managing else None
