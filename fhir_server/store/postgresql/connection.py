"""Connections to PostgreSQL, and its errors in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg

from fhir_server.model.issue import Category, FhirError, fault

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OLDEST = 15
READ_MILLISECONDS = 60_000
"""A search or history that takes longer is ended: a few such would keep all readers from everybody else."""

_LOST = (
    asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError, asyncpg.IdleInTransactionSessionTimeoutError, OSError,
    asyncpg.InternalClientError,  # of a session that was told its end between two questions
)  # fmt: skip
_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.TooManyConnectionsError)
_FAILING = (
    asyncpg.InsufficientResourcesError, asyncpg.PostgresSystemError, asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError,
)  # fmt: skip

_SETTINGS = {
    "application_name": "passerelle",
    "timezone": "UTC",
    "jit": "off",
    "client_connection_check_interval": "1s",  # a process that was killed lets go of the lock, whatever its session does
}
READER = {"statement_timeout": str(READ_MILLISECONDS), "default_transaction_read_only": "on"}
WRITER = {"statement_timeout": "30s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}
PLANNER = {
    "join_collapse_limit": "1", "enable_hashjoin": "off", "enable_mergejoin": "off", "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
}  # fmt: skip
"""Our SQL names its driving table first and has an index for every step: the planner is to follow, not to guess, and to plan a
statement once for a connection, not each time."""


async def connect(url: str, settings: Mapping[str, str]) -> Connection:
    """A connection in autocommit mode; asyncpg's errors where there is none."""
    connection: Connection = await asyncpg.connect(
        url, server_settings={**_SETTINGS, **PLANNER, **settings}, timeout=10, statement_cache_size=500, max_cached_statement_lifetime=0
    )
    return connection


def is_lost(error: Exception) -> bool:
    """True where there is no connection, or no longer; asyncpg says the same of a closed one and of arguments it cannot send."""
    return isinstance(error, _LOST) or (isinstance(error, asyncpg.InterfaceError) and "closed" in str(error))


def is_busy(error: Exception) -> bool:
    """True where another process holds what is needed."""
    return isinstance(error, _BUSY)


def in_our_words(error: Exception) -> FhirError:
    """Of a write of which nothing was stored: BUSY where trying again may help, STORAGE where the database fails, else INTERNAL."""
    if isinstance(error, FhirError):
        return error
    if is_busy(error):
        return fault(Category.BUSY, "lock-error", "Another process is writing to the database; nothing was stored. Try again in a moment.")
    if is_lost(error):
        return fault(Category.BUSY, "transient", "The database cannot be reached; nothing was stored. Try again in a moment.")
    if isinstance(error, asyncpg.QueryCanceledError):
        sentence = "The change took too long and was ended; nothing was stored. Send it in several parts, or with a narrower condition."
        return fault(Category.TOO_LARGE, "too-costly", sentence)
    if isinstance(error, _FAILING):
        sentence = f"The database cannot be written ({_told(error)}); nothing was stored. Make room or mend the disk."
        return fault(Category.STORAGE, "no-store", sentence)
    return fault(Category.INTERNAL, "exception", f"The database refused the change ({_told(error)}); nothing was stored.")


def outcome_unknown() -> FhirError:
    """The connection was lost while a commit was on its way, and nobody can be asked what became of it."""
    sentence = "The database was lost while the change was being committed: it may be stored or not. Read it again before you repeat it."
    return fault(Category.STORAGE, "incomplete", sentence)


def unreadable(error: Exception) -> FhirError:
    """Of a read: BUSY where the database cannot be reached now, TOO_LARGE where it took too long, STORAGE where it fails, else INTERNAL."""
    if isinstance(error, FhirError):
        return error
    if is_busy(error) or is_lost(error):
        return fault(Category.BUSY, "transient", "The database cannot be reached. Try again in a moment.")
    if isinstance(error, asyncpg.QueryCanceledError):
        return fault(Category.TOO_LARGE, "too-costly", "The search took too long and was ended; ask more narrowly.")
    if isinstance(error, _FAILING):
        return fault(Category.STORAGE, "exception", f"The database cannot be read ({_told(error)}). Mend the disk, or restore a backup.")
    return fault(Category.INTERNAL, "exception", f"The database refused the question ({_told(error)}).")


def cannot_open(url: str, error: Exception) -> FhirError:
    """Of the start: which database, without its password, and why it cannot be used."""
    parts = urlsplit(url)
    place = f"{parts.hostname or 'localhost'}{parts.path}"
    sentence = f"The PostgreSQL database {place} cannot be opened: {error}. Start it, make it (createdb), or name another by --database."
    return fault(Category.STORAGE, "no-store", sentence)


def too_old(version: str) -> FhirError:
    return fault(Category.NOT_SUPPORTED, "not-supported", f"PostgreSQL {version} is too old; Passerelle needs {OLDEST} or later.")


def _told(error: Exception) -> str:
    """No message of the server: it may quote what was to be stored."""
    return type(error).__name__
