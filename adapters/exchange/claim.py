"""Which profiles of the guide the resources of a message keep to: told in `meta.profile` (https://hl7.org/fhir/R4/resource.html#Meta.profile).

A claim is a promise to whoever reads the resource, so it is made only where the resource has what the profile asks and a message may lack.
A claim of ours that does not hold any more goes; what others claimed stays. tests/exchange/test_claims.py has the validator ask for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.endpoint import Resource
from adapters.exchange.identity import BIRTH_PLACE, INS_SYSTEMS, RELIABILITY, is_qualified

GUIDE = "https://passerelle.care/fhir/StructureDefinition/passerelle-"
BIRTH_GIVEN_NAMES = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name"
INSEE_CODE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code"
NATIONAL_NUMBERS = ("https://rpps.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.1")
NATIONAL_STRUCTURES = ("https://finess.esante.gouv.fr", "https://sirene.fr", "urn:oid:1.2.250.1.71.4.2.2")
ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
GENDERS = ("female", "male", "unknown")
UNKNOWN_PLACE = "99999"


def claimed(bundle: Resource) -> Resource:
    """The transaction whose resources claim what they keep to."""
    return {**bundle, "entry": [{**entry, "resource": with_claim(entry["resource"])} for entry in bundle["entry"]]}


def with_claim(resource: Resource) -> Resource:
    """The resource with the first profile of its type that it keeps to, or without any of ours."""
    possible = CLAIMS.get(resource["resourceType"])
    if possible is None:
        return resource
    meta = resource.get("meta", {})
    own = {GUIDE + name for name, _ in possible}
    kept = [one for one in meta.get("profile", []) if one not in own]
    held = next(([GUIDE + name] for name, holds in possible if holds(resource)), [])
    rest = {name: value for name, value in meta.items() if name != "profile"}
    meta = {**rest, "profile": [*kept, *held]} if kept or held else rest
    without = {name: value for name, value in resource.items() if name != "meta"}
    return {**without, "meta": meta} if meta else without


def _patient(patient: Resource) -> bool:
    """A name, and what there is of identity, means of contact and persons to tell is of the form that the profile wants."""
    return (
        bool(patient.get("name"))
        and len(_official(patient)) <= 1
        and all(one.get("family") and one.get("given") for one in _official(patient))
        and patient.get("gender", "unknown") in GENDERS
        and len(_extensions(patient, RELIABILITY)) <= 1
        and all(one.get("telecom") or one.get("address") for one in patient.get("contact", []))
        and _reachable(patient)
    )


def _with_ins(patient: Resource) -> bool:
    """A qualified identity with all the traits of the INS (RNIV), which do not contradict each other."""
    return (
        _patient(patient)
        and is_qualified(patient)
        and sum(one.get("system") in INS_SYSTEMS for one in patient["identifier"]) == 1
        and bool(patient.get("birthDate") and patient.get("gender"))
        and [_agree(one) for one in _official(patient)] == [True]
        and _place_is_known(patient)
    )


def _official(patient: Resource) -> list[dict[str, Any]]:
    return [one for one in patient.get("name", []) if one.get("use") == "official"]


def _agree(name: dict[str, Any]) -> bool:
    """Whether the list of given names at birth begins with the first given name."""
    lists = [str(one.get("valueString", "")) for one in _extensions(name, BIRTH_GIVEN_NAMES)]
    return len(lists) == len(name["given"]) == 1 and _plain(lists[0]).startswith(_plain(name["given"][0]))


def _plain(text: str) -> str:
    return text.upper().replace("-", " ")


def _place_is_known(patient: Resource) -> bool:
    places = [one.get("valueAddress", {}) for one in _extensions(patient, BIRTH_PLACE)]
    codes = [code.get("valueCoding", {}).get("code") for place in places for code in _extensions(place, INSEE_CODE)]
    return len(codes) == 1 and codes[0] not in (None, UNKNOWN_PLACE)


def _extensions(element: Resource, url: str) -> list[Resource]:
    return [one for one in element.get("extension", []) if one.get("url") == url]


def _reachable(resource: Resource) -> bool:
    return all(one.get("system") and one.get("value") for one in resource.get("telecom", []))


def _stay(stay: Resource) -> bool:
    """Since when and where it is, and of which class; one of which only a cancellation is known has no beginning."""
    period = stay.get("period", {})
    told = period.get("start") and stay.get("serviceProvider") and stay.get("class", {}).get("system") == ACT_CODES
    return bool(told) and (stay["status"] != "finished" or "end" in period)


def _practitioner(practitioner: Resource) -> bool:
    numbers = practitioner.get("identifier", [])
    return any(one.get("system") in NATIONAL_NUMBERS for one in numbers) and _named(practitioner) and _reachable(practitioner)


def _named(practitioner: Resource) -> bool:
    names = practitioner.get("name", [])
    return bool(names) and all(one.get("family") for one in names)


def _organization(organization: Resource) -> bool:
    numbers = organization.get("identifier", [])
    told = organization.get("name") or organization.get("_name")
    return bool(told) and any(one.get("system") in NATIONAL_STRUCTURES for one in numbers)


def _document(document: Resource) -> bool:
    files = [one.get("attachment", {}) for one in document.get("content", [])]
    return bool(
        document.get("masterIdentifier", {}).get("system")
        and document.get("type")
        and document.get("date")
        and files
        and all(one.get("url") and one.get("contentType") and one.get("size") is not None for one in files)
    )


def _appointment(appointment: Resource) -> bool:
    """Whom one meets is told; what is cancelled has its reason."""
    return all(one.get("actor") for one in appointment["participant"]) and (
        appointment["status"] != "cancelled" or bool(appointment.get("cancelationReason"))
    )


def _always(_: Resource) -> bool:
    return True


CLAIMS: dict[str, tuple[tuple[str, Callable[[Resource], bool]], ...]] = {
    "Patient": (("patient-ins", _with_ins), ("patient", _patient)),
    "Encounter": (("encounter-stay", _stay),),
    "Practitioner": (("practitioner", _practitioner),),
    "Organization": (("organization", _organization),),
    "DocumentReference": (("document-received", _document),),
    "Appointment": (("appointment", _appointment),),
    "Provenance": (("provenance", _always),),
}
"""By type the profiles of the guide, the narrowest first, and when a resource that came by a message keeps to each."""


def profiles() -> dict[str, list[str]]:
    """By type the canonical URLs of the profiles that its resources may claim."""
    return {type_: [GUIDE + name for name, _ in possible] for type_, possible in CLAIMS.items()}
