"""Two records of one person made one, without losing either: `Patient.link` (https://hl7.org/fhir/R4/patient.html#links).

The record that is given up stays, inactive, and says which one replaces it: every reference to it still resolves, whatever comes under its
numbers goes to the other (identity.py), and taking the links away undoes it all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.endpoint import FhirEndpoint
from adapters.exchange.identity import find_patient, replaced_by
from adapters.mapping.run import Entry, Resource, Run
from adapters.mapping.transaction import Matched, token
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import Phrase, phrase

SURVIVOR, PRIOR = "patient", "prior"
"""The names that a map gives the record that stays and the one that is given up."""
NUMBER = "Patient.link"


async def find_prior(entry: Entry, endpoint: FhirEndpoint, _run: Run) -> Resource | None:
    """The record that is given up, by the hospital's own numbers only, links not followed."""
    found: dict[str, Resource] = {}
    for identifier in entry.resource["identifier"]:
        for one in await endpoint.search("Patient", [("identifier", token(identifier))]):
            found[one["id"]] = one
    if len(found) > 1:
        raise _refusal(
            "multiple-matches",
            phrase("{count} patients have the number that is given up; they must be told apart first.", count=len(found)),
        )
    return next(iter(found.values()), None)


async def find_survivor(entry: Entry, endpoint: FhirEndpoint, run: Run) -> Resource | None:
    """The record that stays: found as any patient is, but not as the one that is given up, which may have the INS."""
    prior = next((one for one in run.entries if one.template == PRIOR), None)  # none where both have the same number
    given_up = await find_prior(prior, endpoint, run) if prior else None
    return await find_patient(entry, endpoint, run, besides=given_up["id"] if given_up else None)


def merge(matched: Iterable[Matched]) -> None:
    """Link the record that is given up and the one that stays; FhirError where it was given up for another, or the other for it."""
    survivor, prior = _both(matched)
    _check(survivor, prior)
    survivor.plain_create = prior.existing is not None  # which may have the INS: it is not what is made here
    prior.entry.resource["active"] = False
    prior.entry.resource["link"] = [_link(survivor, "replaced-by")]
    survivor.entry.resource["link"] = [_link(prior, "replaces")]


def renumber(matched: list[Matched]) -> list[Matched]:
    """One record whose number changes: the old one stays findable, of use old. FhirError where both numbers are known, of two records."""
    survivor, prior = _both(matched)
    if survivor.existing and prior.existing and survivor.existing["id"] != prior.existing["id"]:
        raise _refusal("conflict", phrase("Both numbers are known, of two patients: this is a merge (A40), not a change of number."))
    survivor.existing = survivor.existing or prior.existing
    retired = [_retired(one) for one in prior.entry.resource["identifier"]]
    survivor.entry.resource["identifier"] = [*survivor.entry.resource["identifier"], *retired]
    survivor.entry.deleted["identifier"] = [{"system": one["system"], "value": one["value"]} for one in retired]
    return [one for one in matched if one is not prior]


def _retired(identifier: dict[str, Any]) -> dict[str, Any]:
    """Without its type, which says that it is a number in use."""
    return {"use": "old", "system": identifier["system"], "value": identifier["value"]}


def unmerged(survivor: Resource, prior: Resource) -> Resource:
    """The transaction Bundle that undoes a merge: both records stand by themselves again."""
    entries = [_written(_without_link(survivor, prior)), _written({**_without_link(prior, survivor), "active": True})]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _without_link(one: Resource, other: Resource) -> Resource:
    kept = [link for link in one.get("link", []) if link["other"].get("reference") != f"Patient/{other['id']}"]
    rest = {name: value for name, value in one.items() if name != "link"}
    return {**rest, "link": kept} if kept else rest


def _written(resource: Resource) -> dict[str, Any]:
    reference = f"Patient/{resource['id']}"
    request = {"method": "PUT", "url": reference, "ifMatch": f'W/"{resource["meta"]["versionId"]}"'}
    return {"fullUrl": reference, "resource": resource, "request": request}


def _both(matched: Iterable[Matched]) -> tuple[Matched, Matched]:
    by_name = {one.entry.template: one for one in matched}
    if PRIOR not in by_name or _share_a_number(by_name[SURVIVOR].entry, by_name[PRIOR].entry):
        raise _refusal("conflict", phrase("The number that is given up is the one that stays."))
    return by_name[SURVIVOR], by_name[PRIOR]


def _share_a_number(one: Entry, other: Entry) -> bool:
    numbers = [{(each["system"], each["value"]) for each in entry.resource["identifier"]} for entry in (one, other)]
    return not numbers[0].isdisjoint(numbers[1])


def _check(survivor: Matched, prior: Matched) -> None:
    if prior.existing is None:
        return
    if survivor.existing is not None and survivor.existing["id"] == prior.existing["id"]:
        raise _refusal(
            "conflict", phrase("The record that should stay was given up for the other one before, or both numbers are one patient's.")
        )
    if (other := replaced_by(prior.existing)) and other != survivor.reference:
        raise _refusal("conflict", phrase("The record that is given up was merged into another patient before."))


def _refusal(code: str, sentence: Phrase) -> FhirError:
    return fault(Category.INVALID, code, sentence + phrase(" Nothing was stored."), NUMBER)


def _link(other: Matched, kind: str) -> dict[str, Any]:
    return {"other": {"reference": other.reference or other.entry.full_url}, "type": kind}
