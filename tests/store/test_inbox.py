"""The inbox: a message is kept before anything else, found again when it is repeated, settled with the commit it caused."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.store.audit_statements import numbered
from fhir_server.store.change import Commit, InboxSettlement
from fhir_server.store.erasure import ERASED_MESSAGE
from fhir_server.store.inbox import BEGINNINGS, BEGINNINGS_OF_ONE, DUE, LET_BEGINNINGS_GO, InboxFilter, InboxRow
from fhir_server.store.postgresql import inbox as postgresql_inbox
from fhir_server.store.postgresql.connection import WRITER, connect
from fhir_server.store.sqlite import SqliteStore
from fhir_server.store.sqlite import inbox as sqlite_inbox
from fhir_server.store.store import Store
from tests.store.conftest import written


def test_a_message_is_kept_as_it_came(store: Store, run: Any) -> None:
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"MSH|\xe9", 1_000))
    assert (row.raw, row.status, row.attempts, row.received) == (b"MSH|\xe9", "received", 0, 1_000)
    assert run(store.inbox.find("received")) == [row]


def test_the_same_sender_key_and_bytes_find_the_same_row(store: Store, run: Any) -> None:
    first = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 1))
    assert run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 2)) == first


def test_the_same_key_with_other_bytes_is_another_row_that_knows_the_first(store: Store, run: Any) -> None:
    first = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 1))
    second = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"two", 2))
    assert second.number != first.number
    assert run(store.inbox.same_key("hl7v2", "GAM|CHU", "42", second.number)) == [first]
    assert run(store.inbox.same_key("hl7v2", "GAM|CHU", "42", first.number)) == []


def test_a_commit_settles_its_message(store: Store, run: Any) -> None:
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 1))
    run(store.commit(Commit([written("Patient", "a")], settles=InboxSettlement(row.number, b"AA", "reused key"))))
    (settled,) = run(store.inbox.find("processed"))
    assert (settled.reply, settled.note, settled.attempts) == (b"AA", "reused key", 1)


def test_a_refused_commit_settles_nothing(store: Store, run: Any) -> None:
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 1))
    commit = Commit([written("Patient", "a", if_match=3)], settles=InboxSettlement(row.number, b"AA"))
    assert isinstance(_refusal(run, store, commit), Exception)
    assert run(store.inbox.find("processed")) == []


def test_a_failed_message_stays_with_its_reason(store: Store, run: Any) -> None:
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 1))
    run(store.inbox.fail(row.number, "PID-3 is missing", b"AE"))
    (failed,) = run(store.inbox.find("failed"))
    assert (failed.note, failed.reply, failed.raw) == ("PID-3 is missing", b"AE", b"one")


def test_failed_messages_are_let_go_again_one_or_all(store: Store, run: Any) -> None:
    rows = [run(store.inbox.receive("hl7v2", "GAM|CHU", key, b"one", 1)) for key in "abcd"]
    for row in rows[:3]:
        run(store.inbox.fail(row.number, "bad", b"AE"))
    assert run(store.inbox.replay(InboxFilter(number=rows[0].number))) == 1
    assert run(store.inbox.replay(InboxFilter(number=rows[3].number))) == 0
    assert run(store.inbox.replay()) == 2
    assert [(row.key, row.attempts) for row in run(store.inbox.find("received"))] == [("a", 1), ("b", 1), ("c", 1), ("d", 0)]


def test_what_goes_well_in_the_end_says_no_more_why_it_failed(store: Store, run: Any) -> None:
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "a", b"one", 1))
    run(store.inbox.fail(row.number, "bad", b"AE"))
    run(store.inbox.replay(InboxFilter(number=row.number)))
    run(store.inbox.settle(InboxSettlement(row.number, b"AA")))
    (settled,) = run(store.inbox.find("processed"))
    assert (settled.note, settled.reply) == (None, b"AA")


def test_what_was_erased_is_not_processed_again(store: Store, run: Any) -> None:
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"MSH", 1))
    run(store.inbox.fail(row.number, ERASED_MESSAGE, b"AE"))
    assert run(store.inbox.replay()) == 0


def test_what_was_processed_long_ago_is_purged_and_what_waits_never(store: Store, run: Any) -> None:
    rows = [run(store.inbox.receive("hl7v2", "GAM|CHU", key, b"one", moment)) for moment, key in enumerate("abc", 1)]
    for row in rows[:2]:
        run(store.inbox.settle(InboxSettlement(row.number, b"AA")))
    assert run(store.inbox.purge("received", 100)) == 0
    assert run(store.inbox.purge("processed", 2)) == 1
    assert [row.key for row in run(store.inbox.find())] == ["b", "c"]


def test_the_tally_counts_what_is_not_processed(store: Store, run: Any) -> None:
    rows = [run(store.inbox.receive("hl7v2", "GAM|CHU", key, b"one", moment)) for moment, key in enumerate("abcd", 1)]
    run(store.inbox.settle(InboxSettlement(rows[0].number, b"AA")))
    run(store.inbox.fail(rows[3].number, "bad", b"AE"))
    assert run(store.inbox.tally()) == [("failed", 1, 4), ("received", 2, 2)]


def beginning(key: str, sender: str = "GAM|CHU") -> InboxRow:
    return InboxRow(0, "hl7v2", sender, key, f"900:{key}", 1, b"MSH", "failed", 1, "too large", b"AR", 900)


def test_the_beginning_of_a_message_that_is_too_large_is_kept_once_and_never_let_go_again(store: Store, run: Any) -> None:
    for _ in range(2):
        run(store.inbox.keep_beginning(beginning("42")))
    (kept,) = run(store.inbox.find("failed"))
    assert (kept.raw, kept.size, kept.note, kept.reply) == (b"MSH", 900, "too large", b"AR")
    assert (run(store.inbox.replay()), run(store.inbox.replay(InboxFilter(number=kept.number)))) == (0, 0)
    whole = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"MSH", 2))
    assert (whole.number != kept.number, whole.size) == (True, None)
    assert run(store.inbox.same_key("hl7v2", "GAM|CHU", "42", whole.number)) == []


def test_of_what_is_too_large_only_the_newest_beginnings_of_a_sender_are_kept(store: Store, run: Any) -> None:
    run(store.inbox.keep_beginning(beginning("other", "LAB|CHU")))
    run(store.inbox.fail(run(store.inbox.receive("hl7v2", "GAM|CHU", "whole", b"one", 1)).number, "bad", b"AE"))
    for number in range(BEGINNINGS_OF_ONE + 3):
        run(store.inbox.keep_beginning(beginning(str(number))))
    kept = [row.key for row in run(store.inbox.find("failed"))]
    assert kept == ["other", "whole", *map(str, range(3, BEGINNINGS_OF_ONE + 3))]


def test_of_all_senders_too_only_so_many_beginnings_are_kept(store: Store, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite_inbox, postgresql_inbox):
        monkeypatch.setattr(module, "LET_BEGINNINGS_GO", LET_BEGINNINGS_GO.replace(f"OFFSET {BEGINNINGS})", "OFFSET 5)"))
    for number in range(8):
        run(store.inbox.keep_beginning(beginning("42", f"GAM|{number}")))
    assert [row.sender for row in run(store.inbox.find("failed"))] == [f"GAM|{number}" for number in range(3, 8)]


def _refusal(run: Any, store: Store, commit: Commit) -> Exception | None:
    try:
        run(store.commit(commit))
    except Exception as error:
        return error
    return None


def test_what_is_to_be_processed_once_more_does_not_stand_before_what_comes_new(store: Store, run: Any) -> None:
    async def due() -> list[bytes]:
        left = [await store.inbox.receive("hl7v2", "GAM|CHU", key, key.encode(), 1) for key in ("failed", "left behind")]
        await store.inbox.fail(left[0].number, "no", b"AE")
        await store.inbox.replay()
        new = await store.inbox.receive("hl7v2", "GAM|CHU", "new", b"new", 1)
        async with store.inbox.turn(new) as found:
            return [one.raw for one in found]

    assert run(due()) == [b"left behind", b"new"]


FILL = """INSERT INTO inbox (channel, sender, key, digest, received, raw, status)
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
SELECT 'hl7v2', CASE n % 2 WHEN 0 THEN 'GAM|CHU' ELSE 'PHA|CHU' END, 'K' || n, 'd', n, raw,
    CASE WHEN n > 2000 THEN 'received' ELSE 'processed' END FROM n, inbox"""


def test_a_turn_looks_at_what_waits_of_its_sender_alone(database_url: str, store: Store, run: Any) -> None:
    """Where a thousand of all senders waited, each turn read them all."""
    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"MSH", 1))
    assert "inbox_waiting" in (found := run(planned(database_url, DUE, row.due))), found


async def planned(database_url: str, sql: str, values: tuple[Any, ...]) -> str:
    """How a database with many messages goes about a query."""
    if database_url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
            connection.execute(FILL)
            return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
    opened = await connect(database_url, WRITER)
    await opened.execute(FILL)
    rows = await opened.fetch(f"EXPLAIN {numbered(sql)}", *values)
    await opened.close()
    return "\n".join(row[0] for row in rows)


def test_an_inbox_that_cannot_be_read_says_so_as_every_part_of_the_store_does(sqlite_store: SqliteStore, tmp_path: Path, run: Any) -> None:
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("ALTER TABLE inbox RENAME TO elsewhere")
    with pytest.raises(FhirError) as told:
        run(sqlite_store.inbox.find("received"))
    assert told.value.category is Category.INTERNAL
