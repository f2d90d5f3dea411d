"""The audit trail: an entry is there when `record` returns, is committed with its change, and nothing in it can be changed unseen."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import asyncpg
import pytest

from fhir_server.audit_keeping import DAY, let_go_old
from fhir_server.model.issue import FhirError
from fhir_server.store.audit import AuditEntry, AuditSearch
from fhir_server.store.change import Commit, Deletion
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from tests.store.conftest import written

KEY = b"k" * 32


def seen(number: int, patient: str = "a", **more: Any) -> AuditEntry:
    """A read of a patient by a nurse, at that microsecond."""
    return AuditEntry(number, "read", "R", subject="nurse", entities=(("Patient", patient, 1),), patients=(patient,), **more)


def tamper(url: str, *statements: str) -> None:
    """What somebody does who can write the database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in statements:
                assert connection.execute(statement).rowcount, statement
        return

    async def work() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            assert not (await connection.execute(statement)).endswith(" 0"), statement
        await connection.close()

    asyncio.run(work())


def verified(store: Store, run: Any, kept: Sequence[Any] = ()) -> list[str]:
    return [fault.says for fault in run(store.audit.verify(kept)).faults]


@pytest.fixture
def five(store: Store, run: Any) -> Store:
    """A store whose trail has five entries, with the texts of two searches."""
    for number in range(1, 6):
        run(store.audit.record([seen(number, query=f"name=Secret{number}" if number < 3 else None)]))
    run(store.audit.index_patients())
    return store


def test_an_entry_is_read_as_it_was_recorded(store: Store, run: Any) -> None:
    entry = AuditEntry(
        7, "search-type", "E", 4, "sub", "app", "Léa \0 Roy", (("Practitioner", "p"),), "chu", "ETREAT", "urgence", "192.0.2.1", "r-1",
        "GET", "/{type}", (("Patient", "a", 2), ("Patient", "b", None)), ("a", "b"), "name=Dürer\ud800", "forbidden",
    )  # fmt: skip
    run(store.audit.record([entry]))
    (record,) = run(store.audit.page(AuditSearch(), 10)).records
    assert record.entry.query == "name=Dürer\\ud800"
    assert {name: getattr(record.entry, name) for name in entry.__struct_fields__ if name != "query"} == {
        name: getattr(entry, name) for name in entry.__struct_fields__ if name != "query"
    }
    assert run(store.audit.read(record.chain, record.number)) == record
    assert run(store.audit.read(record.chain, 2)) is None


def test_entries_of_many_readers_are_all_there_and_in_one_chain(store: Store, run: Any) -> None:
    async def story() -> None:
        await asyncio.gather(*(store.audit.record([seen(number)]) for number in range(200)))

    run(story())
    result = run(store.audit.verify())
    assert (result.chains, result.entries, result.faults) == (1, 200, ())


def test_who_saw_a_person_comes_in_pages_the_newest_first(five: Store, run: Any) -> None:
    run(five.audit.record([seen(6, "b")]))
    first = run(five.audit.of_person("a", 3))
    second = run(five.audit.of_person("a", 3, first.next))
    assert [record.entry.recorded for record in (*first.records, *second.records)] == [5, 4, 3, 2, 1]
    assert second.next is None


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (AuditSearch(), [6, 5, 4, 3, 2, 1]),
        (AuditSearch(oldest_first=True), [1, 2, 3, 4, 5, 6]),
        (AuditSearch(since=2, until=4), [3, 2]),
        (AuditSearch(subject="doctor"), [6]),
        (AuditSearch(actions=frozenset("U")), [6]),
        (AuditSearch(outcomes=frozenset([4])), [6]),
        (AuditSearch(patient="b"), [6]),
        (AuditSearch(patient="a", since=5), [5]),
        (AuditSearch(keeps=lambda entry: entry.recorded % 2 == 0), [6, 4, 2]),
        (AuditSearch(actions=frozenset()), []),
    ],
)
def test_a_search_of_the_trail(five: Store, run: Any, search: AuditSearch, expected: list[int]) -> None:
    run(five.audit.record([AuditEntry(6, "update", "U", 4, "doctor", patients=("b",))]))
    after, found = None, list[int]()
    while True:
        page = run(five.audit.page(search, 2, after))
        found += [record.entry.recorded for record in page.records]
        after = page.next
        if after is None:
            break
    assert found == expected


