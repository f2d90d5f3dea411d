"""Several processes on one store: each sees what the others commit, and the change sequence stays one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fhir_server.store.change import Commit, Deletion
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from tests.patience import PATIENCE
from tests.store.conftest import written


def test_changes_come_in_the_order_of_commits_of_the_types_asked_for(store: Store, run: Any) -> None:
    run(store.commit(Commit([written("Patient", "a"), written("ValueSet", "v")])))
    run(store.commit(Commit([Deletion("ValueSet", "v"), written("SearchParameter", "s")])))
    found = run(store.changes(0, {"ValueSet", "SearchParameter"}, 10))
    told = [(one.type, one.version, one.deleted) for one in found]
    assert told == [("ValueSet", 1, False), ("ValueSet", 2, True), ("SearchParameter", 1, False)]
    assert run(store.changes(found[0].seq, {"ValueSet"}, 10)) == [found[1]]
    assert run(store.changes(0, {"ValueSet", "SearchParameter"}, 1)) == found[:1]


def test_what_one_process_commits_is_heard_of_by_another_at_once(
    store: Store, database_url: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fhir_server.store.postgresql.listening.ASK_SECONDS", 600)  # so that it was not merely asked

    async def told() -> int:
        other = await open_store(database_url)
        hearing = asyncio.create_task(other.changed(await other.newest()))
        await asyncio.sleep(0.1)
        assert not hearing.done()
        await store.commit(Commit([written("Patient", "a")]))
        newest = await asyncio.wait_for(hearing, PATIENCE)
        await other.close()
        return newest

    assert run(told()) == run(store.newest())


def test_two_processes_number_their_changes_as_one(store: Store, database_url: str, run: Any) -> None:
    async def written_by_both() -> list[Any]:
        other = await open_store(database_url)
        commits = [
            one.commit(Commit([written("Patient", f"{side}{number}"), written("Observation", "shared", valueInteger=2 * number + side)]))
            for number in range(60)
            for side, one in enumerate((store, other))
        ]
        results = [result.stored for results in await asyncio.gather(*commits) for result in results]
        await other.close()
        return results

    results = run(written_by_both())
    assert sorted(stored.seq for stored in results) == list(range(1, 241))
    by_seq = sorted(results, key=lambda stored: stored.seq)
    assert [stored.updated for stored in by_seq] == sorted(stored.updated for stored in results)
    assert [stored.version for stored in by_seq if stored.id == "shared"] == list(range(1, 121))
    assert run(store.history("Observation", "shared", count=1)).total == 120


def test_of_two_processes_that_replace_the_same_version_one_wins(store: Store, database_url: str, run: Any) -> None:
    async def race() -> list[Any]:
        other = await open_store(database_url)
        await store.commit(Commit([written("Patient", "a")]))
        changes = [written("Patient", "a", if_match=1, multipleBirthInteger=number) for number in range(50)]
        answers = await asyncio.gather(
            *((store, other)[number % 2].commit(Commit([change])) for number, change in enumerate(changes)), return_exceptions=True
        )
        await other.close()
        return answers

    assert sum(not isinstance(answer, Exception) for answer in run(race())) == 1
