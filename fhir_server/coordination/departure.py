"""How a stay ended, in the words of a notice: where the person went, or that she died; nothing where the hospital did not say.

The destinations are the codes of discharge-destination (`profiles/`), which an HL7 v2 message says by ZFM-2 and ZFM-4 or PV1-36.
"""

from __future__ import annotations

from typing import NamedTuple

from fhir_server.coordination.follow_up import DISCHARGE_DESTINATION
from fhir_server.model.json_format import Resource


class Person(NamedTuple):
    """How who is told calls the person, in French and English: as the subject of a sentence, and after "de"."""

    french: str
    french_of: str
    english: str


class Way(NamedTuple):
    """The end of a sentence, in French and English."""

    french: str
    english: str


PATIENT = Person("Votre patient", "de votre patient", "Your patient")
FOLLOWED = Person("Une personne que vous suivez", "d’une personne que vous suivez", "A person whom you follow")
DEATH = "death"
WAYS = {
    "home": Way("\u202f: retour à domicile", ": back home"),
    "home-hospitalisation": Way("\u202f: hospitalisation à domicile", ": home hospitalisation"),
    "medico-social": Way(" pour un établissement médico-social", " for a medico-social home"),
    "rehabilitation": Way(" pour des soins de suite et de réadaptation", " for rehabilitation"),
    "long-term-care": Way(" pour une unité de soins de longue durée", " for a long-term care unit"),
    "acute-care": Way(" pour un autre service de court séjour", " for another acute care ward"),
    "psychiatry": Way(" pour un service de psychiatrie", " for psychiatric care"),
    "emergency": Way(" pour un service d’urgences", " for an emergency department"),
    "intensive-care": Way(" pour un service de réanimation", " for intensive care"),
    "other-hospital": Way(" pour un autre établissement ou service hospitalier", " for another hospital or ward"),
    "against-advice": Way(" contre avis médical", " against medical advice"),
    "escape": Way(" sans prévenir", " without telling anybody"),
}


def destination(encounter: Resource) -> str | None:
    """The code of discharge-destination that a stay ended with."""
    disposition = (encounter.get("hospitalization") or {}).get("dischargeDisposition") or {}
    return next((one.get("code") for one in disposition.get("coding") or () if one.get("system") == DISCHARGE_DESTINATION), None)


def departure(encounter: Resource, person: Person) -> str:
    """The sentence that tells of the end of a stay, in French and English."""
    code = destination(encounter)
    if code == DEATH:
        return f"Décès {person.french_of} à l’hôpital. / {person.english} died in hospital."
    way = WAYS.get(code or "", Way("", ""))
    return f"{person.french} a quitté l’hôpital{way.french}. / {person.english} has left hospital{way.english}."
