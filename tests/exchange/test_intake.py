"""The engine under every adapter: kept before anything else, processed once, answered only for what is stored."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from adapters.endpoint import FhirEndpoint, OutgoingMessage
from adapters.exchange.intake import Intake
from adapters.exchange.interpreter import Envelope, Interpretation
from fhir_server.model.issue import Category, FhirError, fault
from tests.memory_endpoint import MemoryEndpoint
from tests.patience import PATIENCE


class Lines:
    """A protocol for tests: `sender key text`; a text `bad` cannot be used, one beginning with `early` is answered at once."""

    channel = "lines"

    def __init__(self) -> None:
        self.order: list[str] = []
        self.pause = 0.0
        self.crash = False

    def envelope(self, raw: bytes) -> Envelope:
        sender, key, text = raw.decode().split(" ")
        return Envelope(sender, key, early=text.startswith("early"))

    async def interpret(self, raw: bytes, endpoint: FhirEndpoint) -> Interpretation:
        text = raw.decode().split(" ")[2]
        self.order.append(f"{text} begins")
        await asyncio.sleep(self.pause)
        self.order.append(f"{text} ends")
        if self.crash:
            raise KeyError("a fault of ours")
        if text == "bad":
            raise fault(Category.INVALID, "invalid", "The text is bad.")
        if text == "nothing":
            return Interpretation(None, b"done", ("nothing to do",))
        entry = {
            "fullUrl": "urn:uuid:1",
            "resource": {"resourceType": "Basic", "identifier": [{"value": text}]},
            "request": {"method": "POST"},
        }
        return Interpretation({"resourceType": "Bundle", "entry": [entry]}, f"done {text}".encode())

    def accepted(self, raw: bytes) -> bytes:
        return b"kept"

    def applied(self, raw: bytes) -> bytes:
        return f"done {raw.decode().split(' ')[2]}".encode()

    def returned(self, raw: bytes, reply: bytes) -> None:
        """Nobody has a place of their own for answers."""

    def refused(self, raw: bytes, error: FhirError) -> bytes:
        return f"no: {error}".encode()

    def not_kept(self, raw: bytes, error: FhirError) -> bytes:
        return b"not kept"


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def server() -> MemoryEndpoint:
    return MemoryEndpoint()


@pytest.fixture
def engine(lines: Lines, server: MemoryEndpoint) -> Intake:
    return Intake(server, server.inbox, lines, clock=lambda: 7, pauses=(0.01,))


def take(engine: Intake, *texts: bytes) -> list[bytes | None]:
    async def run() -> list[bytes | None]:
        replies = [await engine.take(text) for text in texts]
        await engine.drain()
        return replies

    return asyncio.run(run())


def statuses(server: MemoryEndpoint) -> list[str]:
    return [row.status for row in server.inbox.rows]


def test_a_message_is_kept_processed_and_answered(engine: Intake, server: MemoryEndpoint) -> None:
    assert take(engine, b"A 1 x") == [b"done x"]
    (row,) = server.inbox.rows
    assert (row.sender, row.key, row.raw, row.status, row.reply, row.received) == ("A", "1", b"A 1 x", "processed", b"done x", 7)


def test_the_same_bytes_again_get_the_stored_answer(engine: Intake, server: MemoryEndpoint) -> None:
    assert take(engine, b"A 1 x", b"A 1 x", b"A 1 x") == [b"done x"] * 3
    assert len(server.transactions) == 1


def test_the_same_bytes_while_they_are_processed_wait_for_the_one_answer(engine: Intake, lines: Lines, server: MemoryEndpoint) -> None:
    lines.pause = 0.02

    async def run() -> list[bytes | None]:
        return list(await asyncio.gather(*(engine.take(b"A 1 x") for _ in range(5))))

    assert asyncio.run(run()) == [b"done x"] * 5
    assert len(server.transactions) == 1


def test_the_same_key_on_other_bytes_is_another_message_and_flagged(engine: Intake, server: MemoryEndpoint) -> None:
    assert take(engine, b"A 1 x", b"A 1 y", b"B 1 z") == [b"done x", b"done y", b"done z"]
    assert ["used this number before" in (row.note or "") for row in server.inbox.rows] == [False, True, False]


def test_a_message_that_changes_nothing_is_settled_with_its_note(engine: Intake, server: MemoryEndpoint) -> None:
    assert take(engine, b"A 1 nothing") == [b"done"]
    assert (server.inbox.rows[0].status, server.inbox.rows[0].note) == ("processed", "nothing to do")


def test_what_cannot_be_used_stays_with_its_error_and_is_tried_again(engine: Intake, server: MemoryEndpoint, lines: Lines) -> None:
    assert take(engine, b"A 1 bad", b"A 1 bad") == [b"no: The text is bad."] * 2
    assert (server.inbox.rows[0].status, server.inbox.rows[0].note, server.inbox.rows[0].attempts) == ("failed", "The text is bad.", 2)


def test_a_fault_of_ours_is_an_answer_and_a_kept_message(engine: Intake, server: MemoryEndpoint, lines: Lines) -> None:
    lines.crash = True
    assert b"KeyError" in (take(engine, b"A 1 x")[0] or b"")
    assert statuses(server) == ["failed"]


def test_nothing_is_acknowledged_that_could_not_be_kept(engine: Intake, server: MemoryEndpoint) -> None:
    server.inbox.broken = Category.STORAGE
    assert take(engine, b"A 1 x", b"A 2 early") == [b"not kept", b"not kept"]
    assert server.inbox.rows == []


def test_a_disk_that_fills_between_inbox_and_commit_is_said_and_the_repeat_succeeds(engine: Intake, server: MemoryEndpoint) -> None:
    def full(endpoint: MemoryEndpoint) -> None:
        endpoint.before_commit.clear()
        raise fault(Category.STORAGE, "no-store", "The disk is full.")

    server.before_commit.append(full)
    assert take(engine, b"A 1 x", b"A 1 x") == [b"no: The disk is full.", b"done x"]
    assert len(server.all("Basic")) == 1


def test_messages_of_one_sender_are_processed_in_their_order(engine: Intake, lines: Lines) -> None:
    lines.pause = 0.01

    async def run() -> None:
        await asyncio.gather(engine.take(b"A 1 x"), engine.take(b"A 2 y"), engine.take(b"A 3 z"))

    asyncio.run(run())
    assert lines.order == ["x begins", "x ends", "y begins", "y ends", "z begins", "z ends"]


def test_messages_of_two_senders_do_not_wait_for_each_other(engine: Intake, lines: Lines) -> None:
    lines.pause = 0.01

    async def run() -> None:
        await asyncio.gather(engine.take(b"A 1 x"), engine.take(b"B 1 y"))

    asyncio.run(run())
    assert lines.order == ["x begins", "y begins", "x ends", "y ends"]


def test_what_a_crash_left_is_processed_at_the_start(engine: Intake, server: MemoryEndpoint, lines: Lines) -> None:
    async def run() -> int:
        for text in (b"A 1 x", b"A 2 bad", b"A 3 y"):
            await server.inbox.receive("lines", "A", text.decode()[2], text, 0)
        await server.inbox.receive("mail", "A", "1", b"another adapter's", 0)
        return await engine.recovery.recover()

    asyncio.run(run())
    assert statuses(server) == ["processed", "failed", "processed", "received"]


def test_an_interrupted_first_try_is_tried_again_when_it_is_sent_again(engine: Intake, server: MemoryEndpoint) -> None:
    async def run() -> bytes | None:
        await server.inbox.receive("lines", "A", "1", b"A 1 x", 0)
        return await engine.take(b"A 1 x")

    assert asyncio.run(run()) == b"done x"
    assert statuses(server) == ["processed"]


def test_a_sender_that_hangs_up_does_not_stop_its_message(engine: Intake, server: MemoryEndpoint, lines: Lines) -> None:
    lines.pause = 0.02

    async def run() -> None:
        waiting = asyncio.create_task(engine.take(b"A 1 x"))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await engine.drain()

    asyncio.run(run())
    assert statuses(server) == ["processed"]


class TestEarlyAnswers:
    """Enhanced mode: the answer goes out after the inbox write; what follows is ours to finish."""

    def test_the_answer_is_that_it_is_kept(self, engine: Intake, server: MemoryEndpoint) -> None:
        assert take(engine, b"A 1 early", b"A 1 early") == [b"kept", b"kept"]
        assert statuses(server) == ["processed"]
        assert len(server.transactions) == 1

    def test_a_store_that_refuses_for_a_while_delays_the_message_and_loses_nothing(self, engine: Intake, server: MemoryEndpoint) -> None:
        refusals: list[Any] = [None] * 3

        def busy(endpoint: MemoryEndpoint) -> None:
            if refusals:
                refusals.pop()
                raise fault(Category.STORAGE, "no-store", "The disk is full.")

        async def run() -> bytes | None:
            server.before_commit.append(busy)
            reply = await engine.take(b"A 1 early")
            await asyncio.wait(list(engine._running.values()), timeout=PATIENCE)
            return reply

        assert asyncio.run(run()) == b"kept"
        assert statuses(server) == ["processed"]

    def test_a_message_that_cannot_be_stored_does_not_hold_up_the_start(self, lines: Lines, server: MemoryEndpoint) -> None:
        def full(_: MemoryEndpoint) -> None:
            raise fault(Category.STORAGE, "no-store", "The disk is full.")

        async def run() -> None:
            await server.inbox.receive("lines", "A", "1", b"A 1 early", 0)
            server.before_commit.append(full)
            engine = Intake(server, server.inbox, lines, pauses=(0.01,), recovery=0.05)
            assert await engine.recovery.recover() == 1
            assert statuses(server) == ["received"]
            server.before_commit.clear()
            await asyncio.wait(list(engine._running.values()), timeout=PATIENCE)

        asyncio.run(run())
        assert statuses(server) == ["processed"]

    def test_a_sender_who_is_faster_than_the_store_is_slowed_down(self, lines: Lines, server: MemoryEndpoint) -> None:
        lines.pause = 0.005
        engine = Intake(server, server.inbox, lines, backlog=3)
        most = 0

        async def run() -> None:
            nonlocal most
            for number in range(20):
                assert await engine.take(b"A %d early%d" % (number, number)) == b"kept"
                most = max(most, len(engine._running))
            await engine.drain()

        asyncio.run(run())
        assert most <= 4
        assert statuses(server) == ["processed"] * 20

    def test_large_messages_slow_it_down_sooner(self, lines: Lines, server: MemoryEndpoint) -> None:
        lines.pause = 0.005
        engine = Intake(server, server.inbox, lines, held=10_000)
        most = 0

        async def run() -> None:
            nonlocal most
            for number in range(8):
                assert await engine.take(b"A %d early%d" % (number, number) + b"x" * 4000) == b"kept"
                most = max(most, engine._waiting_bytes)
            await engine.drain()

        asyncio.run(run())
        assert 8000 < most < 12_000
        assert engine._waiting_bytes == 0
        assert statuses(server) == ["processed"] * 8

    def test_what_was_accepted_early_is_applied_a_few_at_once_and_holds_up_nobody_who_waits(
        self, lines: Lines, server: MemoryEndpoint
    ) -> None:
        lines.pause = 0.02
        engine = Intake(server, server.inbox, lines, applying=2)

        async def run() -> int:
            for number in range(6):
                await engine.take(b"S%d 1 early%d" % (number, number))
            await engine.take(b"WAITS 1 x")
            begun = sum(text.endswith("begins") for text in lines.order[: lines.order.index("x ends")])
            await engine.drain()
            return begun

        assert asyncio.run(run()) <= 5
        begun = 0
        for text in lines.order:
            begun += (1 if text.endswith("begins") else -1) if text.startswith("early") else 0
            assert begun <= 2
        assert statuses(server) == ["processed"] * 7

    def test_a_stop_leaves_a_waiting_message_in_the_inbox_for_the_next_start(self, engine: Intake, server: MemoryEndpoint) -> None:
        def full(_: MemoryEndpoint) -> None:
            raise fault(Category.STORAGE, "no-store", "The disk is full.")

        server.before_commit.append(full)
        assert take(engine, b"A 1 early") == [b"kept"]
        assert statuses(server) == ["received"]
        server.before_commit.clear()
        again = Intake(server, server.inbox, Lines())
        assert asyncio.run(again.recovery.recover()) == 1
        assert statuses(server) == ["processed"]


def test_a_conflict_is_tried_a_few_times_and_then_said(engine: Intake, server: MemoryEndpoint, lines: Lines) -> None:
    def overtaken(_: MemoryEndpoint) -> None:
        raise fault(Category.CONFLICT, "conflict", "Another write came first.")

    server.before_commit.append(overtaken)
    assert take(engine, b"A 1 x") == [b"no: Another write came first."]
    assert lines.order.count("x begins") == engine._processing.attempts


def test_a_failed_message_that_is_let_go_again_is_processed_and_one_in_other_hands_is_not(server: MemoryEndpoint, lines: Lines) -> None:
    engine = Intake(server, server.inbox, lines)
    lines.crash = True
    take(engine, b"A 1 x", b"A 2 y")
    lines.crash = False
    server.inbox._change(1, status="received")

    async def run() -> int:
        await server.inbox.receive("lines", "B", "9", b"B 9 z", 1)
        again = Intake(server, server.inbox, lines)
        begun = await again.recovery.replayed()
        await again.drain()
        return begun

    assert asyncio.run(run()) == 1
    assert statuses(server) == ["processed", "failed", "received"]


def test_messages_to_others_go_out_with_what_a_message_changed(engine: Intake, server: MemoryEndpoint, lines: Lines) -> None:
    outgoing = OutgoingMessage("gp", "k", b"discharged")
    interpret = lines.interpret

    async def telling(raw: bytes, endpoint: FhirEndpoint) -> Interpretation:
        return replace(await interpret(raw, endpoint), sends=(outgoing,))

    lines.interpret = telling  # type: ignore[method-assign]
    take(engine, b"A 1 x")
    assert server.sent == [outgoing]
