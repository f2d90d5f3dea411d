"""The in-process `adapters.endpoint.FhirEndpoint`: the server's interactions without HTTP.

Messages come in through here, so here the coordination rules add what an event opens, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from fhir_server.coordination.death import calls_withdrawn, has_died
from fhir_server.coordination.follow_up import call_after, stay_key, who_follows
from fhir_server.coordination.stay_notice import notices
from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, operation_outcome
from fhir_server.model.json_format import Resource, decode_json, encode_json
from fhir_server.store.change import Along, InboxSettlement
from fhir_server.store.outbox import OutboxEntry, OutboxSettlement, OutboxStatus
from fhir_server.validation import Validator

PAGE = "1000"


class Settlement(Protocol):
    """An `adapters.endpoint.Settlement`, as far as it is looked at here."""

    @property
    def number(self) -> int: ...
    @property
    def reply(self) -> bytes: ...
    @property
    def note(self) -> str | None: ...
    @property
    def sender(self) -> str: ...


class Outgoing(Protocol):
    """An `adapters.endpoint.OutgoingMessage`, as far as it is looked at here."""

    @property
    def destination(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...
    @property
    def lane(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def expires(self) -> int: ...


class Outcome(Protocol):
    """An `adapters.endpoint.Outcome`, as far as it is looked at here."""

    @property
    def number(self) -> int: ...
    @property
    def owner(self) -> str: ...
    @property
    def status(self) -> OutboxStatus: ...
    @property
    def now(self) -> int: ...
    @property
    def note(self) -> str: ...
    @property
    def due(self) -> int: ...
    @property
    def tried(self) -> int: ...


def outbox_entry(one: Outgoing) -> OutboxEntry:
    """An adapter's message as the store takes it."""
    return OutboxEntry(one.destination, one.key, one.body, one.content_type, one.lane, one.address, one.about, one.expires)


def outbox_settlement(one: Outcome) -> OutboxSettlement:
    """What an adapter says became of a message, as the store takes it."""
    return OutboxSettlement(one.number, one.owner, one.status, one.now, one.note, one.due, one.tried)


class LocalEndpoint:
    """Adapters of the same process talk to this one."""

    def __init__(self, interactions: Interactions, validator: Validator, now: Callable[[], datetime]):
        """`now`: the time in the zone of dates without an offset."""
        self._interactions = interactions
        self._validator = validator
        self._now = now

    async def transaction(
        self, bundle: Resource, settles: Settlement | None = None, *, sends: Sequence[Outgoing] = (), outcomes: Sequence[Outcome] = ()
    ) -> Resource:
        """Commit the bundle, what the coordination rules add to it, and what goes along with it, together. What adapters and rules create
        they have looked for just before."""
        own: Resource = decode_json(encode_json(bundle))
        own["entry"] = [*own["entry"], *await self._opened(own["entry"])]
        settlement = InboxSettlement(settles.number, settles.reply, settles.note) if settles else None
        sent, told = tuple(outbox_entry(one) for one in sends), tuple(outbox_settlement(one) for one in outcomes)
        along = Along(settlement, sent, told, settles.sender if settles else "")
        return await self._interactions.transaction(own, along, absent=True)

    async def read(self, type_name: str, id_: str) -> Resource | None:
        """The current version, or None."""
        try:
            stored = await self._interactions.read(type_name, id_)
        except FhirError as error:
            if error.category in (Category.NOT_FOUND, Category.GONE):
                return None
            raise
        resource: Resource = decode_json(stored.content or b"null")
        return resource

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        """The first thousand matches; a parameter that is not understood is an error here."""
        result = await self._interactions.search(type_name, [*parameters, ("_count", PAGE), ("_total", "none")])
        if result.issues:
            raise FhirError(Category.MALFORMED, result.issues)
        return [decode_json(stored.content or b"null") for stored in result.matches]

    async def validate(self, resource: Resource, profile: str | None = None) -> Resource:
        return operation_outcome(self._validator.validate(resource, profile))

    async def _opened(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the bundle's stays open, move and take back: calls after discharge, notices to coordinators and general practitioners; and
        the calls that a death leaves without a purpose."""
        opened: list[dict[str, Any]] = []
        for entry in entries:
            encounter = entry.get("resource") or {}
            if encounter.get("resourceType") == "Encounter" and (patient := await self._patient(encounter, entries)):
                opened += await self._of_stay(encounter, _url(entry, encounter), patient, _patient_id(encounter, entries))
        return opened + await self._after_death(entries)

    async def _after_death(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Calls of the bundle's own stays are left out: `_of_stay` decides of them."""
        stays = [stay_key(one) for entry in entries if (one := entry.get("resource") or {}).get("resourceType") == "Encounter"]
        dead: set[str] = set()
        for entry in entries:
            patient = entry.get("resource") or {}
            if patient.get("resourceType") == "Patient" and has_died(patient) and (id_ := _put_id(entry)):
                dead |= {id_, *_linked(patient)}
        return await calls_withdrawn(sorted(dead), stays, self) if dead else []

    async def _of_stay(self, encounter: Resource, url: str, patient: Resource, known: str | None) -> list[dict[str, Any]]:
        """`known`: the patient's id; one who comes with this very bundle is followed by nobody."""
        followers = await who_follows(encounter, [known, *_linked(patient)], self, self._now()) if known else []
        call = await call_after(encounter, url, known, followers, self, has_died(patient)) if known else None
        return [*([call] if call else []), *await notices(encounter, url, patient, followers, self)]

    async def _patient(self, encounter: Resource, entries: list[dict[str, Any]]) -> Resource | None:
        """The patient of a stay: as the bundle says, else as it is stored."""
        reference = str((encounter.get("subject") or {}).get("reference") or "")
        told = next((entry.get("resource") for entry in entries if reference in (entry.get("fullUrl"), _put_url(entry))), None)
        if told is None and reference.startswith("Patient/"):
            return await self.read("Patient", reference.removeprefix("Patient/"))
        return told


def _linked(patient: Resource) -> list[str]:
    """The ids of the other records of a merged person (Patient.link)."""
    references = (str((link.get("other") or {}).get("reference") or "") for link in patient.get("link", []))
    return [reference.removeprefix("Patient/") for reference in references if reference.startswith("Patient/")]


def _put_url(entry: dict[str, Any]) -> str | None:
    request = entry.get("request") or {}
    return request.get("url") if request.get("method") == "PUT" else None


def _patient_id(encounter: Resource, entries: list[dict[str, Any]]) -> str | None:
    """The id of a patient that is known already."""
    reference = str((encounter.get("subject") or {}).get("reference") or "")
    for entry in entries:
        if reference and entry.get("fullUrl") == reference:
            return _put_id(entry)
    return reference.removeprefix("Patient/") if reference.startswith("Patient/") else None


def _put_id(entry: dict[str, Any]) -> str | None:
    request = entry.get("request") or {}
    id_ = str(request.get("url", "")).removeprefix("Patient/")
    return id_ if request.get("method") == "PUT" and id_ and "?" not in id_ else None


def _url(entry: dict[str, Any], encounter: Resource) -> str:
    return str(entry.get("fullUrl") or f"Encounter/{encounter.get('id')}")
