"""`passerelle inbox` as an operator uses it: which messages failed, why, and their content to send again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fhir_server.cli import main
from fhir_server.store.sqlite import SqliteStore

RAW = b"MSH|^~\\&|GAM|CHU\rPID|1||\xe9"


@pytest.fixture(autouse=True)
def _inbox_with_a_failure(tmp_path: Path) -> None:
    async def fill() -> None:
        store = SqliteStore(tmp_path / "passerelle.db")
        row = await store.inbox.receive("hl7v2", "GAM|CHU", "42", RAW, 1_000_000)
        await store.inbox.fail(row.number, "PID-3 is required.", b"MSH|ack\rMSA|AE|42")
        await store.inbox.receive("hl7v2", "GAM|CHU", "43", b"MSH|other", 2_000_000)
        await store.close()

    asyncio.run(fill())


def inbox(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main(["inbox", *map(str, arguments)])
    return int(end.value.code or 0)


def test_the_list_says_why_a_message_failed_and_shows_no_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inbox("list", "--status", "failed", "--data", tmp_path) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line == "1  1970-01-01T00:00:01.000Z  failed  GAM|CHU  42  PID-3 is required."


def keys(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert inbox("list", "--data", folder, *arguments) == 0
    return [line.split("  ")[4] for line in capsys.readouterr().out.splitlines()]


def test_the_list_begins_with_the_newest_and_is_narrowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys(tmp_path, capsys) == ["43", "42"]
    assert keys(tmp_path, capsys, "--key", "42", "--sender", "GAM|CHU") == ["42"]
    assert keys(tmp_path, capsys, "--sender", "LAB|CHU") == []
    assert keys(tmp_path, capsys, "--since", "1970-01-01T00:00:02Z") == ["43"]
    assert keys(tmp_path, capsys, "--before", "2") == ["42"]


def test_the_list_says_where_older_ones_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inbox("list", "--count", "1", "--data", tmp_path) == 0
    told = capsys.readouterr()
    assert told.out.startswith("2  ")
    assert told.err == "There are older ones: --before 2\n"
    assert inbox("list", "--count", "1", "--before", "2", "--data", tmp_path) == 0
    assert capsys.readouterr().err == ""


def test_a_time_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inbox("list", "--since", "yesterday", "--data", tmp_path) == 2
    assert "yesterday is no date or time" in capsys.readouterr().err


def test_a_message_is_shown_with_its_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inbox("show", "1", "--data", tmp_path) == 0
    shown = capsys.readouterr().out
    assert "PID|1||\\xe9" in shown
    assert "MSA|AE|42" in shown


def test_raw_is_the_message_byte_for_byte(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert inbox("show", "1", "--raw", "--data", tmp_path) == 0
    assert capfdbinary.readouterr().out == RAW


def test_a_number_that_is_not_there_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inbox("show", "9", "--data", tmp_path) == 2
    assert "There is no message 9" in capsys.readouterr().err
