"""Whose message it is: the French rules of identity for any adapter that brings a Patient (RNIV; FR Core patient-ins).

The INS finds a patient only when the identity is qualified; a hospital's own number (IPP) only within that hospital. A found patient whose
strict traits contradict the message is never merged with it: the message is refused, saying which trait, for a person to decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.endpoint import FhirEndpoint
from adapters.mapping.run import Entry, Resource, Run
from adapters.mapping.transaction import token
from fhir_server.identifiers.nir import has_right_key
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.person_name import plain_name
from fhir_server.model.phrase import Phrase, phrase

INS_ROOT = "urn:oid:1.2.250.1.213.1.4."
INS_SYSTEMS = frozenset(INS_ROOT + arc for arc in ("8", "9", "10", "11"))
RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
QUALIFIED = frozenset(("VALI", "QUAL"))
ESTABLISHED = QUALIFIED | {"RECUP"}
WRONG_KEY = phrase(
    "PID-3: the key of the INS is not the one that its digits give; the INS was neither used nor kept, and the identity does not count as"
    " qualified: correct it, and send the identity again"
)
ONLY_WRONG = phrase(
    "The key of the INS is not the one that its digits give, and the message has no other number for the person. Nothing was stored:"
    " correct the INS or add the hospital's number, then send the message again."
)


async def find_patient(entry: Entry, endpoint: FhirEndpoint, run: Run, besides: str | None = None) -> Resource | None:
    """The patient that an entry is about, None for a new one; FhirError(INVALID) naming the element where it cannot be said.

    Takes out of the entry what must not overwrite a qualified identity, with a note. A record that was merged into another stands for the
    other; the one with the id `besides` is not looked at.
    """
    patient = entry.resource
    _leave_out_wrong_ins(patient, run)
    ins = [one for one in patient["identifier"] if one.get("system") in INS_SYSTEMS]
    local = [one for one in patient["identifier"] if one.get("system") not in INS_SYSTEMS]
    by_ins = await _only(ins, endpoint, phrase("INS"), besides, entry)
    by_local = await _only(local, endpoint, phrase("number of this hospital"), besides, entry)
    existing = by_ins or by_local
    if by_ins and by_local and by_ins["id"] != by_local["id"]:
        raise _refusal(
            phrase("The INS is one patient's and the hospital's number another's; they must be merged first."), "Patient.identifier"
        )
    if existing is not None:
        _agree(existing, patient, found_by_ins=by_ins is not None)
        if by_ins is None:
            _same_person(existing, patient, run)
        _spare_qualified(existing, entry, qualified=bool(ins), run=run)
    return existing


def _leave_out_wrong_ins(patient: Resource, run: Run) -> None:
    """An INS that was mistyped is nobody's, or another's: it finds no patient, is not kept, and qualifies no identity."""
    ins = [one for one in patient["identifier"] if one.get("system") in INS_SYSTEMS]
    wrong = [one for one in ins if not has_right_key(one["value"])]
    if not wrong:
        return
    run.note(WRONG_KEY)
    patient["identifier"] = [one for one in patient["identifier"] if one not in wrong]
    if len(wrong) == len(ins):
        _keep(patient, "extension", [one for one in patient.get("extension", []) if one.get("url") != RELIABILITY])
    if not patient["identifier"]:
        raise fault(Category.INVALID, "value", ONLY_WRONG, "Patient.identifier")


async def _only(
    identifiers: Iterable[dict[str, Any]], endpoint: FhirEndpoint, what: str, besides: str | None, entry: Entry
) -> Resource | None:
    found: dict[str, Resource] = {}
    for identifier in identifiers:
        holders = [one for one in await endpoint.search("Patient", [("identifier", token(identifier))]) if one["id"] != besides]
        for one in holders:
            kept = await surviving(one, endpoint)
            found[kept["id"]] = kept
        if holders and all(_given_up(one, identifier) for one in holders):
            entry.resource["identifier"] = [one for one in entry.resource["identifier"] if one is not identifier]
    if len(found) > 1:
        sentence = phrase(
            "{count} patients have this {what}; they must be merged before the message can be used.", count=len(found), what=what
        )
        raise fault(Category.INVALID, "multiple-matches", sentence, "Patient.identifier")
    return next(iter(found.values()), None)


def _given_up(holder: Resource, identifier: Resource) -> bool:
    """Whether a number is of a record that was merged into another, or was replaced: it finds, and is not written again."""
    uses = [one.get("use") for one in holder["identifier"] if (one.get("system"), one.get("value")) == _number(identifier)]
    return replaced_by(holder) is not None or uses == ["old"]


def _number(identifier: Resource) -> tuple[Any, Any]:
    return identifier.get("system"), identifier.get("value")


def replaced_by(patient: Resource) -> str | None:
    """The reference to the record that replaces this one since a merge."""
    links = (link for link in patient.get("link", []) if link.get("type") == "replaced-by")
    return next((str(link["other"]["reference"]) for link in links if link.get("other", {}).get("reference")), None)


async def surviving(patient: Resource, endpoint: FhirEndpoint) -> Resource:
    """The record that stands for a patient after merges, the patient itself where there was none."""
    seen = {f"Patient/{patient['id']}"}
    while (reference := replaced_by(patient)) and reference not in seen:
        seen.add(reference)
        other = await endpoint.read("Patient", reference.removeprefix("Patient/"))
        if other is None:
            break
        patient = other
    return patient


def _agree(existing: Resource, said: Resource, found_by_ins: bool) -> None:
    """Two INS of one kind never agree; on an INS match neither do two birth dates, genders or birth names."""
    if any(ours["value"] != theirs["value"] for ours, theirs in _same_kind(existing, said)):
        raise _refusal(phrase("The patient with this hospital number has another INS."), "Patient.identifier")
    if not found_by_ins:
        return
    for element, sentence in CONTRADICTIONS.items():
        if _contradict(_trait(existing, element), _trait(said, element)):
            raise _refusal(sentence, element)


def _same_person(existing: Resource, said: Resource, run: Run) -> None:
    """A hospital's number whose holder has another birth name and another birth date was given twice, or two hospitals call themselves
    alike: never the one person made the other. Only an identity that is provisional, as of somebody unknown, becomes another; noted.
    """
    if not all(_contradict(_trait(existing, element), _trait(said, element)) for element in ("Patient.name", "Patient.birthDate")):
        return
    statuses = _statuses(existing)
    if not statuses or not ESTABLISHED.isdisjoint(statuses):
        raise _refusal(ANOTHER_PERSON, "Patient.name")
    run.note(IDENTITY_REPLACED)


ANOTHER_PERSON = phrase(
    "The patient with this hospital number has another birth name and another birth date: the number was given to two persons, or two"
    " hospitals name their numbers alike."
)
IDENTITY_REPLACED = "PID-5, PID-7: another birth name and another birth date take the place of those of a provisional identity"
CONTRADICTIONS = {
    "Patient.birthDate": phrase("The patient with this INS has another birth date."),
    "Patient.gender": phrase("The patient with this INS has another gender."),
    "Patient.name": phrase("The patient with this INS has another birth name."),
}


def _refusal(sentence: Phrase, element: str) -> FhirError:
    told = sentence + phrase(" Nothing was stored: check the identity, then send the message again.")
    return fault(Category.INVALID, "conflict", told, element)


def _same_kind(existing: Resource, said: Resource) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    current = {one["system"]: one for one in existing.get("identifier", []) if one.get("system") in INS_SYSTEMS and one.get("use") != "old"}
    return ((current[one["system"]], one) for one in said["identifier"] if one.get("system") in current)


def _trait(patient: Resource, element: str) -> str:
    if element == "Patient.birthDate":
        return str(patient.get("birthDate", ""))
    if element == "Patient.gender":
        gender = str(patient.get("gender", ""))
        return gender if gender in ("female", "male") else ""
    return next((plain_name(name.get("family", "")) for name in patient.get("name", []) if name.get("use") == "official"), "")


def _contradict(one: str, other: str) -> bool:
    """Nothing contradicts what was not said; a date is compared as far as both are known."""
    if not one or not other:
        return False
    length = min(len(one), len(other)) if one[:1].isdigit() else None
    return one[:length] != other[:length]


def is_qualified(patient: Resource) -> bool:
    """An INS and the status that says it was checked."""
    has_ins = any(one.get("system") in INS_SYSTEMS for one in patient.get("identifier", []))
    return has_ins and not QUALIFIED.isdisjoint(_statuses(patient))


def _statuses(patient: Resource) -> set[str]:
    parts = (part for one in patient.get("extension", []) if one.get("url") == RELIABILITY for part in one.get("extension", []))
    return {part.get("valueCoding", {}).get("code", "") for part in parts}


def _spare_qualified(existing: Resource, entry: Entry, qualified: bool, run: Run) -> None:
    """An identity that is not qualified does not change the traits of one that is."""
    if qualified or not is_qualified(existing):
        return
    run.note("PID-32: the identity here is qualified and the message's is not; the strict traits were kept as they are")
    said = entry.resource
    for element in ("gender", "birthDate"):
        said.pop(element, None)
        entry.deleted.pop(element, None)
    _keep(said, "name", [one for one in said.get("name", []) if one.get("use") != "official"])
    _keep(said, "extension", [one for one in said.get("extension", []) if one.get("url") not in (RELIABILITY, BIRTH_PLACE)])


def _keep(resource: Resource, name: str, items: list[Any]) -> None:
    if items:
        resource[name] = items
    else:
        resource.pop(name, None)
