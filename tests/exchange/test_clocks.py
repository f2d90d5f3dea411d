"""Clocks that jump, and machines whose clocks differ: nothing waits for ever, and nobody's order is lost."""

from __future__ import annotations

from adapters.exchange.transport import Later, Receipt
from fhir_server.store.outbox import OutboxEntry
from tests.exchange.bench import entry, of_lanes
from tests.exchange.partner import HOUR, MINUTE, SECOND, by_turns, in_order

YEARS = 12 * 365 * 24 * HOUR


def test_what_a_clock_far_ahead_put_off_is_delivered_once_it_is_set_right(bench, partner, clock):
    bench.partners.rule("chu", keep_hours=0, failures=3, per_minute=6000)
    partner.answers = by_turns(Later("busy"))
    bench.add(*of_lanes(20, 3))
    clock.now += YEARS
    bench.once()
    bench.run(bench.worker("dies").outbox.claim("chu", owner="dies", now=clock.now + HOUR, until=clock.now + 2 * HOUR, limit=5))
    clock.now -= YEARS
    partner.answers = by_turns(Receipt("201"))
    bench.go_on(clock.now + MINUTE, SECOND)
    assert len(partner.took) == 60
    assert in_order(partner.took)


def test_what_was_never_tried_waits_for_no_clock(bench, partner, clock):
    """The server that wrote it may be an hour ahead of who delivers."""
    clock.now -= 3 * HOUR
    bench.add(*of_lanes(3, 3))
    bench.once()
    assert len(partner.took) == 9
    assert in_order(partner.took)


def test_what_is_given_back_or_replayed_waits_for_no_clock(bench, partner, clock):
    """Else one whose clock is behind would be given what is behind it in its lane."""
    partner.answers = lambda message, now: Later("busy", unreachable=False) if message.key == "a1" else Receipt()
    bench.add(entry("a1", "Patient/a"), entry("a2", "Patient/a"))
    bench.once()
    assert [row.due > clock.now for row in bench.rows()] == [True, False]
    assert bench.rows()[1].due == 0


def test_a_rate_goes_on_after_a_clock_was_set_back(bench, partner, clock):
    bench.partners.rule("chu", per_minute=60, keep_hours=0)
    bench.add(*(OutboxEntry("chu", str(number), b"") for number in range(10)))
    clock.now += HOUR
    bench.once()
    clock.now -= HOUR
    bench.go_on(clock.now + 5 * SECOND, SECOND)
    assert len(partner.took) == 6


def test_a_destination_that_is_resumed_gets_at_once_what_was_to_be_tried_later(bench, partner, clock):
    partner.answers = by_turns(*[Later("busy", seconds=3600, unreachable=False)] * 3, Receipt())
    bench.add(*of_lanes(3, 2))
    bench.once()
    bench.once()
    assert len(partner.asked) == 3
    bench.run(bench.store.outbox.resume("chu"))
    bench.once()
    assert len(partner.took) == 6
    assert in_order(partner.took)
