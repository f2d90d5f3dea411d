"""Backups of the SQLite file: whether one is whole, and putting it in place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count as numbers
from pathlib import Path

from fhir_server.model.issue import Category, fault
from fhir_server.store.sqlite.connection import is_busy
from fhir_server.store.sqlite.migration import migrations

_BESIDE = ("-wal", "-shm")


def check(backup: Path) -> int:
    """The number of resources in a backup; FhirError where it is damaged or no database of ours."""
    if not backup.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no file {backup}.")
    try:
        with closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (count,) = connection.execute("SELECT count(*) FROM resource WHERE deleted = 0").fetchone()
    except sqlite3.DatabaseError as error:
        raise fault(Category.INVALID, "structure", f"{backup} is not a backup of Passerelle, or is damaged: {error}.") from None
    if verdict != "ok" or not 0 < version <= migrations()[-1][0]:
        raise fault(Category.INVALID, "structure", f"{backup} cannot be used: integrity check {verdict!r}, schema version {version}.")
    return int(count)


def restore(backup: Path, database: Path) -> Path | None:
    """Put a checked backup in place of the database; the former one is kept beside it and returned. No server may run on it."""
    database.parent.mkdir(parents=True, exist_ok=True)
    work = database.with_name(database.name + ".restoring")
    shutil.copyfile(backup, work)
    work.chmod(0o600)
    _durable(work)
    former = _set_aside(database)
    os.replace(work, database)
    return former


def in_use(database: Path) -> bool:
    """True where another process has the database open; a damaged file nobody can use, so a backup may take its place."""
    if not database.exists():
        return False
    connection = sqlite3.connect(database, timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        return is_busy(error)
    finally:
        connection.close()
    return False


def _set_aside(database: Path) -> Path | None:
    """Move the database away with the files that belong to it."""
    if not database.exists():
        return None
    former = next(name for name in _names(database) if not name.exists())
    for suffix in ("", *_BESIDE):
        if (part := Path(f"{database}{suffix}")).exists():
            os.replace(part, f"{former}{suffix}")
    return former


def _names(database: Path) -> Iterator[Path]:
    """Under these the former database is kept, the first that is free: what an earlier restore set aside stays."""
    first = f"{database.name}.before-restore"
    yield database.with_name(first)
    for number in numbers(2):
        yield database.with_name(f"{first}-{number}")


def _durable(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
