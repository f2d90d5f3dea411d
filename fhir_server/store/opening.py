"""Opening the store that a database URL names."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from fhir_server.store.store import Store

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"


def now() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


async def open_store(url: str, clock: Callable[[], int] = now, audit_key: bytes | None = None) -> Store:
    """The store at `sqlite:///FILE` or `postgresql://USER@HOST/NAME`, its tables brought up to this release; FhirError where it cannot be.

    It belongs to the running event loop. With `audit_key` the links of the audit trail are keyed, so that who can write the database
    cannot make a chain that verifies.
    """
    if url.startswith(POSTGRESQL):
        from fhir_server.store.postgresql import PostgresqlStore

        return await PostgresqlStore.open(url, clock, audit_key)
    from fhir_server.store.sqlite import SqliteStore

    return SqliteStore(Path(url.removeprefix(SQLITE)), clock, audit_key)
