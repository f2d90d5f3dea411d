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
PRAGMA cache_size = -65536;
PRAGMA mmap_size = 1073741824;
"""
BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"}


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; the file is made, readable by its owner only, where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.executescript(_PRAGMAS)
    return connection


def in_our_words(error: sqlite3.Error) -> FhirError:
    """STORAGE where the disk fails or is full, BUSY where another process holds the file, else INTERNAL."""
    name = getattr(error, "sqlite_errorname", "")
    if name in BUSY:
        return fault(Category.BUSY, "lock-error", "Another process is writing to the database; nothing was stored. Try again in a moment.")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_CORRUPT", "SQLITE_NOTADB")):
        sentence = f"The database cannot be written ({error}); nothing was stored. Make room or mend the disk."
        return fault(Category.STORAGE, "no-store", sentence)
    return fault(Category.INTERNAL, "exception", f"The database refused the change ({name or type(error).__name__}); nothing was stored.")
