"""Joining what a message says to what is there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.merge import merged

KEYED = {"how": "replace", "key": ["use"]}
OVERLAID = {"how": "overlay", "key": ["system", "value"]}


@pytest.mark.parametrize(
    ("there", "said", "rule", "expected"),
    [
        ("F", "M", {"how": "replace"}, "M"),
        ("F", "M", {"how": "fill"}, "F"),
        ({"start": 1}, {"end": 2}, {"how": "overlay"}, {"start": 1, "end": 2}),
        ({"start": 1}, {"end": 2}, {"how": "replace"}, {"end": 2}),
        ([{"use": "home", "a": 1}, {"use": "work"}], [{"use": "home", "b": 2}], KEYED, [{"use": "home", "b": 2}, {"use": "work"}]),
        ([{"use": "home"}], [{"use": "old"}], KEYED, [{"use": "home"}, {"use": "old"}]),
        ([{"use": "m", "n": 1}, {"use": "m", "n": 2}], [{"use": "m", "n": 3}], KEYED, [{"use": "m", "n": 3}]),
        ([{"use": "m", "n": 1}], [{"use": "m", "n": 2}, {"use": "m", "n": 3}], KEYED, [{"use": "m", "n": 2}, {"use": "m", "n": 3}]),
        (
            [{"system": "s", "value": "1", "period": 1}, {"system": "t", "value": "1"}],
            [{"system": "s", "value": "1", "use": "usual"}, {"system": "s", "value": "2"}],
            OVERLAID,
            [{"system": "s", "value": "1", "period": 1, "use": "usual"}, {"system": "t", "value": "1"}, {"system": "s", "value": "2"}],
        ),
    ],
)
def test_how_elements_are_joined(there: Any, said: Any, rule: dict[str, Any], expected: Any) -> None:
    assert merged({"e": there}, {"resourceType": "X", "e": said}, {}, {"e": rule}) == {"e": expected}


def test_what_the_message_does_not_speak_of_stays() -> None:
    assert merged({"a": 1, "b": 2}, {"a": 3}, {}, {}) == {"a": 3, "b": 2}


def test_keys_may_lie_deep_and_go_through_lists() -> None:
    there = [{"url": "m", "extension": [{"valueIdentifier": {"value": "1"}}]}]
    said = [{"url": "m", "extension": [{"valueIdentifier": {"value": "2"}}]}]
    rule = {"how": "replace", "key": ["url", "extension.valueIdentifier.value"]}
    assert merged({"e": there}, {"e": said}, {}, {"e": rule})["e"] == there + said
    assert merged({"e": there}, {"e": there}, {}, {"e": rule})["e"] == there


def test_an_element_may_give_way_or_make_others_give_way() -> None:
    rules = {"dateTime": {"how": "replace", "instead_of": ["boolean"]}, "boolean": {"how": "replace", "unless": ["dateTime"]}}
    assert merged({"boolean": True}, {"dateTime": "2026"}, {}, rules) == {"dateTime": "2026"}
    assert merged({"dateTime": "2026"}, {"boolean": True}, {}, rules) == {"dateTime": "2026"}
    assert merged({"boolean": False}, {"boolean": True}, {}, rules) == {"boolean": True}


def test_deletions_take_the_items_they_name_or_all() -> None:
    there = {"t": [{"use": "home"}, {"use": "work"}], "g": "F"}
    assert merged(there, {}, {"t": [{"use": "home"}]}, {}) == {"t": [{"use": "work"}], "g": "F"}
    assert merged(there, {}, {"t": [{}], "g": [{}]}, {}) == {}
    assert merged(there, {}, {"absent": [{}]}, {}) == there


ITEM = st.fixed_dictionaries({"use": st.sampled_from(["home", "work", "old"]), "n": st.integers(0, 3)})


@given(st.lists(ITEM, max_size=5), st.lists(ITEM, min_size=1, max_size=5), st.sampled_from(["replace", "overlay"]))
def test_saying_the_same_twice_changes_nothing_more(there: list[Any], said: list[Any], how: str) -> None:
    rules = {"e": {"how": how, "key": ["use"]}}
    once = merged({"e": there}, {"e": said}, {}, rules)
    assert merged(once, {"e": said}, {}, rules) == once


@given(st.lists(ITEM, max_size=5), st.lists(ITEM, min_size=1, max_size=5))
def test_neither_side_is_changed(there: list[Any], said: list[Any]) -> None:
    before = repr((there, said))
    merged({"e": there}, {"e": said}, {"e": [{"use": "home"}]}, {"e": KEYED})
    assert repr((there, said)) == before
