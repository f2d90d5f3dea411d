"""Where the parts of a server are put together, for `serve` and for every command that works on the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import typer

from fhir_server.access import AccessDesk
from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions_in_use import definitions_in_use
from fhir_server.endpoint import LocalEndpoint
from fhir_server.identifiers.grades import Grades
from fhir_server.interactions import ConformanceFeed, Interactions, Reindexing, Searching, WriteValidation
from fhir_server.interactions.preparation import Preparation
from fhir_server.local_reader import LocalReader
from fhir_server.opening import Opening
from fhir_server.partners import Eyes, Partners, partners_of
from fhir_server.rest.known_clients import KnownClients
from fhir_server.settings import Settings, audit_key
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from fhir_server.subscriptions.topics_in_use import TopicsInUse
from fhir_server.telling_store import TellingStore
from fhir_server.validation import Validator


@dataclass(frozen=True, slots=True)
class Parts:
    """One server's parts, made once."""

    definitions: Definitions
    store: Store
    interactions: Interactions
    validator: Validator
    endpoint: LocalEndpoint
    conformance: ConformanceFeed
    reindexing: Reindexing
    topics: TopicsInUse


@asynccontextmanager
async def assembled(settings: Settings, *, leads: bool = False) -> AsyncIterator[Parts]:
    """The parts that the settings ask for; on leaving, the store finishes what it accepted and is closed.

    One that `leads` (a server) decides what the search index is made from, where a command takes it as it is, and tells partners what
    changes, where what an operator does by a command is told to nobody.
    """
    definitions = definitions_in_use(settings, say=lambda text: typer.echo(text, err=True))
    store = await open_store(settings.database, audit_key=audit_key(settings))
    try:
        parts = put_together(definitions, store, settings, tells=leads)
        async with parts.conformance.following(store, parts.interactions):
            await parts.reindexing.attach(lead=leads)
            yield parts
    finally:
        await store.close()
        definitions.close()


def put_together(definitions: Definitions, store: Store, settings: Settings, *, tells: bool = True) -> Parts:
    """The parts on a store that somebody else opens and closes; `conformance.load` takes over the definitions stored in it."""
    counts = {"default_count": settings.default_count, "max_count": settings.max_count}
    searching = Searching(definitions, ZoneInfo(settings.zone), settings.base_url, **counts)
    conformance = ConformanceFeed(definitions)
    validator = Validator(definitions, identifiers=Grades(settings.identifier_checks, settings.identifier_checks_of))
    validation = WriteValidation(validator, settings.validate_on_write, settings.validate_on_write_of)
    reindexing = Reindexing(store.indexing, definitions, searching)
    whole = _telling(definitions, store, settings, searching) if tells else store
    interactions = Interactions(
        whole, definitions, searching, conformance, validation,
        integrity=settings.referential_integrity, deletes=settings.conditional_delete, reindexing=reindexing,
        trail=frozenset(["AuditEvent"]) if settings.audits else frozenset(),
    )  # fmt: skip
    endpoint = LocalEndpoint(interactions, validator)
    return Parts(definitions, store, interactions, validator, endpoint, conformance, reindexing, TopicsInUse(definitions))


def _telling(definitions: Definitions, store: Store, settings: Settings, searching: Searching) -> Store:
    """The store that writes with each stay what it opens, and tells the partners of the settings what changes."""
    ready = partial(Preparation(definitions, searching).write, fresh=False)
    reader = LocalReader(Interactions(store, definitions, searching))
    opening = Opening(store, reader, ready, lambda: datetime.now(ZoneInfo(settings.zone)))
    partners = [one for one in partners_of(settings) if one.sends]
    if not partners:
        return TellingStore(store, opening)
    desk = AccessDesk(store, definitions, lambda: searching.incomplete.values())
    eyes = Eyes(store, desk, KnownClients(store.registry), searching.extractor.marks.of)
    return TellingStore(TellingStore(store, Partners(partners, store, eyes, ready)), opening)
