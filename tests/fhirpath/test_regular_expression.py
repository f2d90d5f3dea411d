"""Regular expressions of strangers end soon, and mean the same whichever engine runs them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhirpath import regular_expression as module
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.regular_expression import MAX_PATTERN, MAX_SUBJECT, MAX_TIMEOUTS, regular_expression
from tests.patience import PATIENCE, comes_to_an_end

BOMBS = [
    ("(a|a)*b", "a" * 40),
    ("(a|aa)+b", "a" * 60),
    ("(a+a+)+b", "a" * 60),
    ("(x+x+)+y", "x" * 60),
    ("(?:a?){60}a{60}", "a" * 59),
    ("(.*a){25}", "a" * 24 + "b" * 60),
    (".*.*.*.*.*.*x", "a" * 5000),
    (r"(\w+\s?)+$", "word " * 40 + "!"),
]


@pytest.fixture(autouse=True)
def _nothing_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_given_up", {})


def ends(pattern: str, text: str) -> bool | None:
    """None where the match was given up."""
    try:
        return regular_expression(pattern, text, 0).fullmatch()
    except FhirPathError:
        return None


@pytest.mark.parametrize(("pattern", "text"), BOMBS)
def test_a_pattern_that_explodes_is_given_up_in_time(pattern: str, text: str) -> None:
    with comes_to_an_end():
        assert ends(pattern, text) is not True


def test_what_was_given_up_often_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern, text = BOMBS[1]
    for _ in range(MAX_TIMEOUTS):
        assert ends(pattern, text) is None
    monkeypatch.setattr(module, "_timed", lambda pattern: pytest.fail("tried again"))
    monkeypatch.setattr(module, "PERIOD_SECONDS", PATIENCE * 60)
    assert [ends(pattern, text) for _ in range(1000)] == [None] * 1000


@pytest.mark.parametrize(("pattern", "text"), [("(", ""), ("a" * (MAX_PATTERN + 1), ""), ("a", "a" * (MAX_SUBJECT + 1)), ("(a+)+", "")])
def test_what_is_no_pattern_or_beyond_the_bounds_is_refused(pattern: str, text: str) -> None:
    with pytest.raises(FhirPathError):
        regular_expression(pattern, text, 0)


PIECES = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "a?", "b*", "(a|b)", "(ab)+", "(?:b){0,2}", r"\w", r"\s", "^", "$", "a{1,3}"])


@given(st.lists(PIECES, max_size=6).map("".join), st.text("ab \n", max_size=8))
def test_both_engines_find_what_python_finds(pattern: str, text: str) -> None:
    made = regular_expression(pattern, text, 0)
    known = re.compile(pattern, re.DOTALL)
    assert made.search() == (known.search(text) is not None)
    assert made.fullmatch() == (known.fullmatch(text) is not None)
    assert made.sub(lambda found: f"<{found[0]}>") == known.sub(lambda found: f"<{found[0]}>", text)
