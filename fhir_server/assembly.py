"""Where the parts of a server are put together, for `serve` and for every command that works on the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import typer

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions_in_use import definitions_in_use
from fhir_server.endpoint import LocalEndpoint
from fhir_server.interactions import ConformanceFeed, Interactions, Searching, WriteValidation
from fhir_server.settings import Settings
from fhir_server.store.sqlite import SqliteStore
from fhir_server.validation import Validator


@dataclass(frozen=True, slots=True)
class Parts:
    """One server's parts, made once."""

    definitions: Definitions
    store: SqliteStore
    interactions: Interactions
    validator: Validator
    endpoint: LocalEndpoint
    conformance: ConformanceFeed


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Parts]:
    """The parts that the settings ask for; on leaving, the store finishes what it accepted and is closed."""
    definitions = definitions_in_use(settings, say=lambda text: typer.echo(text, err=True))
    store = SqliteStore(settings.database_file)
    try:
        parts = put_together(definitions, store, settings)
        await parts.conformance.load(parts.interactions)
        yield parts
    finally:
        await store.close()
        definitions.close()


def put_together(definitions: Definitions, store: SqliteStore, settings: Settings) -> Parts:
    """The parts on a store that somebody else opens and closes; `conformance.load` takes over the definitions stored in it."""
    counts = {"default_count": settings.default_count, "max_count": settings.max_count}
    searching = Searching(definitions, ZoneInfo(settings.zone), settings.base_url, **counts)
    conformance = ConformanceFeed(definitions)
    validator = Validator(definitions)
    validation = WriteValidation(validator, settings.validate_on_write, settings.validate_on_write_of)
    interactions = Interactions(store, definitions, searching, conformance, validation)
    return Parts(definitions, store, interactions, validator, LocalEndpoint(interactions, validator), conformance)
