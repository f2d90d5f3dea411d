"""The inbox: a message is kept before anything else, found again when it is repeated, settled with the commit it caused."""

from __future__ import annotations

from typing import Any

from fhir_server.store.change import Commit, InboxSettlement
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
    assert run(store.inbox.replay(rows[0].number)) == 1
    assert run(store.inbox.replay(rows[3].number)) == 0
    assert run(store.inbox.replay()) == 2
    assert [(row.key, row.attempts) for row in run(store.inbox.find("received"))] == [("a", 1), ("b", 1), ("c", 1), ("d", 0)]


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


def _refusal(run: Any, store: Store, commit: Commit) -> Exception | None:
    try:
        run(store.commit(commit))
    except Exception as error:
        return error
    return None
