"""Our answers are numbered (MSH-10, ST of 20 characters) so that no two have the same number, restarts included."""

from itertools import chain, islice

from adapters.hl7v2.adt import control_ids


def test_no_number_comes_twice_and_all_fit_into_the_field():
    started = [control_ids() for _ in range(3)]
    numbers = list(chain.from_iterable(islice(iter(one, None), 100) for one in started))
    assert len(set(numbers)) == 300
    assert all(len(number) == 20 and number.isalnum() for number in numbers)
