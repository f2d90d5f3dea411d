"""The in-process `adapters.endpoint.FhirEndpoint`: the server's interactions without HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fhir_server.interactions import Interactions
from fhir_server.local_reader import LocalReader
from fhir_server.model.issue import operation_outcome
from fhir_server.model.json_format import Resource, decode_json, encode_json
from fhir_server.store.change import Along, InboxSettlement
from fhir_server.store.outbox import OutboxEntry, OutboxSettlement, OutboxStatus
from fhir_server.validation import Validator


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


class LocalEndpoint(LocalReader):
    """Adapters of the same process talk to this one."""

    def __init__(self, interactions: Interactions, validator: Validator):
        super().__init__(interactions)
        self._validator = validator

    async def transaction(
        self, bundle: Resource, settles: Settlement | None = None, *, sends: Sequence[Outgoing] = (), outcome: Outcome | None = None
    ) -> Resource:
        """Commit the bundle and what goes along with it, together. What adapters create they have looked for just before."""
        own: Resource = decode_json(encode_json(bundle))
        settlement = InboxSettlement(settles.number, settles.reply, settles.note) if settles else None
        sent, told = tuple(outbox_entry(one) for one in sends), outbox_settlement(outcome) if outcome else None
        along = Along(settlement, sent, told, settles.sender if settles else "")
        return await self._interactions.transaction(own, along, absent=True)

    async def validate(self, resource: Resource, profile: str | None = None) -> Resource:
        return operation_outcome(self._validator.validate(resource, profile))
