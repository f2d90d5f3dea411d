"""The drill: a backup taken while others write is whole, and restored it answers as the store did at that moment."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.store.change import Commit
from fhir_server.store.postgresql import backup as postgresql_backup
from fhir_server.store.sqlite import SqliteStore
from fhir_server.store.sqlite.backup import check, in_use, restore
from tests.store.conftest import written


def test_a_backup_taken_under_load_holds_whole_commits_only(sqlite_store: SqliteStore, run: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"

    async def load() -> None:
        pairs = [[written("Patient", f"{number}-a"), written("Patient", f"{number}-b")] for number in range(200)]
        writes = asyncio.gather(*(sqlite_store.commit(Commit(list(pair))) for pair in pairs))
        await asyncio.sleep(0.01)
        await sqlite_store.backup(copy)
        await writes

    run(load())
    count = check(copy)
    assert count % 2 == 0
    restored = SqliteStore(copy)
    assert run(restored.history(None, None, count=1000)).total == count
    run(restored.close())


def test_restore_keeps_what_was_there_and_serves_the_backup(sqlite_store: SqliteStore, run: Any, tmp_path: Path) -> None:
    run(sqlite_store.commit(Commit([written("Patient", "kept")])))
    run(sqlite_store.backup(tmp_path / "copy.db"))
    target = tmp_path / "other" / "passerelle.db"
    other = SqliteStore(target)
    run(other.commit(Commit([written("Patient", "replaced")])))
    run(other.close())
    former = restore(tmp_path / "copy.db", target)
    assert former is not None
    assert check(former) == 1
    restored = SqliteStore(target)
    assert run(restored.read("Patient", "kept")) is not None
    assert run(restored.read("Patient", "replaced")) is None
    run(restored.close())


def test_a_store_that_is_open_is_noticed(sqlite_store: SqliteStore) -> None:
    assert in_use(sqlite_store.path)


def test_a_store_that_is_closed_is_free(tmp_path: Path, run: Any) -> None:
    opened = SqliteStore(tmp_path / "closed.db")
    run(opened.close())
    assert not in_use(tmp_path / "closed.db")


def test_a_damaged_backup_is_refused(sqlite_store: SqliteStore, run: Any, tmp_path: Path) -> None:
    run(sqlite_store.commit(Commit([written("Patient", "a", text={"div": "x" * 50_000})])))
    run(sqlite_store.backup(tmp_path / "copy.db"))
    damaged = bytearray((tmp_path / "copy.db").read_bytes())
    damaged[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    (tmp_path / "copy.db").write_bytes(damaged)
    with pytest.raises(FhirError):
        check(tmp_path / "copy.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look at" * 100)
    with pytest.raises(FhirError):
        check(tmp_path / "notes.txt")


def test_a_database_that_is_damaged_is_not_in_use_so_that_a_backup_can_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no longer a database at all " * 400)
    assert not in_use(tmp_path / "broken.db")


def test_the_password_of_the_database_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everybody on the machine may read the arguments of a process."""
    told: dict[str, Any] = {}

    def run_program(command: list[str], **settings: Any) -> Any:
        told.update(command=command, env=settings.get("env") or {})
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(postgresql_backup.shutil, "which", lambda name: name)
    monkeypatch.setattr(postgresql_backup.subprocess, "run", run_program)
    postgresql_backup.dump("postgresql://me:s%40cret@db:5433/fhir?sslmode=require", tmp_path / "dump")
    assert "cret" not in " ".join(told["command"])
    assert told["command"][-1] == "postgresql://me@db:5433/fhir?sslmode=require"
    assert told["env"]["PGPASSWORD"] == "s@cret"
