"""Connections to the SQLite file, and its errors in our words."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from fhir_server.model.issue import Category, FhirError, fault

_PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA busy_timeout = 10000;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
PRAGMA wal_autocheckpoint = 4000;
"""
"""16 MB of cache, and of pages that wait in the log: a page that is written again meanwhile is carried into the database once."""

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_FAILING = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_CORRUPT", "SQLITE_NOTADB")


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; the file is made, readable by its owner only, where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.executescript(_PRAGMAS)
    return connection


def is_busy(error: Exception) -> bool:
    """True where another process holds the file."""
    return _name(error).startswith(_BUSY)


def was_interrupted(error: Exception) -> bool:
    """True where a statement was ended by a progress handler."""
    return _name(error) == "SQLITE_INTERRUPT"


def in_our_words(error: sqlite3.Error) -> FhirError:
    """Of a write: STORAGE where the disk fails or is full, BUSY where another process holds the file, else INTERNAL."""
    if is_busy(error):
        return fault(Category.BUSY, "lock-error", "Another process is writing to the database; nothing was stored. Try again in a moment.")
    if _name(error).startswith(_FAILING):
        sentence = f"The database cannot be written ({error}); nothing was stored. Make room or mend the disk."
        return fault(Category.STORAGE, "no-store", sentence)
    return fault(Category.INTERNAL, "exception", f"The database refused the change ({_told(error)}); nothing was stored.")


def unreadable(error: sqlite3.Error) -> FhirError:
    """Of a read: STORAGE where the disk fails or the file is damaged, BUSY where another process holds the file, else INTERNAL."""
    if is_busy(error):
        return fault(Category.BUSY, "lock-error", "Another process holds the database. Try again in a moment.")
    if was_interrupted(error):
        return fault(Category.TOO_LARGE, "too-costly", "The search took too long and was ended; ask more narrowly.")
    if _name(error).startswith(_FAILING):
        return fault(Category.STORAGE, "exception", f"The database cannot be read ({error}). Mend the disk, or restore a backup.")
    return fault(Category.INTERNAL, "exception", f"The database refused the question ({_told(error)}).")


def cannot_open(path: Path, error: Exception) -> FhirError:
    """Of the start: the file, and why it cannot be used."""
    if is_busy(error):
        return fault(Category.BUSY, "lock-error", f"Another process holds {path}. Try again in a moment.")
    sentence = f"{path} cannot be opened as a database: {error}. Name another by --data or --database, or put a backup in its place."
    return fault(Category.STORAGE, "no-store", sentence)


def _name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def _told(error: Exception) -> str:
    return _name(error) or type(error).__name__
