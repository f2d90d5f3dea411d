"""Where HL7 v2 partners are joined to the server: the tables `[NAME.hl7v2]` of the destinations, and what each is told in every commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from adapters.endpoint import OutgoingMessage
from adapters.hl7v2.outgoing import MessageMap, load_messages
from adapters.hl7v2.partner import EVENTS, KINDS, Change, Partner, announced, document_number, references
from fhir_server.access import AccessDesk
from fhir_server.access.seeing import MarksOf, Seeing
from fhir_server.coordination.plan_copy import plan_copy, plan_copy_id
from fhir_server.endpoint import outbox_entry
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.rest.known_clients import KnownClients
from fhir_server.security.caller import OPEN, Caller
from fhir_server.settings import Settings, SettingsError, read_toml
from fhir_server.store.change import Commit, Deletion, Write
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored, instant
from fhir_server.telling_store import Telling, Upcoming

LOOKED_BACK = 200
"""Versions of a plan among which the one is looked for that a partner has."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[^|^~\\&\r\n]{1,180}$")]


class PartnerTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[NAME.hl7v2]` (docs/hospital.md)."""

    application: Name
    facility: Name
    from_application: Name = "PASSERELLE"
    from_facility: str = ""
    processing: Literal["P", "T", "D"] = "P"
    sends: list[str] = []
    client: str = ""
    acknowledgements: Literal["", "AL", "NE"] = ""


def partners_of(settings: Settings) -> list[Partner]:
    """Those of the destinations' file; SettingsError names the table that cannot be used."""
    if settings.destinations is None:
        return []
    tables = read_toml(settings.destinations)
    place = f"destinations: {settings.destinations}: "
    return [
        _partner(name, table["hl7v2"], settings, f"{place}[{name}.hl7v2]: ")
        for name, table in tables.items()
        if isinstance(table, dict) and "hl7v2" in table
    ]


def acknowledged_partners(settings: Settings) -> dict[str, Partner]:
    """Those with a listener of their own for application acknowledgements, by `application|facility`."""
    return {one.sender: one for one in partners_of(settings) if one.acknowledged}


def _partner(name: str, table: Any, settings: Settings, place: str) -> Partner:
    try:
        said = msgspec.convert(table, PartnerTable)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{place}{error}.") from None
    if unknown := [one for one in said.sends if one not in EVENTS]:
        raise SettingsError(f"{place}sends: {', '.join(unknown)} is not sent (there are {', '.join(EVENTS)}).")
    if said.sends and not said.client and settings.authentication == "required":
        raise SettingsError(f"{place}say by `client` which registered client it is: what that client may read is what it is told.")
    return Partner(
        name, said.application, said.facility, said.from_application, said.from_facility, said.processing, tuple(said.sends), said.client,
        said.acknowledgements,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a partner may be told: what its client may read, decided as for a request of that client. Without a client, where nobody is
    authenticated, all."""

    store: Store
    desk: AccessDesk
    clients: KnownClients
    marks_of: MarksOf
    clock: Callable[[], float] = time.time

    async def seen(self, partner: Partner, resources: Sequence[Resource]) -> list[Resource]:
        """Those that it may be told, as they will stand."""
        caller = await self._caller(partner)
        if caller is None:
            return []
        seeing = Seeing(self.store, await self.desk.access(caller), self.marks_of)
        return [one for one in resources if await seeing.sees(_as_stored(one))]

    async def _caller(self, partner: Partner) -> Caller | None:
        if not partner.client:
            return OPEN
        client = (await self.clients.now()).by_id.get(partner.client)
        return client.caller() if client is not None and client.counts(self.clock()) else None


def _as_stored(resource: Resource) -> Stored:
    return Stored(resource["resourceType"], resource["id"], 1, 0, "PUT", msgspec.json.encode(resource), 0)


class Partners:
    """The `fhir_server.telling_store.Teller` of the partners. `store` is asked what stands; `ready` makes a write of a resource."""

    def __init__(
        self, partners: Sequence[Partner], store: Store, eyes: Eyes, ready: Callable[[Resource, str], Write],
        clock: Callable[[], float] = time.time, maps: Mapping[str, MessageMap] | None = None,
    ):  # fmt: skip
        self._partners, self._store, self._eyes, self._ready, self._clock = partners, store, eyes, ready, clock
        self._maps = maps or load_messages()
        wanted = {name for one in partners for name in one.sends}
        self.types: Collection[str] = frozenset(name for name, kind in KINDS.items() if wanted & self._events(*kind.maps))
        self.deletions: Collection[str] = frozenset(name for name, kind in KINDS.items() if wanted & self._events(kind.over))

    def _events(self, *names: str) -> set[str]:
        return {"^".join(self._maps[name].event.split("^")[:2]) for name in names}

    async def telling(self, upcoming: Sequence[Upcoming], commit: Commit) -> Telling:
        written = {f"{one.type}/{one.id}": one for one in commit.changes if isinstance(one, Write)}
        found = [await self._of_change(one, written, commit.by) for one in upcoming if not one.is_unchanged]
        return Telling(tuple(one for said in found for one in said.sends), tuple(one for said in found for one in said.writes))

    async def _of_change(self, one: Upcoming, written: Mapping[str, Write], by: str) -> Telling:
        partners = [partner for partner in self._partners if partner.sends and not partner.is_from(by)]
        if not partners:
            return Telling()
        change = await self._looked_at(one, written)
        told = [await self._told(partner, change) for partner in partners]
        return Telling(
            tuple(outbox_entry(sent) for said in told for sent, _ in said), tuple(write for said in told for _, write in said if write)
        )

    async def _looked_at(self, one: Upcoming, written: Mapping[str, Write]) -> Change:
        previous = _resource(one.previous.content) if one.previous and one.previous.content else None
        now, deleted = int(self._clock() * 1_000_000), isinstance(one.change, Deletion)
        if isinstance(one.change, Write):
            resource = _resource(one.change.body.render(one.version, now))
        else:
            resource = _with_version(previous or {}, one.version, instant(now))
        found = [await self._target(place, written) for place in references(resource)]
        return Change(resource, previous, [target for target in found if target], deleted)

    async def _target(self, place: str, written: Mapping[str, Write]) -> Resource | None:
        """What a reference leads to: as this commit writes it, else as it stands."""
        type_name, _, id_ = place.partition("/")
        if write := written.get(place):
            return _resource(write.body.render(1, 0))
        if not id_ or "/" in id_:
            return None
        stored = await self._store.read(type_name, id_)
        return _resource(stored.content) if stored and stored.content else None

    async def _told(self, partner: Partner, change: Change) -> list[tuple[OutgoingMessage, Write | None]]:
        resource, now = change.resource, datetime.fromtimestamp(self._clock(), UTC)
        seen = await self._eyes.seen(partner, [resource, *change.around])
        if [one for one in (resource, *change.around) if one["resourceType"] in KINDS and one not in seen]:
            return []
        is_plan = resource["resourceType"] == "CarePlan"
        replaces = await self._had(partner, resource) if is_plan else ""
        message = announced(partner, self._maps, replace(change, around=seen[1:]), now, replaces)
        if message is None or not is_plan or not change.stands:
            return [(message, None)] if message else []
        copy = plan_copy(resource, partner.name, partner.sender, document_number(resource))
        return [(replace(message, about=f"Communication/{copy['id']}"), self._ready(copy, copy["id"]))]

    async def _had(self, partner: Partner, plan: Resource) -> str:
        """The number of the document that the partner has of a plan, "" where it has none: the newest whose Communication is there."""
        newest = int(plan["meta"]["versionId"]) - 1
        for version in range(newest, max(newest - LOOKED_BACK, 0), -1):
            found = await self._store.read("Communication", plan_copy_id(partner.name, plan["id"], version))
            if found and found.content:
                return document_number({"id": plan["id"], "meta": {"versionId": version}})
        return ""


def _with_version(resource: Resource, version: int, updated: str) -> Resource:
    return {**resource, "meta": {**(resource.get("meta") or {}), "versionId": str(version), "lastUpdated": updated}}


def _resource(content: bytes) -> Resource:
    found: Resource = decode_json(content)
    return found
