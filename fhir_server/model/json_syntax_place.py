"""Where in a resource a fault of JSON syntax stands: the path down to the innermost object or array that is open there.

Reads what is no JSON, so it expects nothing: comments, names without quotes and strings without an end are tokens like others.
Names are those of JSON (`valueQuantity`), since no type is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_BYTES = 1_000_000
"""A fault further on gets its line and column only."""

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|[{}\[\],:]|[^\s{}\[\],:"/]+|/', re.DOTALL)
_TYPE = re.compile(rb'resourceType"?\s*:\s*"([A-Za-z]{1,64})"')
_VALUE = re.compile(rb'["{\[\w-]')
_COMMENT = (b"//", b"/*")
_BETWEEN = (b"}", b"]", b",")


def place_at(source: bytes, offset: int) -> str | None:
    """`Patient.name[0]`, where an object of `name` is open at the byte `offset`; None outside of all, or without a resourceType.

    None as well where no value or name begins at `offset`: an odd closing mark means that a level was opened or closed wrongly before
    it, so the path cannot be trusted.
    """
    if offset > MAX_BYTES or not _VALUE.match(source, offset):
        return None
    levels = _Levels()
    for start, token in _tokens(source):
        if start >= offset:
            break
        levels.read(token)
    return levels.path(source)


def comments(source: bytes) -> Iterator[tuple[int, str | None]]:
    """Each comment: the byte that it begins at, and the element that follows it, however many levels further up; after the last
    element, the one that it is in."""
    levels = _Levels()
    waiting: list[tuple[int, str | None]] = []
    for start, token in _tokens(source[:MAX_BYTES]):
        inside, named = levels.path(source), levels.expects_name
        if token[:2] in _COMMENT:
            waiting.append((start, inside))
            continue
        levels.read(token)
        if token in _BETWEEN:
            continue
        for one, _ in waiting:
            yield one, levels.path(source, with_name=True) if named and token[:1] == b'"' else inside
        waiting.clear()
    yield from waiting


def _tokens(source: bytes) -> Iterator[tuple[int, bytes]]:
    return ((token.start(), token[0]) for token in _TOKEN.finditer(source))


class _Levels:
    """The objects and arrays that are open: for an object the name last read, for an array the index."""

    def __init__(self) -> None:
        self.steps: list[str | int] = []
        self.expects_name = False
        self.type: str | None = None

    def read(self, token: bytes) -> None:
        if token in (b"{", b"["):
            self.steps.append("" if token == b"{" else 0)
            self.expects_name = token == b"{"
        elif token in (b"}", b"]"):
            del self.steps[-1:]
            self.expects_name = False
        elif token == b"," and self.steps:
            self._next()
        elif self.expects_name and token[:2] not in _COMMENT:
            self.steps[-1] = token.strip(b'"')[:64].decode("utf-8", "replace").removeprefix("_")
            self.expects_name = False
        elif self.steps == ["resourceType"] and token[:1] == b'"':
            name = token.strip(b'"')[:64].decode("utf-8", "replace")
            self.type = name if name.isalpha() else self.type

    def _next(self) -> None:
        step = self.steps[-1]
        if isinstance(step, int):
            self.steps[-1] = step + 1
        self.expects_name = isinstance(step, str)

    def path(self, source: bytes, with_name: bool = False) -> str | None:
        type_name = self.type or _first_type(source)
        if not self.steps or type_name is None:
            return None
        steps = self.steps if with_name else self.steps[:-1]
        return type_name + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _first_type(source: bytes) -> str | None:
    """For a fault that comes before the resourceType."""
    found = _TYPE.search(source[:MAX_BYTES])
    return found[1].decode() if found else None
