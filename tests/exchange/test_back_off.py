"""How long is waited between attempts, and when a destination is left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from adapters.exchange.back_off import pause
from adapters.exchange.circuit import Circuit


def test_the_pause_doubles_until_it_is_the_longest():
    assert [pause(attempts, 5, 60, lambda: 1.0) for attempts in range(1, 7)] == [5, 10, 20, 40, 60, 60]


def test_two_that_failed_together_do_not_come_back_together():
    assert pause(3, 5, 60, lambda: 0.0) == 10
    assert pause(3, 5, 60, lambda: 0.5) == 15


@given(some.integers(1, 10**6), some.floats(0.001, 100), some.floats(0.001, 10**6), some.floats(0, 1))
def test_it_is_never_longer_than_the_longest_nor_less_than_half_the_first(attempts, first, longest, fraction):
    assert min(first, longest) / 2 <= pause(attempts, first, longest, lambda: fraction) <= longest


def test_a_circuit_opens_after_so_many_failures_in_a_row_and_longer_each_time():
    circuit = Circuit(3, 10, 60)
    assert [circuit.failed(lambda: 1.0) for _ in range(7)] == [0, 0, 10, 20, 40, 60, 60]


def test_a_success_closes_it_and_tells_whether_it_was_open():
    circuit = Circuit(2, 10, 60)
    circuit.failed(lambda: 1.0)
    assert not circuit.succeeded()
    assert circuit.failed(lambda: 1.0) == 0
    assert circuit.failed(lambda: 1.0) == 10
    assert circuit.succeeded()
    assert circuit.failed(lambda: 1.0) == 0
