"""Regular expressions of strangers: bounded in length and in time (http://hl7.org/fhirpath/N1/#matchesregex--string--boolean).

Python's own engine backtracks and cannot be stopped. It is used where it is surely quick: for a pattern without repeated groups whose
repetitions cannot take more than MAX_PLAIN attempts on the text. Everything else goes to the module `regex`, the same language with a
clock: after SECONDS the match is given up, and a pattern that was given up MAX_TIMEOUTS times within a minute is not tried again before
the minute is over. Both find the same.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fhir_server.fhirpath.errors import FhirPathError

MAX_PATTERN = 2000
MAX_SUBJECT = 100_000
MAX_PLAIN = 1_000_000
SECONDS = 0.25
MAX_TIMEOUTS, PERIOD_SECONDS = 4, 60.0
MAX_REMEMBERED = 500

_REPEATED_GROUP = re.compile(r"\)[*+?{]|\\[1-9]|\(\?P=")
_CHOICE = re.compile(r"[*+?{|]")
_BOMB = re.compile(r"\((?:\?:)?(?:\\.|\[[^\]]*\]|[^()|\\])[*+]\)(?:[*+]|\{\d+,\})")

_given_up: dict[str, list[float]] = {}


class RegularExpression:
    """A pattern that may be tried on one text; made by `regular_expression`."""

    __slots__ = ("_column", "_pattern", "_text")

    def __init__(self, pattern: str, text: str, column: int):
        self._pattern, self._text, self._column = pattern, text, column

    def search(self) -> bool:
        """Whether it matches anywhere in the text."""
        return self._run(lambda compiled, limit: compiled.search(self._text, **limit)) is not None

    def fullmatch(self) -> bool:
        """Whether it matches the whole text."""
        return self._run(lambda compiled, limit: compiled.fullmatch(self._text, **limit)) is not None

    def sub(self, expand: Callable[[Any], str]) -> str:
        """The text with what `expand` makes of each match in its place."""
        return str(self._run(lambda compiled, limit: compiled.sub(expand, self._text, **limit)))

    def _run(self, do: Callable[[Any, dict[str, float]], Any]) -> Any:
        choices = len(_CHOICE.findall(self._pattern))
        if not _REPEATED_GROUP.search(self._pattern) and (len(self._text) + 1) ** (choices + 1) <= MAX_PLAIN:
            return do(_plain(self._pattern), {})
        self._refuse_what_was_given_up()
        import regex  # a moment to import, and seldom needed

        try:
            return do(_timed(self._pattern), {"timeout": SECONDS})
        except TimeoutError:
            _remember(self._pattern)
            sentence = f"The regular expression takes longer than {SECONDS} seconds on a text of {len(self._text)} characters."
            raise FhirPathError(sentence, self._column) from None
        except regex.error as error:
            raise FhirPathError(f"The regular expression is not valid: {error}.", self._column) from None

    def _refuse_what_was_given_up(self) -> None:
        times = _given_up.get(self._pattern, ())
        if len(times) >= MAX_TIMEOUTS and time.monotonic() - times[-MAX_TIMEOUTS] < PERIOD_SECONDS:
            sentence = "The regular expression took too long on other texts, so it was not tried; write it without nested repetitions."
            raise FhirPathError(sentence, self._column)


def regular_expression(pattern: str, text: str, column: int) -> RegularExpression:
    """The pattern for this text. FhirPathError where it is none, or either of them is too long."""
    if len(text) > MAX_SUBJECT:
        raise FhirPathError(f"Regular expressions are tried on at most {MAX_SUBJECT} characters.", column)
    try:
        _plain(pattern)
    except re.error as error:
        raise FhirPathError(f"The regular expression is not valid: {error}.", column) from None
    except (RecursionError, OverflowError):
        raise FhirPathError("The regular expression is too deep.", column) from None
    return RegularExpression(pattern, text, column)


@lru_cache(maxsize=512)
def _plain(pattern: str) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise re.error(f"it is longer than {MAX_PATTERN} characters")
    if _BOMB.search(pattern):
        raise re.error("it repeats a repetition, which can take for ever")
    return re.compile(pattern, re.DOTALL)


@lru_cache(maxsize=512)
def _timed(pattern: str) -> Any:
    import regex

    return regex.compile(pattern, regex.DOTALL)


def _remember(pattern: str) -> None:
    if len(_given_up) >= MAX_REMEMBERED:
        _given_up.clear()
    _given_up[pattern] = [*_given_up.get(pattern, ()), time.monotonic()][-MAX_TIMEOUTS:]
