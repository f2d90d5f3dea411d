"""From the entries of a run to a transaction Bundle: find what the server has, merge, and write only what changes.

What exists is written with `ifMatch`, what is new with `ifNoneExist` on its first identifier, so that a message mapped on what
was read a moment ago cannot overwrite what came since (https://hl7.org/fhir/R4/http.html#transaction).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from adapters.endpoint import FhirEndpoint
from adapters.mapping.maps import Map
from adapters.mapping.merge import merged
from adapters.mapping.run import Entry, Resource, Run
from adapters.mapping.template import Template
from fhir_server.identifiers.same_professional import same_professional
from fhir_server.model.issue import Category, fault
from fhir_server.model.person_name import same_name
from fhir_server.model.phrase import phrase

MAX_IDENTIFIERS = 2000
_SPECIAL = re.compile(r"([\\,$|])")
PRACTITIONER = "Practitioner"

Strategy = Callable[[Entry, FhirEndpoint, Run], Awaitable[Resource | None]]
"""Finds the resource that an entry is about, None for a new one; FhirError(INVALID) where that cannot be said."""


@dataclass(slots=True)
class Matched:
    """An entry beside what the server has of it."""

    entry: Entry
    existing: Resource | None
    template: Template
    plain_create: bool = False  # another resource has the same identifier: create beside it

    @property
    def reference(self) -> str | None:
        return f"{self.existing['resourceType']}/{self.existing['id']}" if self.existing else None

    @property
    def is_left_out(self) -> bool:
        """The server has no such resource, and the map says not to make it: who refers to it names its identifier."""
        return self.existing is None and self.template.matching.get("absent") == "refer"


async def match_entries(run: Run, map_: Map, endpoint: FhirEndpoint, strategies: Mapping[str, Strategy]) -> list[Matched]:
    """Every entry of the run with what the server has of it; references to the latter already point at it."""
    _bounded(run)
    templates = [map_.templates[entry.template] for entry in run.entries]
    told = [(entry, template, strategies.get(template.matching["by"])) for entry, template in zip(run.entries, templates, strict=True)]
    candidates = await _candidates([entry for entry, _, strategy in told if strategy is None], endpoint)
    matched = [
        Matched(entry, await strategy(entry, endpoint, run), template) if strategy else _match(entry, template, candidates, run)
        for entry, template, strategy in told
    ]
    known = {one.entry.full_url: _target(one) for one in matched if one.reference or one.is_left_out}
    for reference in run.references:
        _redirect(reference, known)
    return matched


def _target(one: Matched) -> dict[str, Any]:
    """A literal reference, or a logical one (https://hl7.org/fhir/R4/references.html#logical)."""
    resource = one.entry.resource
    return {"reference": one.reference} if one.reference else {"type": resource["resourceType"], "identifier": resource["identifier"][0]}


def transaction(matched: list[Matched]) -> Resource | None:
    """The Bundle that makes the server know what the entries say; None where it knows already."""
    entries = [entry for one in matched if (entry := _written(one)) is not None]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries} if entries else None


def with_entries(bundle: Resource | None, entries: list[dict[str, Any]]) -> Resource | None:
    """The transaction with entries that no map made."""
    if not entries:
        return bundle
    said = bundle["entry"] if bundle else []
    return {"resourceType": "Bundle", "type": "transaction", "entry": [*said, *entries]}


def _bounded(run: Run) -> None:
    """Each identifier costs a search."""
    if sum(len(entry.resource.get("identifier", ())) for entry in run.entries) > MAX_IDENTIFIERS:
        sentence = phrase("The message speaks of more than {most} identifiers.", most=MAX_IDENTIFIERS)
        raise fault(Category.TOO_LARGE, "too-costly", sentence)


def _match(entry: Entry, template: Template, found: Mapping[str, list[Resource]], run: Run) -> Matched:
    candidates = found[entry.full_url]
    alike = [one for one in candidates if _is_alike(one, entry.resource, template)]
    if len(alike) > 1 and template.matching.get("many") != "first":
        raise _several(entry.resource)
    if candidates and not alike:
        run.note(f"{template.type}: the number is known under another name, so another {template.type} was made")
    return Matched(entry, alike[0] if alike else None, template, plain_create=bool(candidates))


def _is_alike(one: Resource, said: Resource, template: Template) -> bool:
    """Of a Practitioner the number alone never decides, whatever the map says."""
    if template.type == PRACTITIONER:
        return same_professional(one, said)
    return not template.confirm or same_name(one, said)


async def _candidates(entries: Sequence[Entry], endpoint: FhirEndpoint) -> dict[str, list[Resource]]:
    """What has an identifier of each entry, by the entry's fullUrl; all are looked for at once."""
    numbers = [(entry, identifier) for entry in entries for identifier in entry.resource["identifier"]]
    searches = [(entry.resource["resourceType"], [("identifier", token(identifier))]) for entry, identifier in numbers]
    found: dict[str, dict[str, Resource]] = {entry.full_url: {} for entry in entries}
    for (entry, _), holders in zip(numbers, await endpoint.search_each(searches), strict=True):
        for one in holders:
            found[entry.full_url].setdefault(one["id"], one)
    return {full_url: list(candidates.values()) for full_url, candidates in found.items()}


def token(identifier: Mapping[str, Any]) -> str:
    """`system|value` as a search by token wants it (https://hl7.org/fhir/R4/search.html#escaping)."""
    return "|".join(_escaped(str(identifier.get(name, ""))) for name in ("system", "value"))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _several(resource: Resource) -> Exception:
    type_name = resource["resourceType"]
    sentence = phrase(
        "Several {type} resources have this identifier; they must be told apart before the message can be used.", type=type_name
    )
    return fault(Category.INVALID, "multiple-matches", sentence, f"{type_name}.identifier")


def _redirect(reference: dict[str, Any], known: Mapping[str, dict[str, Any]]) -> None:
    if target := known.get(reference.get("reference", "")):
        beside = {name: value for name, value in reference.items() if name != "reference"}
        reference.clear()
        reference.update(target, **beside)


def _written(one: Matched) -> dict[str, Any] | None:
    if one.is_left_out:
        return None
    if one.existing is None:
        return _created(one)
    resource = merged(one.existing, one.entry.resource, one.entry.deleted, one.template.merge)
    if resource == one.existing:
        return None
    request = {"method": "PUT", "url": str(one.reference)}
    if version := one.existing.get("meta", {}).get("versionId"):
        request["ifMatch"] = f'W/"{version}"'
    return {"fullUrl": one.entry.full_url, "resource": resource, "request": request}


def _created(one: Matched) -> dict[str, Any]:
    resource = one.entry.resource
    request = {"method": "POST", "url": resource["resourceType"]}
    if not one.plain_create and (condition := _condition(resource)):
        request["ifNoneExist"] = urlencode(condition)
    return {"fullUrl": one.entry.full_url, "resource": resource, "request": request}


def _condition(resource: Resource) -> dict[str, str]:
    """How to know what another message made meanwhile: by the first identifier, of a Practitioner with the family name, or not at all."""
    condition = {"identifier": token(resource["identifier"][0])}
    if resource["resourceType"] != PRACTITIONER:
        return condition
    family = next((name["family"] for name in resource.get("name", []) if name.get("family")), None)
    return condition | {"family:exact": _escaped(family)} if family else {}
