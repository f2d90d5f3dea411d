"""The syntax of `_filter` (https://hl7.org/fhir/R4/search_filter.html): text -> tree, without knowing any parameter.

`and` and `or` are read from left to right, neither before the other, as the specification has it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

OPERATORS = frozenset(("eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr", "po", "ss", "sb", "in", "ni", "re"))
MAX_DEPTH = 20
"""Parentheses, brackets and `not` inside one another."""

_NAME = re.compile(r"[A-Za-z_][\w\-]*(?::[A-Z]\w*)?", re.ASCII)
_WORD = re.compile(r"[a-z]+", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_TOKEN = re.compile(r'[^\s)\]"][^\s)\]]*')
_NOT = re.compile(r"not\s*\(")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Step:
    """A parameter on the way, and what must hold where it leads."""

    name: str
    filter: Filter | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The values of the path compared with one."""

    path: tuple[Step, ...]
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Logical:
    """`operator` is `and` or `or`."""

    operator: str
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`not (...)`"""

    filter: Filter


Filter = Comparison | Logical | Negation


def parse_filter_text(text: str) -> Filter:
    """ValueError with a sentence that says where the text cannot be read."""
    reader = _Reader(text)
    found = reader.filter(0)
    reader.end()
    return found


class _Reader:
    """Reads from the front; `_at` is how far it came."""

    def __init__(self, text: str):
        self._text = text
        self._at = 0
        self._turns = 0

    def filter(self, depth: int) -> Filter:
        found = self._term(depth)
        while (operator := self._logical()) is not None:
            following = self._term(depth)
            if isinstance(found, Logical) and found.operator == operator:
                found = Logical(operator, (*found.filters, following))
            else:
                found = Logical(operator, (found, following))
            self._turns += len(found.filters) == 2
            if self._turns > MAX_DEPTH:
                raise self._fault(f"no more than {MAX_DEPTH} turns between `and` and `or`")
        return found

    def end(self) -> None:
        self._skip()
        if self._at < len(self._text):
            raise self._fault("an end, `and` or `or`")

    def _logical(self) -> str | None:
        self._skip()
        found = _WORD.match(self._text, self._at)
        if found is None or found[0] not in ("and", "or"):
            return None
        self._at = found.end()
        return found[0]

    def _term(self, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise self._fault(f"no more than {MAX_DEPTH} groups inside one another")
        self._skip()
        if found := _NOT.match(self._text, self._at):
            self._at = found.end()
            return Negation(self._group(")", depth))
        if self._taken("("):
            return self._group(")", depth)
        return self._comparison(depth)

    def _group(self, end: str, depth: int) -> Filter:
        found = self.filter(depth + 1)
        self._skip()
        if not self._taken(end):
            raise self._fault(f"`{end}`")
        return found

    def _comparison(self, depth: int) -> Comparison:
        path = [self._step(depth)]
        while self._taken("."):
            path.append(self._step(depth))
        if path[-1].filter:
            raise self._fault("`.` and a parameter")
        return Comparison(tuple(path), self._operator(), self._value())

    def _step(self, depth: int) -> Step:
        self._skip()
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._fault("a search parameter")
        self._at = found.end()
        return Step(found[0], self._group("]", depth) if self._taken("[") else None)

    def _operator(self) -> str:
        self._skip()
        found = _WORD.match(self._text, self._at)
        if found is None or found[0] not in OPERATORS:
            raise self._fault("one of " + ", ".join(sorted(OPERATORS)))
        self._at = found.end()
        return found[0]

    def _value(self) -> str:
        self._skip()
        quoted = _STRING.match(self._text, self._at)
        found = quoted or _TOKEN.match(self._text, self._at)
        if found is None:
            raise self._fault("a value, in double quotes where it has spaces")
        begin, self._at = self._at, found.end()
        return self._unquoted(found[0], begin) if quoted else found[0]

    def _unquoted(self, text: str, begin: int) -> str:
        try:
            value = json.loads(text, strict=False)
        except ValueError:
            self._at = begin
            raise self._fault("a string as JSON writes it") from None
        assert isinstance(value, str)
        return value

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _taken(self, character: str) -> bool:
        if self._text.startswith(character, self._at):
            self._at += 1
            return True
        return False

    def _fault(self, expected: str) -> ValueError:
        return ValueError(f"at character {self._at + 1} there should be {expected}")
