"""Work on the store that the settings name, for a command that runs beside the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from fhir_server.model.issue import Category, fault

if TYPE_CHECKING:
    from fhir_server.settings import Settings
    from fhir_server.store.store import Store

T = TypeVar("T")


async def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """What the work returns; FhirError where there is no database. None is made."""
    from fhir_server.store.opening import open_store

    if not settings.on_postgresql and not settings.database_file.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no database at {settings.database_file}; name it by --data or --database.")
    store = await open_store(settings.database)
    try:
        return await work(store)
    finally:
        await store.close()
