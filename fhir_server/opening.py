"""What stays open, written in the commit that tells of them, whoever writes: a hospital by HL7 v2, or software in FHIR (decision 0008).

It is the server's own doing: neither the rights of who writes nor what they see decide about it. It belongs to whom the stay belongs to,
and a stay that is kept for one tenant opens and takes back nothing of a person who is not.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fhir_server.coordination.death import calls_withdrawn, has_died, stays_of_calls_withdrawn
from fhir_server.coordination.follow_up import stay_key
from fhir_server.coordination.stay import RecordReader, asks, is_recent, linked, opened
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.search.sight.marks import TENANT_SYSTEM
from fhir_server.store.change import Change, Commit, Write
from fhir_server.store.store import Store
from fhir_server.telling_store import Telling, Upcoming

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://passerelle.care/fhir/opened-by-a-stay")
_DEATH = b'"deceased'

Entries = list[dict[str, Any]]
Written = Mapping[str, Write]


class Opening:
    """The `fhir_server.telling_store.Teller` of stays. `ready` makes a write of a resource; `now` has the zone of dates without offset."""

    types: Collection[str] = frozenset(("Encounter", "Patient"))
    deletions: Collection[str] = ()

    def __init__(self, store: Store, reader: RecordReader, ready: Callable[[Resource, str], Write], now: Callable[[], datetime]):
        self._store, self._reader, self._ready, self._now = store, reader, ready, now

    async def telling(self, upcoming: Sequence[Upcoming], commit: Commit) -> Telling:
        written = {_place(one): one for one in commit.changes if isinstance(one, Write)}
        changed = [(one.change, _before(one)) for one in upcoming if isinstance(one.change, Write)]
        stays = [(_resource(write), before) for write, before in changed if write.type == "Encounter"]
        entries = [entry for stay, before in stays for entry in await self._of_stay(stay, before, written, commit.settles is not None)]
        apart = {stay_key(stay) for stay, _ in stays}
        for write, before in changed:
            if write.type == "Patient" and (_DEATH in write.body.tail or (before and has_died(before))):
                entries += await self._of_life(_resource(write), before, apart)
        made = {_place(one): one for entry in reversed(entries) if (one := await self._write(entry))}
        decided = {_place(one) for one in commit.changes}
        return Telling(writes=tuple(one for place, one in made.items() if place not in decided))

    async def _of_stay(self, stay: Resource, before: Resource | None, written: Written, is_event: bool) -> Entries:
        """`is_event`: it comes of a hospital's message; else what lies long ago may only take back."""
        recent = is_event or is_recent(stay, self._now())
        if not (asks(stay) or asks(before)) or not (recent or before):
            return []
        patient, known = await self._patient(stay, written)
        if patient is None or not _is_kept_for_all_of(stay, patient):
            return []
        patient = await self._with_own_links(patient)
        entries = await opened(stay, before, patient, known, self._reader, self._now())
        return [_belonging(entry, stay) for entry in entries] if recent else _changes(entries)

    async def _patient(self, stay: Resource, written: Written) -> tuple[Resource | None, str | None]:
        """The person of a stay, as this commit leaves her, and her id where she was known before."""
        type_name, _, id_ = str((stay.get("subject") or {}).get("reference") or "").partition("/")
        if type_name != "Patient":
            return None, None
        if write := written.get(f"Patient/{id_}"):
            return _resource(write), None if write.fresh else id_
        return await self._reader.read("Patient", id_), id_

    async def _of_life(self, patient: Resource, before: Resource | None, apart: Collection[str]) -> Entries:
        """A death withdraws the calls of all stays, one taken back brings them back; those `apart` (their keys) are seen to already."""
        patient = await self._with_own_links(patient)
        ids = sorted({patient["id"], *linked(patient)})
        if has_died(patient):
            return await calls_withdrawn(ids, apart, self._reader)
        if not before or not has_died(before):
            return []
        entries: Entries = []
        for reference in await stays_of_calls_withdrawn(ids, self._reader):
            stay = await self._reader.read("Encounter", str(reference.get("reference")).removeprefix("Encounter/"))
            if stay and stay_key(stay) not in apart:
                entries += _changes(await opened(stay, None, patient, patient["id"], self._reader, self._now()))
        return entries

    async def _with_own_links(self, patient: Resource) -> Resource:
        """Without links to records that are not kept for whom this one is kept for: nobody brings those in by naming them."""
        others = [other for id_ in linked(patient) if (other := await self._reader.read("Patient", id_))]
        own = [f"Patient/{other['id']}" for other in others if _is_kept_for_all_of(patient, other)]
        links = [link for link in patient.get("link", []) if (link.get("other") or {}).get("reference") in own]
        return {**patient, "link": links} if "link" in patient else patient

    async def _write(self, entry: dict[str, Any]) -> Write | None:
        """Upon what stands, so that who opens the same meanwhile is seen; None where something stands that the rules do not know."""
        resource = entry["resource"]
        if entry["request"]["method"] == "PUT":
            return replace(self._ready(resource, resource["id"]), basis=int(resource["meta"]["versionId"]))
        identifier, person = resource["identifier"][0], (resource.get("for") or resource["subject"])["reference"]
        id_ = str(uuid.uuid5(_NAMESPACE, f"{resource['resourceType']} {identifier['system']} {identifier['value']} {person}"))
        standing = await self._store.read(resource["resourceType"], id_)
        if standing and not standing.deleted:
            return None
        return replace(self._ready(resource, id_), basis=standing.version if standing else 0)


def _is_kept_for_all_of(one: Resource, other: Resource) -> bool:
    """Whether the other is kept for every tenant that one is kept for: what comes of it shows nobody what they do not see."""
    return _tenants(one) <= _tenants(other)


def _tenants(resource: Resource) -> set[str]:
    tags = (resource.get("meta") or {}).get("tag") or ()
    return {str(tag.get("code")) for tag in tags if tag.get("system") == TENANT_SYSTEM}


def _place(change: Change) -> str:
    return f"{change.type}/{change.id}"


def _resource(write: Write) -> Resource:
    found: Resource = decode_json(write.body.render(1, 0))
    return found


def _before(one: Upcoming) -> Resource | None:
    found: Resource | None = decode_json(one.previous.content) if one.previous and one.previous.content else None
    return found


def _changes(entries: Entries) -> Entries:
    """Without those that make something."""
    return [entry for entry in entries if entry["request"]["method"] == "PUT"]


def _belonging(entry: dict[str, Any], stay: Resource) -> dict[str, Any]:
    """What is made belongs to the tenant that the stay belongs to, and is hidden from whom it is hidden from."""
    kept = {name: value for name in ("security", "tag") if (value := (stay.get("meta") or {}).get(name))}
    if not kept or entry["request"]["method"] == "PUT":
        return entry
    return {**entry, "resource": {**entry["resource"], "meta": {**(entry["resource"].get("meta") or {}), **kept}}}
