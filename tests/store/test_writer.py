"""The one writer under adversity: every caller gets an answer, and what is refused was not stored."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.store.change import Commit
from fhir_server.store.opening import open_store
from fhir_server.store.sqlite import SqliteStore
from fhir_server.store.store import Store
from tests.patience import PATIENCE
from tests.store.conftest import written


def test_a_database_that_another_process_holds_refuses_all_that_wait_after_one_wait(sqlite_store: SqliteStore, run: Any) -> None:
    sqlite_store._writer._connection.execute("PRAGMA busy_timeout = 500")
    other = sqlite3.connect(sqlite_store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def many() -> list[Any]:
        commits = (sqlite_store.commit(Commit([written("Patient", str(number))])) for number in range(20))
        return await asyncio.gather(*commits, return_exceptions=True)

    begun: list[str] = []
    sqlite_store._writer._connection.set_trace_callback(begun.append)
    refusals = run(many())
    sqlite_store._writer._connection.set_trace_callback(None)
    other.execute("ROLLBACK")
    other.close()
    assert {refusal.category for refusal in refusals} == {Category.BUSY}
    assert len([one for one in begun if one.startswith("BEGIN")]) < 5, "each would wait by itself"
    assert run(sqlite_store.commit(Commit([written("Patient", "after")])))[0].status == "created"


def test_a_connection_that_fails_altogether_still_gives_every_caller_an_answer(sqlite_store: SqliteStore, run: Any) -> None:
    sqlite_store._writer._connection.close()
    for _ in range(2):
        with pytest.raises(FhirError):
            run(asyncio.wait_for(sqlite_store.commit(Commit([written("Patient", "a")])), PATIENCE))


def test_writes_that_come_while_the_store_closes_are_stored_or_refused_never_forgotten(database_url: str, run: Any) -> None:
    opened = run(open_store(database_url))

    async def race() -> list[Any]:
        closing = asyncio.create_task(opened.close())
        answers = []
        while not closing.done():
            answers += await asyncio.gather(
                *(opened.commit(Commit([written("Patient", f"{len(answers)}-{n}")])) for n in range(8)), return_exceptions=True
            )
            await asyncio.sleep(0)
        return answers

    answers = run(asyncio.wait_for(race(), PATIENCE))
    stored = sum(isinstance(answer, list) for answer in answers)
    again = run(open_store(database_url))
    assert run(again.newest()) == stored
    run(again.close())


def test_a_settled_message_stays_settled_when_a_late_failure_is_told(store: Store, run: Any) -> None:
    from fhir_server.store.change import InboxSettlement

    row = run(store.inbox.receive("hl7v2", "GAM|CHU", "42", b"one", 1))
    run(store.inbox.settle(InboxSettlement(row.number, b"AA")))
    run(store.inbox.fail(row.number, "late", b"AE"))
    (found,) = run(store.inbox.find())
    assert (found.status, found.reply) == ("processed", b"AA")