def test_a_commit_is_audited_with_the_versions_it_made(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a")])))
    entities = (("Patient", "a", None), ("Patient", "b", None), ("Patient", "c", None), ("Patient", "d", 7))
    entry = AuditEntry(1, "transaction", "U", entities=entities)
    run(store.commit(Commit([written("Patient", "a", active=True), written("Patient", "b"), Deletion("Patient", "c")], audit=(entry,))))
    (record,) = run(store.audit.page(AuditSearch(), 10)).records
    assert record.entry.entities == (("Patient", "a", 2), ("Patient", "b", 1), ("Patient", "c", None), ("Patient", "d", 7))


def test_a_refused_commit_leaves_no_entry(store: Store, run: Any) -> None:
    with pytest.raises(FhirError):
        run(store.commit(Commit([written("Patient", "a", if_match=3)], audit=(seen(1),))))
    assert run(store.audit.page(AuditSearch(), 10)).records == ()


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["DELETE FROM audit WHERE number = 3"], "entries 3 to 3 are missing"),
        (["UPDATE audit SET body = (SELECT body FROM audit WHERE number = 4) WHERE number = 3"], "is not what was written"),
        (["UPDATE audit SET number = 99 WHERE number = 3", "UPDATE audit SET number = 3 WHERE number = 4",
            "UPDATE audit SET number = 4 WHERE number = 99"], "is not what was written"),
        (["DELETE FROM audit WHERE number = 5"], "the end was cut off"),
        (["DELETE FROM audit"], "the end was cut off"),
        (["UPDATE audit_chain SET number = 3, hash = (SELECT hash FROM audit WHERE number = 3)"], "stand behind the head"),
        (["UPDATE audit SET subject = 'nobody' WHERE number = 2"], "columns that are searched by differ"),
        (["UPDATE audit SET recorded = 99 WHERE number = 2"], "columns that are searched by differ"),
        (["UPDATE audit SET query = salt WHERE number = 1"], "query text is not what was written"),
        (["UPDATE audit SET query = hash WHERE number = 3"], "query text was added"),
        (["DELETE FROM audit_patient WHERE number = 3"], "rows of audit_patient are missing"),
        (["UPDATE audit_chain SET first = 2, first_hash = (SELECT hash FROM audit WHERE number = 2)",
            "DELETE FROM audit WHERE number < 3"], "is not sealed"),
    ],
)  # fmt: skip
def test_whatever_is_changed_shows(five: Store, database_url: str, run: Any, statements: list[str], says: str) -> None:
    assert verified(five, run) == []
    tamper(database_url, *statements)
    assert any(says in one for one in verified(five, run)), verified(five, run)


def test_a_tail_that_is_cut_off_with_its_head_shows_by_a_head_kept_elsewhere(five: Store, database_url: str, run: Any) -> None:
    kept = run(five.audit.heads())
    cut = "UPDATE audit_chain SET number = 3, hash = (SELECT hash FROM audit WHERE number = 3)"
    tamper(database_url, cut, "DELETE FROM audit WHERE number > 3", "DELETE FROM audit_patient WHERE number > 3")
    assert verified(five, run) == []
    assert verified(five, run, kept) == ["the head that was kept elsewhere says otherwise"]


