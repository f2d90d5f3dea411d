"""Where the hospital adapter is joined to the server: MLLP listener, inbox, maps and the in-process endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fhir_server.assembly import Parts
from fhir_server.settings import Settings


@asynccontextmanager
async def hospital_listener(parts: Parts, settings: Settings) -> AsyncIterator[int | None]:
    """The listener's port while it runs."""
    yield None
