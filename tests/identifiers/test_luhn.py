"""The check digit of RPPS, FINESS, SIREN and SIRET: what it detects, and whose numbers keep to it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fhir_server.identifiers.luhn import check_digit, luhn_faults

DIGITS = st.text("0123456789", min_size=1, max_size=20)


def holds(value: str) -> bool:
    return not list(luhn_faults(value))


@given(DIGITS)
def test_a_number_with_its_check_digit_is_sound_and_with_no_other(number: str) -> None:
    assert [digit for digit in "0123456789" if holds(number + digit)] == [check_digit(number)]


@given(DIGITS, st.data())
def test_every_change_of_a_single_digit_is_found(number: str, data: st.DataObject) -> None:
    whole = number + check_digit(number)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != whole[place]]))
    assert not holds(whole[:place] + other + whole[place + 1 :])


@given(DIGITS, st.data())
def test_every_swap_of_neighbours_is_found_but_that_of_0_and_9(number: str, data: st.DataObject) -> None:
    whole = number + check_digit(number)
    place = data.draw(st.integers(0, len(whole) - 2))
    one, other = whole[place], whole[place + 1]
    assume(one != other)
    assert holds(whole[:place] + other + one + whole[place + 2 :]) is ({one, other} == {"0", "9"})


def test_the_fault_tells_the_right_digit() -> None:
    (fault,) = luhn_faults("10002422978")
    assert fault.message_id == "identifier-key"
    assert fault.sentence.startswith("The last digit should be 9, not 8")


@pytest.mark.parametrize("value", ["01234567897", "10002422979", "750803447", "330780321"])
def test_official_numbers_keep_to_it(value: str) -> None:
    assert holds(value)
