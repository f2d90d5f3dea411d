"""The circuit breaker: who fails is left alone, by every worker; whoever is first to reach it again, everything goes on at once."""

from __future__ import annotations

import pytest

from adapters.exchange.transport import Later, Receipt, Refused
from tests.exchange.bench import entry, of_lanes
from tests.exchange.partner import HOUR, MINUTE, SECOND, down_until


def test_after_a_restart_what_waited_goes_on_as_soon_as_the_destination_answers(bench, partner, clock):
    """A worker that knew nothing of the failures let one message go for each lease, for ever."""
    began = clock.now
    partner.answers = down_until(began + 5 * MINUTE)
    bench.add(*of_lanes(20, 10))
    bench.go_on(began + 4 * MINUTE)
    bench.delivery = bench.worker("after the restart")
    bench.go_on(began + 12 * MINUTE)
    assert len(partner.took) == 200


def test_whichever_worker_reaches_it_first_everything_goes_on(bench, partner, clock):
    began = clock.now
    partner.answers = down_until(began + 5 * MINUTE)
    bench.add(*of_lanes(20, 10))
    bench.go_on(began + 4 * MINUTE)
    other = bench.worker("other")
    while clock.now < began + 12 * MINUTE:
        clock.now += 10 * SECOND
        bench.run(other.once())
        bench.once()
    assert len(partner.took) == 200


def test_a_worker_that_finds_it_still_down_leaves_it_alone_at_once(bench, partner, clock):
    partner.answers = down_until(clock.now + HOUR)
    bench.add(*of_lanes(3, 1))
    bench.run(bench.store.outbox.hold("chu", clock.now - SECOND))
    bench.once()
    (state,) = bench.run(bench.store.outbox.destinations())
    assert (len(partner.asked), state.held) == (1, clock.now + 10 * SECOND)


def test_failures_of_what_was_under_way_at_once_are_one_rest(bench, partner, clock):
    """Twenty that failed together counted as twenty in a row, and a blip of five seconds as an outage of five minutes."""
    began = clock.now
    partner.answers = down_until(began + 5 * SECOND)
    bench.add(*of_lanes(20, 1))
    bench.go_on(began + 20 * SECOND, SECOND)
    assert len(partner.took) == 20


@pytest.mark.parametrize("content_type", ["application/fhir+json", "text/x-not-made"])
def test_a_message_that_is_not_sent_proves_nothing_and_the_next_is_tried(bench, partner, clock, content_type):
    """Of a hundred whose time is over each would have taken the place of the one that tries, for the length of a lease."""
    over = clock.now - SECOND if content_type.startswith("application") else 0
    bench.add(*(entry(f"over {number}", expires=over, content_type=content_type) for number in range(5)), entry("good"))
    bench.run(bench.store.outbox.hold("chu", clock.now - SECOND))
    bench.once()
    assert partner.keys == ["good"]
    assert len(bench.rows(status="dead")) == 5


@pytest.mark.parametrize("answer", [Refused("answered 422"), Later("answered 200, not understood", unreachable=False)])
def test_a_destination_that_answers_anything_is_reached(bench, partner, clock, answer):
    partner.answers = lambda message, now: answer if message.key == "0-0" else Receipt()
    bench.add(*of_lanes(3, 1))
    bench.run(bench.store.outbox.hold("chu", clock.now - SECOND))
    bench.once()
    assert sorted(partner.keys) == ["1-0", "2-0"]


def test_a_probe_that_a_stopping_worker_gives_back_is_at_once_the_next_ones(bench, partner, clock):
    bench.add(entry("a"))
    bench.run(bench.store.outbox.hold("chu", clock.now - SECOND))
    claim = bench.delivery.outbox.claim

    async def stopped(*arguments, **named):
        bench.delivery.stop()
        return await claim(*arguments, **named)

    bench.delivery.outbox.claim = stopped
    bench.once()
    assert partner.keys == []
    bench.delivery = bench.worker("next")
    bench.once()
    assert partner.keys == ["a"]
