"""Where in a JSON or XML text an expression such as `Patient.name[0].given[1]` stands.

Run only when there are issues to place: one pass over the text for all of them, without decoding it. An expression that is
not in the text (a missing element) gets the place of the nearest element above it that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from xml.parsers import expat

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import lines_and_columns

Place = tuple[int, int]
"""Line and column, both from 1."""


def locate_json(source: bytes, expression: str) -> Place:
    """Line and column of one expression in well-formed JSON."""
    return places_in_json(source, [expression])[expression]


def locate_xml(source: bytes, expression: str) -> Place:
    """Line and column of one expression in well-formed XML."""
    return places_in_xml(source, [expression])[expression]


def places_in_json(source: bytes, expressions: Iterable[str]) -> dict[str, Place]:
    """The place of each expression: of its property's name, or of the value in an array."""
    return _places(source, expressions, _scan_json)


def places_in_xml(source: bytes, expressions: Iterable[str]) -> dict[str, Place]:
    """The place of each expression: of its element's start tag."""
    return _places(source, expressions, _scan_xml)


def with_places(issues: Iterable[Issue], source: bytes, xml: bool = False) -> list[Issue]:
    """The issues with line and column, where they have an expression and no place yet."""
    listed = list(issues)
    wanted = {issue.expression for issue in listed if issue.expression and issue.line is None}
    if not wanted:
        return listed
    places = (places_in_xml if xml else places_in_json)(source, wanted)
    return [_placed(issue, places) for issue in listed]


def _placed(issue: Issue, places: Mapping[str, Place]) -> Issue:
    if issue.expression is None or issue.line is not None:
        return issue
    line, column = places[issue.expression]
    place = _owner(issue.expression) if issue.message_id == NO_ELEMENT else issue.expression
    return replace(issue, expression=place, line=line, column=column)


NO_ELEMENT = "unknown-element"
"""A property that FHIR has not: it stands somewhere in the text, but its owner is the last that FHIRPath can name."""


def _owner(expression: str) -> str:
    return expression.rpartition(".")[0] or expression


class _Wanted:
    """A tree of the steps that lead to the expressions; `offset` is filled by the scan."""

    __slots__ = ("children", "offset")

    def __init__(self) -> None:
        self.children: dict[str | int, _Wanted] = {}
        self.offset: int | None = None

    def reach(self, offset: int) -> None:
        if self.offset is None:
            self.offset = offset


def _places(source: bytes, expressions: Iterable[str], scan: Any) -> dict[str, Place]:
    listed = list(expressions)
    root = _Wanted()
    for expression in listed:
        node = root
        for step in steps(expression):
            node = node.children.setdefault(step, _Wanted())
    scan(source, root)
    offsets = {expression: _offset(root, expression) for expression in listed}
    found = lines_and_columns(source, offsets.values())
    return {expression: found[offset] for expression, offset in offsets.items()}


def _offset(root: _Wanted, expression: str) -> int:
    node, offset = root, root.offset or 0
    for step in steps(expression):
        node = node.children[step]
        offset = offset if node.offset is None else node.offset
    return offset


_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\.ofType\(([A-Za-z0-9]+)\))?((?:\[[0-9]+\])*)(?:\.|$)")


def steps(expression: str) -> list[str | int]:
    """`Patient.name[0].given` -> ["name", 0, "given"]; `value.ofType(Quantity)` -> ["valueQuantity"]; stops at what is no plain path."""
    found: list[str | int] = []
    at = expression.find(".") + 1
    while at and at < len(expression) and (match := _STEP.match(expression, at)):
        name, type_name, indexes = match.groups()
        found.append(name + type_name[0].upper() + type_name[1:] if type_name else name)
        found += [int(index) for index in re.findall(r"[0-9]+", indexes)]
        at = match.end()
    return found


TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
"""The tokens of well-formed JSON: strings, marks, and other values."""

_OPEN, _CLOSE = frozenset(b"{["), frozenset(b"}]")
_QUOTE, _COLON, _COMMA, _BRACE = b'":,{'


class _Level:
    """An object or array that the scan is inside of."""

    __slots__ = ("index", "is_object", "key", "wanted")

    def __init__(self, wanted: _Wanted | None, is_object: bool):
        self.wanted, self.is_object = wanted, is_object
        self.index = 0
        self.key: _Wanted | None = None

    def value_starts(self, offset: int) -> _Wanted | None:
        if self.is_object:
            return self.key
        child = self.wanted.children.get(self.index) if self.wanted else None
        if child:
            child.reach(offset)
        return child

    def name(self, token: bytes, offset: int) -> None:
        self.key = None
        if self.wanted is not None:
            self.key = self.wanted.children.get(token[1:-1].decode("utf-8", "replace").removeprefix("_"))
        if self.key is not None:
            self.key.reach(offset)


def _scan_json(source: bytes, root: _Wanted) -> None:
    levels: list[_Level] = []
    expects_name = False
    for token in TOKEN.finditer(source):
        first = source[token.start()]
        if first == _QUOTE and expects_name:
            levels[-1].name(token[0], token.start())
            expects_name = False
        elif first in _OPEN:
            wanted = levels[-1].value_starts(token.start()) if levels else root
            root.reach(token.start())
            levels.append(_Level(wanted, first == _BRACE))
            expects_name = first == _BRACE
        elif first in _CLOSE:
            del levels[-1:]
            expects_name = False
        elif first == _COMMA and levels:
            levels[-1].index += 1
            expects_name = levels[-1].is_object
        elif first != _COLON and levels:
            levels[-1].value_starts(token.start())


def _scan_xml(source: bytes, root: _Wanted) -> None:
    parser = expat.ParserCreate("utf-8")
    levels: list[tuple[_Wanted | None, dict[str, int]]] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        wanted, counts = levels[-1] if levels else (root, {})
        if not levels or name[0].isupper():
            root.reach(parser.CurrentByteIndex)
            levels.append((wanted, {}))
            return
        index = counts[name] = counts.get(name, -1) + 1
        levels.append((_reached(wanted, name, index, parser.CurrentByteIndex), {}))

    def end(_tag: str) -> None:
        levels.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(source, True)


def _reached(wanted: _Wanted | None, name: str, index: int, offset: int) -> _Wanted | None:
    child = wanted.children.get(name) if wanted else None
    if child is None:
        return None
    child.reach(offset)
    occurrence = child.children.get(index)
    if occurrence is not None:
        occurrence.reach(offset)
    return occurrence or (child if index == 0 else None)
