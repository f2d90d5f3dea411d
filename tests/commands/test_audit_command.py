"""`passerelle audit` as an operator or the data protection officer uses it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fhir_server.cli import main
from fhir_server.store.audit import AuditEntry
from fhir_server.store.opening import open_store
from tests.store.test_audit import tamper

ENTRY = AuditEntry(
    1_000_000, "read", "R", subject="nurse", client="app", address="192.0.2.1",
    entities=(("Patient", "a", 1),), patients=("a",), query="x=y",
)  # fmt: skip


@pytest.fixture
def url(database_url: str) -> str:
    async def fill() -> None:
        store = await open_store(database_url)
        await store.audit.record([ENTRY])
        await store.audit.record([AuditEntry(2_000_000, "$everything", "E", 4, "doctor", patients=("b",))])
        await store.audit.index_patients()
        await store.close()

    asyncio.run(fill())
    return database_url


def audit(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main(["audit", *map(str, arguments)])
    return int(end.value.code or 0)


def test_a_whole_trail_is_said_to_be_whole(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("verify", "--database", url) == 0
    assert capsys.readouterr().out == "1 chains, 2 entries: whole\n"


def test_a_changed_trail_is_told_with_its_place(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(url, "DELETE FROM audit WHERE number = 1")
    assert audit("verify", "--database", url) == 1
    shown = capsys.readouterr()
    assert "entry 1: entries 1 to 1 are missing" in shown.err
    assert "faults" in shown.out


def test_what_was_cut_off_shows_by_a_head_kept_elsewhere(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("head", "--database", url) == 0
    kept = tmp_path / "heads.txt"
    kept.write_text(capsys.readouterr().out)
    tamper(
        url,
        "UPDATE audit_chain SET number = 1, hash = (SELECT hash FROM audit WHERE number = 1)",
        "DELETE FROM audit WHERE number = 2",
        "DELETE FROM audit_patient WHERE number = 2",
    )
    assert audit("verify", "--database", url) == 0
    assert audit("verify", "--kept", kept, "--database", url) == 1
    assert "kept elsewhere says otherwise" in capsys.readouterr().err


def test_a_file_of_heads_that_is_none_is_said_so(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "heads.txt").write_text("nothing")
    assert audit("verify", "--kept", tmp_path / "heads.txt", "--database", url) == 2
    assert "does not hold what `passerelle audit head` prints" in capsys.readouterr().err


def test_a_key_that_is_too_short_is_refused(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key").write_text("short")
    assert audit("verify", "--audit-key-file", tmp_path / "key", "--database", url) == 2
    assert "32 are needed" in capsys.readouterr().err


def test_the_list_says_who_did_what_to_whom_and_shows_no_text_of_a_search(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("list", "--patient", "a", "--database", url) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("1970-01-01T00:00:01.000Z  0  read  nurse by app from 192.0.2.1  Patient/a")
    assert audit("list", "--subject", "doctor", "--database", url) == 0
    assert "$everything" in capsys.readouterr().out
