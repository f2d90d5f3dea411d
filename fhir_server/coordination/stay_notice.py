"""Who is told of a stay: the coordinator of an admission, the expected discharge and where the person went, the GP of each discharge.

A notice is a Communication in preparation, for whatever channel sends it. Of a person whom nobody follows, the coordinator hears nothing;
a screening is proposed to the general practitioner when she goes home (docs/coordination.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_server.coordination.departure import FOLLOWED, PATIENT, departure
from fhir_server.coordination.follow_up import coordinator, ended_at_home, is_stay, stay_key
from fhir_server.coordination.reconcile import Reader, Reason, Scope, reconciled
from fhir_server.model.json_format import Resource

NOTICE_SYSTEM = "https://passerelle.care/fhir/identifier/stay-notice"
PROFILE = "https://passerelle.care/fhir/StructureDefinition/passerelle-communication"
TOPICS = "https://passerelle.care/fhir/CodeSystem/communication-topic"
CHANNELS = "https://passerelle.care/fhir/CodeSystem/communication-channel"
EXPECTED_DISCHARGE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-estimated-discharge-date"
IN_HOSPITAL = ("in-progress", "onleave")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: `name` tells it from the other notices of the stay."""

    name: str
    topic: str
    channel: str
    words: str
    recipient: Resource | None


async def notices(
    encounter: Resource, url: str, patient: Resource, followers: list[Resource], reader: Reader, scope: Scope
) -> list[dict[str, Any]]:
    """The Bundle entries that make the notices of a stay what they should be now."""
    wanted: dict[str, Resource | Reason] = {}
    for notice, due in _all(encounter, patient, followers):
        key = f"{stay_key(encounter)}#{notice.name}"
        if isinstance(due, Reason):
            wanted[key] = due
        elif notice.recipient:  # a notice stays where nobody is there to be told any more
            wanted[key] = _communication(notice, encounter, url, key)
    return await reconciled("Communication", NOTICE_SYSTEM, wanted, reader, scope)


def _all(encounter: Resource, patient: Resource, followers: list[Resource]) -> list[tuple[Notice, Reason | None]]:
    """Each notice a stay may ask for, and why it does not now. What became an outpatient visit (A07) asks for none any more."""
    there = is_stay(encounter) and encounter.get("status") in IN_HOSPITAL
    over = is_stay(encounter) and encounter.get("status") == "finished"
    home = ended_at_home(encounter)
    day = next((one.get("valueDate") for one in encounter.get("extension", []) if one.get("url") == EXPECTED_DISCHARGE), None)
    follower = coordinator(followers)
    doctor = next(iter(patient.get("generalPractitioner", [])), None)
    proposed = doctor or encounter.get("serviceProvider")
    return [
        (Notice("admission", "admission", "shared-record", ADMITTED, follower), _unless(there)),
        (Notice("expected-discharge", "discharge", "shared-record", EXPECTED.format(day=day), follower), _unless(there and bool(day))),
        (Notice("departure", "discharge", "shared-record", departure(encounter, FOLLOWED), follower), _unless(over and not home)),
        (Notice("discharge", "discharge", "mssante", departure(encounter, PATIENT), doctor), _unless(over)),
        (
            Notice("screening", "screening-proposed", "mssante", SCREENING, proposed),
            Reason.FOLLOWED if home and followers else _unless(home),
        ),
    ]


def _unless(due: bool) -> Reason | None:
    return None if due else Reason.MOVEMENT


ADMITTED = "Une personne que vous suivez est hospitalisée. / A person whom you follow is in hospital."
EXPECTED = "Sortie prévue le {day} d'une personne que vous suivez. / A person whom you follow is expected to leave hospital on {day}."
SCREENING = "Sortie à domicile : un repérage peut être proposé. / Back home from hospital: a screening may be proposed."


def _communication(notice: Notice, encounter: Resource, url: str, key: str) -> Resource:
    said: Resource = {
        "resourceType": "Communication",
        "identifier": [{"system": NOTICE_SYSTEM, "value": key}],
        "status": "preparation",
        "medium": [{"coding": [{"system": CHANNELS, "code": notice.channel}]}],
        "subject": encounter["subject"],
        "topic": {"coding": [{"system": TOPICS, "code": notice.topic}]},
        "about": [{"reference": url}],
        "encounter": {"reference": url},
        "recipient": [notice.recipient],
        "payload": [{"contentString": notice.words}],
    }
    if provider := encounter.get("serviceProvider"):
        said |= {"sender": provider, "meta": {"profile": [PROFILE]}}
    return said
