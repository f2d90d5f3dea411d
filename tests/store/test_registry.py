"""Clients, signing keys and used assertions, on each store and between processes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fhir_server.security.access_token import SigningKey
from fhir_server.security.client import Client
from fhir_server.store.opening import open_store

GP = Client(
    "gp", "GP software", "system/*.rs", jwks='{"keys": []}', keys=("a" * 64,), actors=(("Organization", "x"),), whole=True,
    tenant="north", roles=("administrator",), created=5, expires=9,
)  # fmt: skip


def test_a_client_comes_back_as_it_was(store, run):
    assert run(store.registry.clients()) == []
    assert run(store.registry.add(GP))
    assert run(store.registry.clients()) == [GP]


def test_an_id_is_given_once(store, run):
    run(store.registry.add(GP))
    assert not run(store.registry.add(replace(GP, name="other")))
    assert run(store.registry.clients()) == [GP]


def test_a_change_is_seen_by_other_processes_at_once(store, database_url, run, monkeypatch):
    monkeypatch.setattr("fhir_server.store.postgresql.registry.ASK_SECONDS", 600)  # so that it was not merely asked

    async def work() -> None:
        other = await open_store(database_url)
        try:
            await store.registry.add(GP)
            before = await other.registry.revision()
            await store.registry.replace(replace(GP, revoked=7))
            for _ in range(3000):
                if (after := await other.registry.revision()) != before:
                    break
                await asyncio.sleep(0.01)
            assert after > before
            assert (await other.registry.clients())[0].revoked == 7
        finally:
            await other.close()

    run(work())


def test_nothing_raises_the_revision_but_a_change(store, run):
    assert run(store.registry.revision()) == run(store.registry.revision())


def test_an_assertion_is_used_once_whichever_process_it_comes_to(store, database_url, run):
    async def race() -> list[bool]:
        other = await open_store(database_url)
        uses = [one.registry.first_use(b"x" * 32, 100, 50) for _ in range(5) for one in (store, other)]
        found = await asyncio.gather(*uses)
        await other.close()
        return found

    assert sum(run(race())) == 1


def test_assertions_that_have_ended_are_forgotten(store, run):
    for number in range(5):
        assert run(store.registry.first_use(bytes([number]), 100, 50))
    assert not run(store.registry.first_use(bytes([0]), 100, 100))
    assert run(store.registry.first_use(b"new", 300, 101))
    assert run(store.registry.first_use(bytes([0]), 300, 101))


def test_signing_keys_are_kept_in_order_and_old_ones_go(store, run):
    for key in (SigningKey("b", "{}", 20), SigningKey("a", "{}", 10), SigningKey("c", "{}", 30)):
        run(store.registry.add_signing_key(key, 0))
    assert [key.kid for key in run(store.registry.signing_keys())] == ["a", "b", "c"]
    run(store.registry.add_signing_key(SigningKey("d", '{"k": 1}', 40), 25))
    assert run(store.registry.signing_keys()) == [SigningKey("c", "{}", 30), SigningKey("d", '{"k": 1}', 40)]
