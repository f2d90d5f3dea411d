"""`passerelle exchange` as an operator uses it: where a message is, what failed sent again, a destination paused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_server.cli import main
from fhir_server.store.change import InboxSettlement
from fhir_server.store.opening import now
from fhir_server.store.outbox import OutboxClaim, OutboxEntry, OutboxFilter, OutboxSettlement
from fhir_server.store.sqlite import SqliteStore

LONG_AGO = 1_000_000


def with_store(folder: Path, work: Callable[[SqliteStore], Any]) -> Any:
    async def run() -> Any:
        store = SqliteStore(folder / "passerelle.db", clock=lambda: LONG_AGO)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _messages(tmp_path: Path) -> None:
    async def fill(store: SqliteStore) -> None:
        row = await store.inbox.receive("hl7v2", "GAM|CHU", "42", b"MSH|SECRET", LONG_AGO)
        await store.inbox.fail(row.number, "PID-3 is required.", b"MSA|AE|42")
        entries = [OutboxEntry("gp", key, b"SECRET", lane=lane) for key, lane in (("a", "Patient/1"), ("b", "Patient/2"), ("c", ""))]
        await store.outbox.add([*entries, OutboxEntry("lab", "d", b"SECRET")])
        rows = await store.outbox.claim(OutboxClaim("gp", "me", LONG_AGO * 2, LONG_AGO * 3, 2))
        settled = zip(rows, ("dead", "delivered"), strict=True)
        await store.outbox.settle([OutboxSettlement(one.number, "me", status, LONG_AGO, "answered") for one, status in settled])

    with_store(tmp_path, fill)


def exchange(folder: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["exchange", *arguments, "--data", str(folder)])
    return int(end.value.code or 0)


def statuses(folder: Path) -> dict[str, str]:
    rows = with_store(folder, lambda store: store.outbox.find(OutboxFilter()))
    return {row.key: row.status for row in rows}


def listed(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert exchange(folder, "list", *arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_both_ways_are_listed_without_content(tmp_path, capsys):
    lines = listed(tmp_path, capsys)
    assert sorted(line.split("  ")[0] for line in lines) == ["in-1", "out-1", "out-2", "out-3", "out-4"]
    assert not any("SECRET" in line for line in lines)
    (dead,) = listed(tmp_path, capsys, "--status", "dead")
    assert dead == "out-1  1970-01-01T00:00:01.000Z  dead  gp  a  1 attempt  answered"


@pytest.mark.parametrize(("sender", "told"), [("GAM", "MSH-3 and MSH-4"), ("GAM|ELSEWHERE", "There is no such message.")])
def test_an_empty_list_says_so(sender, told, tmp_path, capsys):
    assert exchange(tmp_path, "list", "--sender", sender) == 0
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--direction", "in"], ["in-1"]),
        (["--status", "failed"], ["in-1"]),
        (["--destination", "lab"], ["out-4"]),
        (["--about", "Patient/2"], ["out-2"]),
        (["--direction", "out", "--status", "waiting"], ["out-4", "out-3"]),
        (["--direction", "in", "--status", "dead"], []),
        (["--sender", "GAM|CHU"], ["in-1"]),
        (["--sender", "LAB|CHU"], []),
        (["--key", "42"], ["in-1"]),
        (["--key", "c"], ["out-3"]),
        (["--before", "out-3"], ["out-2", "out-1"]),
        (["--before", "in-1"], []),
        (["--since", "1970-01-01T00:00:01Z", "--count", "1", "--direction", "out"], ["out-4"]),
        (["--since", "1970-01-01T00:00:01.000001Z"], []),
    ],
)
def test_a_list_is_narrowed(tmp_path, capsys, arguments, ids):
    assert [line.split("  ")[0] for line in listed(tmp_path, capsys, *arguments)] == ids


def test_the_list_says_where_older_ones_go_on(tmp_path, capsys):
    assert exchange(tmp_path, "list", "--count", "1") == 0
    assert capsys.readouterr().err == "There are older ones: --before out-4\n"


@pytest.mark.parametrize("arguments", [["--before", "3"], ["--before", "out-3", "--direction", "in"], ["--since", "yesterday"]])
def test_what_is_unclear_is_refused(tmp_path, capsys, arguments):
    assert exchange(tmp_path, "list", *arguments) == 2
    assert "no " in capsys.readouterr().err


def test_a_message_is_shown_whichever_way_it_goes(tmp_path, capsys):
    assert exchange(tmp_path, "show", "in-1") == 0
    assert "MSA|AE|42" in capsys.readouterr().out
    assert exchange(tmp_path, "show", "out-4", "--raw") == 0
    assert capsys.readouterr().out == "SECRET"


@pytest.mark.parametrize(("id_", "says"), [("out-9", "There is no message out-9"), ("9", "no id of a message")])
def test_a_message_that_is_not_there_is_said_so(tmp_path, capsys, id_, says):
    assert exchange(tmp_path, "show", id_) == 2
    assert says in capsys.readouterr().err


def test_one_message_is_sent_again(tmp_path, capsys):
    assert exchange(tmp_path, "replay", "out-1", "out-2") == 0
    assert capsys.readouterr().out == "2 to be tried again.\n"
    assert statuses(tmp_path) == {"a": "waiting", "b": "waiting", "c": "waiting", "d": "waiting"}


def test_all_that_failed_at_a_destination_is_sent_again_and_what_went_well_is_not(tmp_path, capsys):
    assert exchange(tmp_path, "replay", "--destination", "gp") == 0
    assert statuses(tmp_path) == {"a": "waiting", "b": "delivered", "c": "waiting", "d": "waiting"}


def test_failed_messages_of_one_sender_are_processed_again(tmp_path, capsys):
    assert exchange(tmp_path, "replay", "--sender", "LAB|CHU") == 0
    assert exchange(tmp_path, "replay", "--sender", "GAM|CHU") == 0
    assert capsys.readouterr().out == "0 to be tried again.\n1 to be tried again.\n"


def test_a_dead_letter_that_shall_never_go_is_let_go(tmp_path, capsys):
    """Where order is strict it would hold up all about that person for ever."""
    assert exchange(tmp_path, "purge", "--status", "dead", "--destination", "gp", "--about", "Patient/2", "--days", "0") == 0
    assert exchange(tmp_path, "purge", "--status", "dead", "--destination", "gp", "--about", "Patient/1", "--days", "0") == 0
    assert capsys.readouterr().out == "0 removed.\n1 removed.\n"
    assert exchange(tmp_path, "purge", "--status", "failed", "--about", "Patient/1") == 2
    assert statuses(tmp_path) == {"b": "delivered", "c": "waiting", "d": "waiting"}


def test_failed_messages_are_processed_again(tmp_path, capsys):
    assert exchange(tmp_path, "replay", "--status", "failed") == 0
    assert capsys.readouterr().out == "1 to be tried again.\n"
    assert [row.status for row in with_store(tmp_path, lambda store: store.inbox.find())] == ["received"]
    assert statuses(tmp_path)["a"] == "dead"


@pytest.mark.parametrize(
    ("id_", "says", "status"),
    [
        ("in-99", "There is no message in-99.", 1),
        ("out-99", "There is no message out-99.", 1),
        ("in-1", "in-1 is processed: only what failed is processed again.", 0),
    ],
)
def test_what_is_not_sent_again_is_said_so(tmp_path, capsys, id_, says, status):
    async def processed(store: SqliteStore) -> None:
        row = await store.inbox.receive("hl7v2", "GAM|CHU", "43", b"MSH|SECRET", LONG_AGO)
        await store.inbox.fail(row.number, "PID-3 is required.", b"MSA|AE|43")
        await store.inbox.settle(InboxSettlement(1, b"MSA|AA|42", None))

    with_store(tmp_path, processed)
    assert exchange(tmp_path, "replay", id_, "in-2") == status
    told = capsys.readouterr()
    assert told.out == "1 to be tried again.\n"
    assert told.err == f"{says}\n"


def test_a_replay_of_everything_is_not_guessed(tmp_path, capsys):
    assert exchange(tmp_path, "replay") == 2
    assert "Say which" in capsys.readouterr().err


def test_a_destination_is_paused_and_goes_on(tmp_path, capsys):
    exchange(tmp_path, "pause", "gp")
    with_store(tmp_path, lambda store: store.outbox.hold("lab", now() + 10**9))
    capsys.readouterr()
    exchange(tmp_path, "destinations")
    first, second = capsys.readouterr().out.splitlines()
    assert first == "gp  paused  1 waiting  1 dead"
    assert second.startswith("lab  left alone until 2")
    for name in ("gp", "lab"):
        exchange(tmp_path, "resume", name)
    capsys.readouterr()
    exchange(tmp_path, "destinations")
    assert [line.split("  ")[1] for line in capsys.readouterr().out.splitlines()] == ["open", "open"]


def test_a_pause_of_a_destination_that_nothing_ever_went_to_says_so(tmp_path, capsys):
    assert exchange(tmp_path, "pause", "gp") == 0
    assert capsys.readouterr().err == ""
    assert exchange(tmp_path, "pause", "pg") == 0
    told = capsys.readouterr()
    assert told.out == "pg is paused.\n"
    assert told.err == "No message was ever to go to pg; to these there were: gp, lab.\n"


def test_what_has_ended_is_removed_for_good_and_what_waits_is_not(tmp_path, capsys):
    for status in ("dead", "failed", "waiting"):
        exchange(tmp_path, "purge", "--status", status, "--days", "1")
    assert statuses(tmp_path) == {"b": "delivered", "c": "waiting", "d": "waiting"}
    assert with_store(tmp_path, lambda store: store.inbox.find()) == []
