"""Opening a store: what cannot be opened is told in a sentence, and two processes may make the same new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.store.change import Commit
from fhir_server.store.sqlite import SqliteStore
from fhir_server.store.sqlite.backup import restore
from fhir_server.store.store import Store
from tests.patience import PATIENCE
from tests.store.conftest import written


def _garbage(path: Path) -> Path:
    path.write_bytes(b"this is no database, but it is long enough to be looked at" * 100)
    return path


def _below_a_file(path: Path) -> Path:
    path.write_bytes(b"")
    return path / "passerelle.db"


@pytest.mark.parametrize("made", [_garbage, _below_a_file])
def test_what_is_no_database_is_named_with_the_reason(made: Any, tmp_path: Path) -> None:
    path = made(tmp_path / "store.db")
    with pytest.raises(FhirError, match=r"store\.db") as refused:
        SqliteStore(path)
    assert refused.value.category is Category.STORAGE


def test_processes_that_make_the_same_new_store_at_once_all_open_it(tmp_path: Path) -> None:
    opening = "import sys; from pathlib import Path; from fhir_server.store.sqlite import SqliteStore; SqliteStore(Path(sys.argv[1]))"
    for turn in range(3):
        path = str(tmp_path / f"{turn}.db")
        started = [subprocess.Popen([sys.executable, "-c", opening, path], stderr=subprocess.PIPE) for _ in range(4)]
        errors = [process.communicate(timeout=PATIENCE)[1].decode() for process in started]
        assert [process.returncode for process in started] == [0] * 4, errors


def test_a_read_of_a_damaged_file_is_told_as_such(sqlite_store: SqliteStore, run: Any) -> None:
    run(sqlite_store.commit(Commit([written("Patient", "a")])))
    sqlite_store._reader.execute("ALTER TABLE version RENAME TO lost")
    for attempt in (sqlite_store.read("Patient", "a"), sqlite_store.history(None, None, count=1)):
        with pytest.raises(FhirError) as refused:
            run(attempt)
        assert "stored" not in str(refused.value)


def test_a_second_restore_keeps_what_the_first_set_aside(sqlite_store: SqliteStore, run: Any, tmp_path: Path) -> None:
    run(sqlite_store.backup(tmp_path / "copy.db"))
    target = tmp_path / "target.db"
    opened = SqliteStore(target)
    run(opened.close())
    first = restore(tmp_path / "copy.db", target)
    second = restore(tmp_path / "copy.db", target)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.exists()


def test_a_page_ends_before_it_holds_more_than_its_share_of_memory(store: Store, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.store.page.PAGE_BYTES", 2500)
    for number in range(5):
        run(store.commit(Commit([written("Patient", f"p{number}", text={"div": "x" * 1000})])))
    sizes, before = [], None
    while True:
        page = run(store.history("Patient", None, count=100, before=before))
        sizes.append(len(page.versions))
        if (before := page.next) is None:
            break
    assert sum(sizes) == 5
    assert max(sizes) < 5


def test_before_the_first_change_there_is_nothing(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a")])))
    assert run(store.history(None, None, count=10, before=0)).versions == []
