"""The writer on PostgreSQL under adversity: lost connections, another process with the lock, outcomes that nobody told."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.store.change import Commit
from fhir_server.store.opening import now, open_store
from fhir_server.store.postgresql import PostgresqlStore, migration
from fhir_server.store.postgresql import writer as writer_module
from fhir_server.store.postgresql.connection import WRITER, connect
from fhir_server.store.postgresql.transaction import LOCK
from tests.patience import PATIENCE
from tests.store.conftest import written


async def end_sessions(store: PostgresqlStore) -> None:
    """As a restart of PostgreSQL does: all other sessions of the database end."""
    connection = await asyncpg.connect(store.url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


def test_a_session_that_ended_while_nothing_ran_is_replaced_unnoticed(postgresql_store: PostgresqlStore, run: Any) -> None:
    run(postgresql_store.commit(Commit([written("Patient", "a")])))
    assert run(postgresql_store.read("Patient", "a")) is not None
    run(end_sessions(postgresql_store))
    run(asyncio.sleep(0.05))
    assert run(postgresql_store.commit(Commit([written("Patient", "b")])))[0].status == "created"
    assert run(postgresql_store.read("Patient", "b")) is not None


def test_a_session_that_ends_before_the_commit_stores_nothing_and_says_so(postgresql_store: PostgresqlStore, run: Any) -> None:
    async def work(_: Any) -> None:
        await end_sessions(postgresql_store)

    change = written("Patient", "lost")

    async def both() -> list[Any]:
        commit = postgresql_store.commit(Commit([change]))
        return await asyncio.gather(postgresql_store._writer.submit(work), commit, return_exceptions=True)

    refusals = run(both())
    assert [refusal.category for refusal in refusals] == [Category.BUSY] * 2
    assert "nothing was stored" in str(refusals[1])
    assert run(postgresql_store.read("Patient", "lost")) is None
    assert run(postgresql_store.commit(Commit([change])))[0].status == "created"


class LosingCommit:
    """A session that is lost just before or just after PostgreSQL has committed."""

    def __init__(self, connection: Any, *, committed: bool):
        self._connection = connection
        self._committed = committed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, sql: str, *values: Any) -> Any:
        if sql != "COMMIT":
            return await self._connection.execute(sql, *values)
        if self._committed:
            await self._connection.execute(sql)
        self._connection.terminate()
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


class Counting:
    """A session that keeps what it was told to execute."""

    def __init__(self, connection: Any):
        self._connection = connection
        self.executed: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, sql: str, *values: Any) -> Any:
        self.executed.append(sql)
        return await self._connection.execute(sql, *values)


def test_a_commit_whose_answer_was_lost_is_told_as_done(postgresql_store: PostgresqlStore, run: Any) -> None:
    postgresql_store._writer._connection = LosingCommit(postgresql_store._writer._connection, committed=True)  # type: ignore[assignment]
    assert run(postgresql_store.commit(Commit([written("Patient", "a")])))[0].status == "created"
    assert run(postgresql_store.history("Patient", "a", count=9)).total == 1


def test_a_commit_that_never_arrived_is_told_as_not_done(postgresql_store: PostgresqlStore, run: Any) -> None:
    postgresql_store._writer._connection = LosingCommit(postgresql_store._writer._connection, committed=False)  # type: ignore[assignment]
    with pytest.raises(FhirError, match="nothing was stored") as refused:
        run(postgresql_store.commit(Commit([written("Patient", "a")])))
    assert refused.value.category is Category.BUSY
    assert run(postgresql_store.read("Patient", "a")) is None


def test_an_outcome_that_nobody_can_tell_is_not_told_as_nothing(
    postgresql_store: PostgresqlStore, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(*_: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(writer_module, "connect", unreachable)
    monkeypatch.setattr(writer_module, "_PAUSE", 0.01)
    postgresql_store._writer._connection = LosingCommit(postgresql_store._writer._connection, committed=True)  # type: ignore[assignment]
    with pytest.raises(FhirError, match="may be stored or not") as refused:
        run(postgresql_store.commit(Commit([written("Patient", "a")])))
    assert refused.value.category is Category.STORAGE


def test_another_process_with_the_lock_refuses_all_that_wait_after_one_wait(postgresql_store: PostgresqlStore, run: Any) -> None:
    counting = Counting(postgresql_store._writer._connection)
    postgresql_store._writer._connection = counting  # type: ignore[assignment]

    async def held() -> list[Any]:
        await counting.execute("SET lock_timeout = '200ms'")
        other = await asyncpg.connect(postgresql_store.url)
        await other.execute(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
        commits = (postgresql_store.commit(Commit([written("Patient", str(number))])) for number in range(20))
        refusals = await asyncio.wait_for(asyncio.gather(*commits, return_exceptions=True), PATIENCE)
        await other.close()
        return refusals

    assert {refusal.category for refusal in run(held())} == {Category.BUSY}
    assert counting.executed.count("ROLLBACK") < 5, "each would wait by itself"
    assert run(postgresql_store.commit(Commit([written("Patient", "after")])))[0].status == "created"


def test_one_job_that_fails_unforeseen_does_not_spoil_its_group(postgresql_store: PostgresqlStore, run: Any) -> None:
    async def broken(transaction: Any) -> None:
        await transaction.connection.execute("SELECT 1 / 0")

    async def both() -> list[Any]:
        commits = [postgresql_store.commit(Commit([written("Patient", str(number))])) for number in range(5)]
        return await asyncio.gather(postgresql_store._writer.submit(broken), *commits, return_exceptions=True)

    refused, *answers = run(both())
    assert refused.category is Category.INTERNAL
    assert [answer[0].status for answer in answers] == ["created"] * 5


def test_a_database_that_is_not_there_is_named_without_its_password(postgresql_store: PostgresqlStore, run: Any) -> None:
    url = postgresql_store.url.replace("postgres@/", "postgres:secret@/").replace("/t", "/none_")
    with pytest.raises(FhirError, match="none_") as refused:
        run(PostgresqlStore.open(url, now))
    assert refused.value.category is Category.STORAGE
    assert "secret" not in str(refused.value)


def test_stores_that_open_the_same_new_database_at_once_all_open_it(postgresql_cluster: Any, run: Any) -> None:
    name = postgresql_cluster.make()

    async def opened() -> None:
        stores = await asyncio.gather(*(open_store(postgresql_cluster.url(name)) for _ in range(4)))
        for one in stores:
            await one.close()

    run(opened())
    postgresql_cluster.drop(name)


def test_texts_that_postgresql_cannot_hold_are_stored_and_found(postgresql_store: PostgresqlStore, run: Any) -> None:
    from fhir_server.search.rows import IndexRows
    from fhir_server.store.change import Body, Write

    tokens = [(1, "a\0b", ""), (1, "long" * 1000, "s" * 5000)]
    body = Body.of({"resourceType": "Patient", "id": "a", "gender": "a\0b"}, "a")
    run(postgresql_store.commit(Commit([Write("Patient", "a", body, IndexRows(tokens=tokens))])))
    assert b"\\u0000" in run(postgresql_store.read("Patient", "a")).content


def test_commits_see_one_another_whatever_isolation_the_database_was_given(postgresql_url: str, run: Any) -> None:
    async def race() -> int:
        admin = await asyncpg.connect(postgresql_url)
        name = await admin.fetchval("SELECT quote_ident(current_database())")
        await admin.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
        await admin.close()
        stores = [await open_store(postgresql_url) for _ in range(2)]
        for number in range(20):
            await asyncio.gather(*(one.commit(Commit([written("Patient", "a", active=f"{number}{one is stores[0]}")])) for one in stores))
        total = (await stores[0].history("Patient", "a", count=1)).total
        for one in stores:
            await one.close()
        return total

    assert run(race()) == 40


def test_large_commits_are_not_put_into_one_group(postgresql_store: PostgresqlStore, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "GROUP_BYTES", 1000)

    async def times(size: int) -> int:
        changes = [written("Patient", f"{size}-{number}", language="x" * size) for number in range(6)]
        results = await asyncio.gather(*(postgresql_store.commit(Commit([change])) for change in changes))
        return len({result.stored.updated for (result,) in results if result.stored})

    assert run(times(10)) == 1
    assert run(times(300)) == 3
    assert run(times(6000)) == 6


def test_a_change_that_takes_too_long_says_that_nothing_was_stored(postgresql_store: PostgresqlStore, run: Any) -> None:
    async def slow(transaction: Any) -> None:
        await transaction.connection.execute("SET LOCAL statement_timeout = '50ms'; SELECT pg_sleep(5)")

    with pytest.raises(FhirError, match="nothing was stored") as refused:
        run(postgresql_store._writer.submit(slow))
    assert refused.value.category is Category.TOO_LARGE


def test_a_migration_may_take_longer_than_any_request(postgresql_url: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    last = migration.migrations()[-1][0]
    slow = [(last + 1, "SELECT pg_sleep(1.5)")]
    monkeypatch.setattr(migration, "migrations", lambda: slow)

    async def both() -> int:
        sessions = [await connect(postgresql_url, WRITER | {"statement_timeout": "1s", "lock_timeout": "500ms"}) for _ in range(2)]
        await asyncio.gather(*(migration.migrate(one) for one in sessions))
        version = await sessions[0].fetchval("SELECT max(version) FROM schema_version")
        limits = [await one.fetchval("SELECT current_setting('statement_timeout')") for one in sessions]
        for one in sessions:
            await one.close()
        assert limits == ["1s"] * 2
        return int(version)

    assert run(both()) == last + 1
