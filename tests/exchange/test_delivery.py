"""The engine's outgoing half, on a simulated clock and on both stores: at least once, in order per person, nothing dropped."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.exchange.delivery import Delivery
from adapters.exchange.transport import Later, Receipt, Refused
from fhir_server.delivery import StoreOutbox
from fhir_server.model.issue import Category, fault
from fhir_server.store.outbox import OutboxEntry, OutboxFilter
from tests.exchange.bench import entry, of_lanes
from tests.exchange.partner import HOUR, MINUTE, SECOND, Partner, Partners, by_turns, down_until, in_order
from tests.patience import PATIENCE


def test_what_is_due_is_delivered_once_and_its_receipt_kept(bench, partner):
    bench.add(entry("a"), entry("b"))
    bench.once()
    bench.once()
    assert sorted(partner.keys) == ["a", "b"]
    assert {(row.status, row.note, row.attempts) for row in bench.rows()} == {("delivered", "201", 1)}


def test_messages_about_one_person_go_one_after_the_other_and_about_several_at_once(bench, partner):
    bench.add(*of_lanes(6, 5))
    bench.once()
    assert len(partner.took) == 30
    assert in_order(partner.took)
    assert partner.most_at_once == 6


def test_a_failed_attempt_is_repeated_later_and_later_and_the_person_waits_for_it(bench, partner, clock):
    bench.partners.rule("chu", failures=100)
    partner.answers = by_turns(Later("busy"), Later("busy"), Later("busy"), Receipt())
    began = clock.now
    bench.add(entry("a1", "Patient/a"), entry("a2", "Patient/a"))
    bench.once()
    bench.go_on(began + 2 * MINUTE, SECOND)
    assert [(moment - began) // SECOND for moment, _ in partner.asked] == [0, 5, 15, 35, 35]
    assert partner.keys == ["a1", "a2"]


def test_another_person_does_not_wait(bench, partner):
    partner.answers = lambda message, now: Later("busy", unreachable=False) if message.lane == "Patient/a" else Receipt()
    bench.add(*(entry(f"{lane}{step}", f"Patient/{lane}") for lane in "ab" for step in "12"))
    bench.once()
    assert partner.keys == ["b1", "b2"]
    assert [(row.key, row.attempts) for row in bench.rows(status="waiting")] == [("a1", 1), ("a2", 0)]


@pytest.mark.parametrize(("asks", "waits"), [(100, 100), (999_999_999, 86_400)])
def test_a_destination_that_says_when_is_asked_then_and_within_a_day(bench, partner, clock, asks, waits):
    partner.answers = by_turns(Later("busy", seconds=asks), Receipt())
    began = clock.now
    bench.add(entry("a"))
    bench.once()
    bench.go_on(began + (waits - 2) * SECOND, (waits - 2) * SECOND)
    bench.go_on(began + (waits + 2) * SECOND, SECOND)
    assert [(moment - began) // SECOND for moment, _ in partner.asked] == [0, waits]


def test_what_is_refused_is_a_dead_letter_with_the_reason_and_what_is_behind_goes_on(bench, partner):
    partner.answers = lambda message, now: Refused("answered 422 value") if message.key == "a1" else Receipt()
    bench.add(entry("a1", "Patient/a"), entry("a2", "Patient/a"))
    bench.once()
    assert [(row.key, row.note) for row in bench.rows(status="dead")] == [("a1", "answered 422 value")]
    assert partner.keys == ["a2"]


def test_where_order_is_strict_nothing_passes_a_dead_letter_until_it_is_replayed(bench, partner):
    bench.partners.rule("chu", strict=True)
    partner.answers = by_turns(Refused("answered 422"), Receipt())
    bench.add(entry("a1", "Patient/a"), entry("a2", "Patient/a"), entry("b1", "Patient/b"))
    bench.once()
    bench.once()
    assert partner.keys == ["b1"]
    assert bench.run(bench.store.outbox.replay(OutboxFilter("dead"))) == 1
    bench.once()
    assert partner.keys == ["b1", "a1", "a2"]


def test_an_unforeseen_error_of_a_transport_loses_nothing(bench, partner, clock):
    def breaks(message: Any, now: int) -> Any:
        if len(partner.asked) == 1:
            raise ZeroDivisionError("with the name of a patient")
        return Receipt()

    partner.answers = breaks
    bench.add(entry("a"))
    bench.once()
    (row,) = bench.rows()
    assert row.note == "it could not be sent (ZeroDivisionError)"
    bench.go_on(clock.now + MINUTE)
    assert partner.keys == ["a"]


def test_who_may_not_be_asked_is_waited_for(bench, partner):
    def forbidden(message: Any, now: int) -> Any:
        raise fault(Category.FORBIDDEN, "security", "the setting allowed_hosts allows nothing")

    partner.answers = forbidden
    bench.add(entry("a"))
    bench.once()
    assert [(row.status, row.note) for row in bench.rows()] == [("waiting", "the setting allowed_hosts allows nothing")]


def test_a_slow_answer_is_no_answer(bench, partner, clock):
    bench.partners.rule("chu", seconds=0.05)

    async def slow(message: Any) -> Any:
        await asyncio.sleep(5)

    bench.partners.by_name["chu"].transport.deliver = slow
    bench.add(entry("a"))
    bench.once()
    assert bench.rows()[0].note == "no answer within 0.05 seconds"


def test_after_so_many_attempts_it_is_given_up_where_the_destination_says_so(bench, partner, clock):
    bench.partners.rule("chu", attempts=3, failures=100)
    partner.answers = by_turns(Later("busy"))
    bench.add(entry("a"))
    bench.go_on(clock.now + 10 * MINUTE)
    assert [(row.status, row.note) for row in bench.rows()] == [("dead", "given up after 3 attempts: busy")]


def test_what_is_not_delivered_in_its_time_is_a_dead_letter_and_a_replay_has_no_end(bench, partner, clock):
    bench.partners.rule("chu", keep_hours=2, failures=1000)  # the clock is an hour ahead of when messages are made
    partner.answers = down_until(clock.now + 2 * HOUR)
    bench.add(entry("a"), entry("b", expires=clock.now + MINUTE))
    bench.go_on(clock.now + 2 * MINUTE)
    assert [row.key for row in bench.rows(status="dead")] == ["b"]
    bench.go_on(clock.now + HOUR, MINUTE)
    assert [row.key for row in bench.rows(status="dead")] == ["a", "b"]
    assert "its time was over" in bench.rows(status="dead")[0].note
    bench.clock.now += HOUR
    bench.run(bench.store.outbox.replay(OutboxFilter("dead")))
    bench.once()
    assert sorted(partner.keys) == ["a", "b"]


def test_a_partner_that_is_down_for_an_hour_gets_everything_in_order_afterwards_and_was_left_in_peace(bench, partner, clock):
    partner.answers = down_until(clock.now + HOUR)
    bench.add(*of_lanes(20, 10))
    bench.once()
    bench.go_on(clock.now + HOUR - MINUTE)
    tried_in_vain = len(partner.asked)
    bench.go_on(clock.now + HOUR)
    print(f"200 messages, {tried_in_vain} attempts in the hour, {len(partner.took)} delivered, {len(set(partner.keys))} different")
    assert sorted(partner.keys) == sorted(one.key for one in of_lanes(20, 10))
    assert in_order(partner.took)
    assert tried_in_vain < 40


def test_one_destination_in_trouble_holds_up_no_other(bench, partner, clock):
    other = Partner(clock)
    bench.partners.by_name |= Partners(lab=other).by_name
    partner.answers = by_turns(Later("no connection"))
    bench.add(*(OutboxEntry(name, f"{name}{number}", b"") for number in range(20) for name in ("chu", "lab")))
    bench.once()
    assert len(other.took) == 20
    assert not partner.took


def test_a_destination_that_nobody_knows_keeps_its_messages_and_is_told_of_once(bench, partner, clock, caplog):
    bench.add(OutboxEntry("nobody", "a", b""))
    bench.once()
    bench.once()
    assert [row.status for row in bench.rows()] == ["waiting"]
    assert [record.getMessage() for record in caplog.records] == ["messages wait for nobody, which no table of the destinations names"]


def test_a_worker_goes_on_after_an_unforeseen_error(bench, partner):
    outbox = StoreOutbox(bench.store.outbox)
    read, errors = outbox.open_destinations, [ZeroDivisionError()]

    async def broken_once(now: int) -> list[str]:
        if errors:
            raise errors.pop()
        return await read(now)

    outbox.open_destinations = broken_once  # type: ignore[method-assign]
    worker = Delivery(outbox, bench.partners, "me", clock=bench.clock, idle=0)
    partner.answers = lambda message, now: worker.stop() or Receipt()  # type: ignore[func-returns-value]
    bench.add(entry("a"))
    bench.run(asyncio.wait_for(worker.run(), PATIENCE))
    assert partner.keys == ["a"]


def test_a_rate_is_kept(bench, partner, clock):
    bench.partners.rule("chu", per_minute=60)
    bench.add(*(entry(str(number)) for number in range(30)))
    bench.go_on(clock.now + 10 * SECOND, SECOND)
    assert 10 <= len(partner.took) <= 11


def test_what_a_dead_worker_had_in_hand_is_delivered_by_another(bench, partner, clock):
    bench.add(*of_lanes(3, 3))
    outbox = StoreOutbox(bench.store.outbox)
    rules = bench.partners.by_name["chu"].rules
    bench.run(outbox.claim("chu", owner="dead", now=clock.now, until=clock.now + rules.lease, limit=4))
    bench.once()
    assert not [one for one in partner.took if one.lane == "Patient/0"]
    clock.now += rules.lease + SECOND
    bench.once()
    assert len(set(partner.keys)) == 9
    assert in_order(partner.took)


def test_a_message_whose_outcome_could_not_be_written_is_delivered_again(bench, partner, clock):
    bench.add(entry("a"))
    outbox = StoreOutbox(bench.store.outbox)
    settle = outbox.settle
    broken = [True]

    async def once_broken(outcomes: Any) -> None:
        if broken.pop() if broken else False:
            raise fault(Category.STORAGE, "no-store", "The disk is full.")
        await settle(outcomes)

    outbox.settle = once_broken  # type: ignore[method-assign]
    delivery = Delivery(outbox, bench.partners, "me", clock=clock)
    bench.run(delivery.once())
    assert [row.status for row in bench.rows()] == ["waiting"]
    clock.now += bench.partners.by_name["chu"].rules.lease + SECOND
    bench.run(delivery.once())
    assert partner.keys == ["a", "a"]
    assert [row.status for row in bench.rows()] == ["delivered"]


def test_a_worker_that_stops_finishes_what_it_does_and_gives_back_the_rest(bench, partner, clock):
    bench.add(*(entry(f"a{step}", "Patient/a") for step in range(5)))

    async def stopped() -> None:
        def stops(message: Any, now: int) -> Any:
            bench.delivery.stop()
            return Receipt()

        partner.answers = stops
        await asyncio.wait_for(bench.delivery.run(), PATIENCE)

    bench.run(stopped())
    assert partner.keys == ["a0"]
    waiting = bench.rows(status="waiting")
    assert [(row.key, row.attempts, row.owner) for row in waiting] == [(f"a{step}", 0, "") for step in range(1, 5)]


def test_two_workers_deliver_everything_once_and_in_order(bench, partner, clock):
    bench.add(*of_lanes(30, 10))

    async def both() -> None:
        workers = [bench.worker("a"), bench.worker("b")]
        while await bench.store.outbox.find(OutboxFilter("waiting"), 1):
            await asyncio.gather(*(one.once() for one in workers))
            clock.now += SECOND

    bench.run(asyncio.wait_for(both(), PATIENCE))
    assert len(partner.took) == len(set(partner.keys)) == 300
    assert in_order(partner.took)


def test_a_look_that_took_long_and_found_nothing_is_followed_by_a_rest(bench, partner, clock):
    """A hundred thousand that wait behind dead letters would keep the database busy by being looked through."""
    looks: list[float] = []
    elapsed = [100.0]

    async def slow(*arguments: Any, **named: Any) -> list[Any]:
        looks.append(elapsed[0])
        elapsed[0] += 0.25
        return []

    worker = Delivery(StoreOutbox(bench.store.outbox), bench.partners, "me", clock=clock, elapsed=lambda: elapsed[0])
    worker.outbox.claim = slow  # type: ignore[method-assign]
    bench.add(entry("a"))
    for _ in range(12):
        bench.run(worker.once())
        elapsed[0] += 0.5
    assert looks == [100.0, 102.75, 105.5]
