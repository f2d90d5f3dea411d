"""Several servers on one PostgreSQL database: a sender's messages are processed in the order of the inbox, whichever server got them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.endpoint import FhirEndpoint
from adapters.exchange.intake import Intake
from adapters.exchange.interpreter import Envelope, Interpretation
from fhir_server.hospital import StoreInbox
from fhir_server.model.issue import FhirError
from fhir_server.store.change import InboxSettlement
from fhir_server.store.inbox import InboxRow, processed_already
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from tests.exchange.test_intake import Lines
from tests.patience import PATIENCE

Run = Callable[[Any], Any]


class Shared(Lines):
    """One list of what was interpreted, for both servers; some take longer than others. Nothing is to be changed in FHIR."""

    def __init__(self, done: list[str]) -> None:
        super().__init__()
        self.done = done
        self.at_once: dict[str, int] = {}
        self.chance = random.Random(7)

    def envelope(self, raw: bytes) -> Envelope:
        sender, key, text = raw.decode().split(" ")
        return Envelope(sender, key, early=text == "early")

    async def interpret(self, raw: bytes, endpoint: FhirEndpoint) -> Interpretation:
        sender, key, _ = raw.decode().split(" ")
        self.at_once[sender] = self.at_once.get(sender, 0) + 1
        assert self.at_once[sender] == 1, "two messages of one sender at once"
        await asyncio.sleep(self.chance.choice([0, 0, 0.001, 0.02]))
        self.at_once[sender] -= 1
        self.done.append(f"{sender} {key}")
        return Interpretation(None, f"done {key}".encode())


@asynccontextmanager
async def servers(url: str, lines: Shared, count: int = 2) -> AsyncIterator[list[tuple[Store, Intake]]]:
    stores = [await open_store(url) for _ in range(count)]
    made = [(store, Intake(None, StoreInbox(store.inbox), lines, pauses=(0.01,))) for store in stores]  # type: ignore[arg-type]
    yield made
    for store, intake in made:
        await intake.drain()
        await store.close()


def of(sender: str, done: list[str]) -> list[int]:
    return [int(one.split()[1]) for one in done if one.startswith(f"{sender} ")]


@pytest.mark.parametrize("text", ["x", "early"])
def test_two_servers_process_a_senders_messages_in_the_order_of_the_inbox(postgresql_url: str, run: Run, text: str) -> None:
    lines = Shared([])

    async def scene() -> list[InboxRow]:
        async with servers(postgresql_url, lines) as both:
            waiting = []
            for number in range(40):
                for sender in "AB":
                    intake = both[(number + (sender == "B")) % 2][1]
                    waiting.append(asyncio.create_task(intake.take(f"{sender} {number} {text}".encode())))
                await asyncio.sleep(0.002)
            replies = await asyncio.gather(*waiting)
            assert replies == ([b"kept"] * 80 if text == "early" else [f"done {number}".encode() for number in range(40) for _ in "AB"])
            inbox = both[0][0].inbox
            async with asyncio.timeout(PATIENCE):
                while await inbox.find("received", 1):  # noqa: ASYNC110 - who was answered early is told nothing more
                    await asyncio.sleep(0.01)
            return await inbox.find(None, 1000)

    rows = run(scene())
    assert {row.status for row in rows} == {"processed"}
    assert len(lines.done) == len(set(lines.done)) == 80
    for sender in "AB":
        assert of(sender, lines.done) == [int(row.key) for row in rows if row.sender == sender]


def test_what_another_server_left_behind_comes_before_what_is_new(database_url: str, run: Run) -> None:
    lines = Shared([])

    async def scene() -> bytes | None:
        async with servers(database_url, lines, 1) as ((store, intake),):
            for key in ("1", "2"):  # a server kept them, and died
                await store.inbox.receive("lines", "A", key, f"A {key} x".encode(), 1)
            await store.inbox.receive("lines", "B", "9", b"B 9 x", 1)
            return await intake.take(b"A 3 x")

    assert run(scene()) == b"done 3"
    assert lines.done == ["A 1", "A 2", "A 3"]


def test_a_server_that_starts_does_not_process_again_what_another_is_processing(postgresql_url: str, run: Run) -> None:
    lines = Shared([])

    async def scene() -> None:
        async with servers(postgresql_url, lines) as ((_, first), (_, second)):
            taken = [asyncio.create_task(first.take(f"A {key} x".encode())) for key in range(20)]
            await asyncio.sleep(0.05)
            await second.recovery.recover()
            await asyncio.gather(*taken)

    run(scene())
    assert sorted(of("A", lines.done)) == list(range(20))


def test_a_turn_ends_with_the_server_that_had_it(postgresql_url: str, run: Run) -> None:
    async def scene() -> None:
        dying, other = await open_store(postgresql_url), await open_store(postgresql_url)
        row = await dying.inbox.receive("lines", "A", "1", b"A 1 x", 1)
        turn = dying.inbox.turn(row)
        await turn.__aenter__()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await other.inbox.turn(row).__aenter__()
        await dying.close()
        async with asyncio.timeout(5), other.inbox.turn(row) as due:
            assert [one.number for one in due] == [row.number]
        await other.close()

    run(scene())


class Purged(StoreInbox):
    """Somebody removes what failed, just when its sender sends it again."""

    def __init__(self, store: Store):
        super().__init__(store.inbox)
        self.store = store

    async def receive(self, *message: Any) -> Any:
        row = await super().receive(*message)
        await self.store.inbox.fail(row.number, "no", b"AE")
        await self.store.inbox.purge("failed", row.received + 1)
        return row


def test_a_message_that_is_removed_while_it_waits_for_its_turn_is_answered(store: Store, run: Run) -> None:
    lines = Shared([])
    intake = Intake(None, Purged(store), lines, pauses=(0.01,), attempts=1)  # type: ignore[arg-type]
    assert run(intake.take(b"A 1 x")) == lines.refused(b"A 1 x", processed_already(1))


def test_a_message_is_settled_once(store: Store, run: Run) -> None:
    row = run(store.inbox.receive("lines", "A", "1", b"A 1 x", 1))
    run(store.inbox.settle(InboxSettlement(row.number, b"done", None)))
    with pytest.raises(FhirError, match="meanwhile"):
        run(store.inbox.settle(InboxSettlement(row.number, b"again", None)))
    assert run(store.inbox.read(row.number)).reply == b"done"