def test_a_chain_that_is_removed_whole_shows_by_the_next(five: Store, database_url: str, run: Any) -> None:
    async def story() -> None:
        other = await open_store(database_url)
        await other.audit.record([seen(6)])
        await other.close()

    run(story())
    assert verified(five, run) == []
    (first, _) = run(five.audit.heads())
    tamper(database_url, *(f"DELETE FROM {table} WHERE chain = {first.chain}" for table in ("audit", "audit_patient", "audit_chain")))
    assert verified(five, run) == ["the whole chain is missing"]


def test_a_query_text_is_erased_and_the_chain_still_verifies(five: Store, run: Any) -> None:
    assert run(five.audit.forget("nobody", ["secret2"])) == 1
    assert run(five.audit.forget("a")) == 1
    result = run(five.audit.verify())
    assert (result.faults, result.erased) == ((), 2)
    assert [(record.entry.query, record.erased) for record in run(five.audit.of_person("a", 9)).records][-1] == (None, True)


@pytest.mark.parametrize("query", ["family=D%C3%BCrer%20L%C3%A9a", "family=D%c3%bcrer+L%C3%89A", "family=d\u00fcrer l\u00e9a"])
def test_a_name_is_found_in_the_text_of_a_search_however_it_was_sent(store: Store, run: Any, query: str) -> None:
    run(store.audit.record([seen(1, "b", query=query)]))
    assert run(store.audit.forget("nobody", ["D\u00fcrer L\u00e9a"])) == 1
    assert run(store.audit.verify()).faults == ()


def test_retention_leaves_a_chain_that_verifies_from_its_checkpoint(five: Store, database_url: str, run: Any) -> None:
    assert run(five.audit.let_go(3)) == 2
    result = run(five.audit.verify())
    assert (result.faults, result.entries) == ((), 3)
    assert run(five.audit.let_go(99)) == 3
    run(five.audit.record([seen(6)]))
    assert run(five.audit.verify()).faults == ()
    tamper(database_url, "DELETE FROM audit WHERE number = 6")
    assert verified(five, run) != []


def test_who_has_no_key_cannot_make_a_chain_that_verifies(database_url: str, run: Callable[[Any], Any]) -> None:
    async def story() -> list[Any]:
        keyed = await open_store(database_url, audit_key=KEY)
        await keyed.audit.record([seen(1), seen(2)])
        whole = await keyed.audit.verify()
        await keyed.close()
        found = [whole]
        for key in (None, b"x" * 32):
            other = await open_store(database_url, audit_key=key)
            found.append(await other.audit.verify())
            await other.close()
        return found

    whole, without, wrong = run(story())
    assert whole.faults == ()
    assert "without which it cannot be verified" in without.faults[0].says
    assert "is not what was written" in wrong.faults[0].says


def test_retention_is_told_in_the_trail_itself(five: Store, run: Any) -> None:
    assert run(let_go_old(five.audit, 1, DAY + 3)) == 2
    (newest, *_) = run(five.audit.page(AuditSearch(), 9)).records
    assert newest.entry.interaction == "$audit-retention"
    assert newest.entry.reason == "audit_days=1: 2 entries recorded before 1970-01-01T00:00:00.000Z"
    assert verified(five, run) == []


def test_a_reader_that_goes_away_takes_nobody_elses_entry_with_it(store: Store, run: Any) -> None:
    async def story() -> None:
        leaving = asyncio.create_task(store.audit.record([seen(1)]))
        staying = asyncio.create_task(store.audit.record([seen(2)]))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying

    run(story())
    assert [record.entry.recorded for record in run(store.audit.page(AuditSearch(oldest_first=True), 9)).records] == [1, 2]


def test_a_store_that_is_closed_says_so_to_everyone_who_waits(database_url: str, run: Any) -> None:
    async def story() -> list[Any]:
        other = await open_store(database_url)
        await other.close()
        return await asyncio.gather(*(other.audit.record([seen(one)]) for one in range(3)), return_exceptions=True)

    assert all(isinstance(one, FhirError) for one in run(story()))
