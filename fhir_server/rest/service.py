"""What the handlers stand on: the interactions, the validator, the definitions and the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fhir_server.access import AccessDesk, GuardedStore
from fhir_server.audit.audited_store import AuditedStore
from fhir_server.audit.note import Note, note_of
from fhir_server.definitions.definitions import Definitions
from fhir_server.graphql import Introspection
from fhir_server.interactions import Interactions
from fhir_server.interactions.authorship import authorship_of
from fhir_server.model.schema import Schema
from fhir_server.operations.validate import ResourceValidator
from fhir_server.rest.authentication import Authentication, Nobody
from fhir_server.rest.job_runner import JobRunner
from fhir_server.rest.room import Room
from fhir_server.rest.route import Route
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import ITSELF, OPEN, Caller, recognised
from fhir_server.store.stored import Stored
from fhir_server.subscriptions.acceptance import Acceptance
from fhir_server.subscriptions.subscribing_store import SubscribingStore


@dataclass(frozen=True, slots=True)
class Service:
    """One for an application; handlers reach it through their request."""

    interactions: Interactions
    validator: ResourceValidator
    settings: RestSettings
    routes: tuple[Route, ...]
    authentication: Authentication = field(default_factory=Nobody)
    acceptance: Acceptance = field(default_factory=Acceptance)
    """Which Subscriptions are accepted."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    documents: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    """What was made once (`metadata`), by name, base and the topics that there were."""

    desk: AccessDesk = field(init=False)
    """Says what a caller may see and do."""

    runner: JobRunner = field(init=False)
    """Carries out asynchronous requests; what it can do is told by the application."""

    introspection: Introspection = field(init=False)
    room: Room = field(default_factory=Room)

    def __post_init__(self) -> None:
        incomplete = self.interactions.incomplete
        object.__setattr__(self, "desk", AccessDesk(self.interactions.store, self.interactions.definitions, incomplete))
        object.__setattr__(self, "introspection", Introspection(self.definitions))
        object.__setattr__(self, "runner", JobRunner(self.interactions.store.jobs, self.settings.job_hours))

    def interactions_of(self, caller: Caller, note: Note | None = None) -> Interactions:
        """The interactions as the caller sees them and may use them; with a note, what they show and change is audited."""
        whole = self.interactions
        if caller is ITSELF and note is None:
            return whole
        store = whole.store
        if caller is not ITSELF:
            guarded = store if caller is OPEN else GuardedStore(store, self.desk, whole.marks_of, caller)
            store = SubscribingStore(guarded, whole, caller, self.acceptance)
        return whole.of(store if note is None else AuditedStore(store, note, self._documents_of), caller.tenant, authorship_of(caller))

    async def _documents_of(self, binary: str) -> list[Stored]:
        """Whoever may see them: whose document was opened is to be told."""
        place = f"Binary/{binary}"
        places = ",".join([place, *([f"{base}/{place}"] if (base := self.settings.base_url) else [])])
        return (await self.interactions.search("DocumentReference", [("location", places), ("_total", "none")])).matches

    @asynccontextmanager
    async def working_for(self, caller: Caller, interaction: str) -> AsyncIterator[Interactions]:
        """The interactions for work that goes on after the answer; what it showed is told to the audit trail at its end."""
        note = note_of(caller, interaction) if self.settings.audit else None
        yield self.interactions_of(recognised(caller), note)
        if note is not None:
            await self.interactions.store.audit.record([note.of_answer()])

    @property
    def definitions(self) -> Definitions:
        return self.interactions.definitions

    @property
    def schema(self) -> Schema:
        return self.interactions.schema
