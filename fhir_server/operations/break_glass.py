"""Access in an emergency ("break the glass"): who may see nothing of a person sees all of it for some hours, says why, and is told of.

What opens is a Consent that nobody gave and that says so (`policyRule` BTG of v3-ActReason,
https://terminology.hl7.org/CodeSystem-v3-ActReason.html), so it is seen, ended and audited like any other; beside it a Communication
tells the person's circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fhir_server.model.json_format import Resource
from fhir_server.search.sight.grant import BREAK_GLASS, PRIVACY
from fhir_server.security.caller import Actor

REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_ROLE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
LONGEST_REASON = 1000


def opening(patient: str, actors: Iterable[Actor], reason: str, now: datetime, hours: float) -> Resource:
    """A transaction that opens the record of the patient (an id) to the actors from now on, and tells of it."""
    whom = [{"reference": "/".join(actor)} for actor in sorted(actors)]
    person, since = {"reference": f"Patient/{patient}"}, _instant(now)
    resources = [_consent(person, whom, reason, since, _instant(now + timedelta(hours=hours))), _alert(person, whom, reason, since)]
    entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _consent(person: Resource, whom: list[Resource], reason: str, since: str, until: str) -> Resource:
    emergency = {"coding": [{"system": REASON, "code": BREAK_GLASS, "display": "break the glass"}], "text": reason}
    role = {"coding": [{"system": _ROLE, "code": "IRCP", "display": "information recipient"}]}
    return {
        "resourceType": "Consent", "status": "active", "patient": person, "dateTime": since,
        "scope": {"coding": [{"system": _SCOPE, "code": PRIVACY}]},
        "category": [{"coding": [{"system": REASON, "code": BREAK_GLASS, "display": "break the glass"}]}],
        "policyRule": emergency,
        "provision": {
            "type": "permit", "period": {"start": since, "end": until}, "actor": [{"role": role, "reference": one} for one in whom],
            "purpose": [{"system": REASON, "code": BREAK_GLASS}],
        },
    }  # fmt: skip


def _alert(person: Resource, whom: list[Resource], reason: str, since: str) -> Resource:
    told = "Accès en urgence à ce dossier, hors du cercle de soins / Emergency access to this record from outside the care circle"
    return {
        "resourceType": "Communication", "status": "completed", "priority": "urgent", "subject": person, "sent": since, "sender": whom[0],
        "category": [{"coding": [{"system": REASON, "code": BREAK_GLASS, "display": "break the glass"}]}],
        "reasonCode": [{"text": reason}], "payload": [{"contentString": told}],
    }  # fmt: skip
