"""Functions of strings (http://hl7.org/fhirpath/N1/#string-manipulation), and trim, split, join, encode... of later versions.

Regular expressions are Python's, searched anywhere in the text with `.` matching line ends, and bounded (`regular_expression`).
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, Nodes, collection, system_node
from fhir_server.fhirpath.operators import bounded, refuse_length
from fhir_server.fhirpath.registry import Compiles, function, on_string
from fhir_server.fhirpath.regular_expression import RegularExpression, regular_expression
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import integer, string


@on_string("indexOf", 1)
def index_of(text: str, part: Nodes, *, column: int) -> int | None:
    wanted = string(part, column)
    return None if wanted is None else text.find(wanted)


@on_string("lastIndexOf", 1)
def last_index_of(text: str, part: Nodes, *, column: int) -> int | None:
    wanted = string(part, column)
    return None if wanted is None else text.rfind(wanted)


@on_string("substring", 1, 2)
def substring(text: str, start: Nodes, length: Nodes | None = None, *, column: int) -> str | None:
    first = integer(start, column)
    if first is None or not 0 <= first < len(text):
        return None
    count = None if length is None else integer(length, column)
    return text[first:] if count is None else text[first : first + max(0, count)]


@on_string("startsWith", 1)
def starts_with(text: str, part: Nodes, *, column: int) -> bool | None:
    wanted = string(part, column)
    return None if wanted is None else text.startswith(wanted)


@on_string("endsWith", 1)
def ends_with(text: str, part: Nodes, *, column: int) -> bool | None:
    wanted = string(part, column)
    return None if wanted is None else text.endswith(wanted)


@on_string("contains", 1)
def contains(text: str, part: Nodes, *, column: int) -> bool | None:
    wanted = string(part, column)
    return None if wanted is None else wanted in text


@on_string("upper")
def upper(text: str, *, column: int) -> str:  # noqa: ARG001
    return text.upper()


@on_string("lower")
def lower(text: str, *, column: int) -> str:  # noqa: ARG001
    return text.lower()


@on_string("trim")
def trim(text: str, *, column: int) -> str:  # noqa: ARG001
    return text.strip()


@on_string("length")
def length(text: str, *, column: int) -> int:  # noqa: ARG001
    return len(text)


@on_string("replace", 2)
def replace(text: str, pattern: Nodes, substitution: Nodes, *, column: int) -> str | None:
    wanted, new = string(pattern, column), string(substitution, column)
    if wanted is None or new is None:
        return None
    refuse_length(len(text) + text.count(wanted) * len(new), column)
    return text.replace(wanted, new)


@on_string("matches", 1)
def matches(text: str, pattern: Nodes, *, column: int) -> bool | None:
    wanted = string(pattern, column)
    return None if wanted is None else regular_expression(wanted, text, column).search()


@on_string("matchesFull", 1)
def matches_full(text: str, pattern: Nodes, *, column: int) -> bool | None:
    wanted = string(pattern, column)
    return None if wanted is None else regular_expression(wanted, text, column).fullmatch()


@on_string("replaceMatches", 2)
def replace_matches(text: str, pattern: Nodes, substitution: Nodes, *, column: int) -> str | None:
    wanted, new = string(pattern, column), string(substitution, column)
    if wanted is None or new is None:
        return None
    if not wanted:
        return text
    template = _GROUP.sub(r"\\g<\1\2>", new.replace("\\", "\\\\"))
    try:
        return _substituted(regular_expression(wanted, text, column), template, column)
    except (re.error, IndexError):
        raise FhirPathError("The replacement names a group that the regular expression does not have.", column) from None


def _substituted(pattern: RegularExpression, template: str, column: int) -> str:
    size = 0

    def expand(found: re.Match[str]) -> str:
        nonlocal size
        new = found.expand(template)
        size += len(new)
        refuse_length(size, column)
        return new

    return pattern.sub(expand)


_GROUP = re.compile(r"\$(?:(\d+)|\{(\w+)\})")


@function("toChars")
def to_chars(compiler: Compiles, call: Call) -> Run:
    target, column = compiler.target(call), call.column

    def run(scope: Scope) -> Nodes:
        text = string(target(scope), column) or ""
        scope.run.spend(len(text))
        return [system_node(character) for character in text]

    return run


@function("split", 1)
def split(compiler: Compiles, call: Call) -> Run:
    target, separator, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

    def run(scope: Scope) -> Nodes:
        text, between = string(target(scope), column), string(separator(scope), column)
        if text is None or between is None:
            return EMPTY
        parts = text.split(between) if between else list(text)
        scope.run.spend(len(parts))
        return [system_node(part) for part in parts]

    return run


@function("join", 0, 1)
def join(compiler: Compiles, call: Call) -> Run:
    target, column = compiler.target(call), call.column
    separator = compiler.run(call.arguments[0]) if call.arguments else None

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        between = string(separator(scope), column) if separator else ""
        texts = [string([node], column) or "" for node in nodes]
        size = sum(map(len, texts)) + len(texts) * len(between or "")
        scope.run.spend(size // 1000)
        return collection(bounded((between or "").join(texts), column)) if nodes else EMPTY

    return run


_JSON_ESCAPE = re.compile(r'(?:\\u[0-9A-Fa-f]{4})+|\\["\\/bfnrt]')


def _json_unescaped(text: str) -> str:
    return _JSON_ESCAPE.sub(lambda found: str(json.loads(f'"{found[0]}"')), text)


_ENCODERS: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: base64.b64encode(data).decode(),
    "urlbase64": lambda data: base64.urlsafe_b64encode(data).decode(),
    "hex": bytes.hex,
}
_DECODERS: dict[str, Callable[[str], bytes]] = {
    "base64": lambda text: base64.b64decode(text, validate=True),
    "urlbase64": base64.urlsafe_b64decode,
    "hex": bytes.fromhex,
}
_ESCAPES: dict[str, Callable[[str], str]] = {
    "html": lambda text: html.escape(text, quote=True).replace("&#x27;", "&#39;"),
    "json": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
}
_UNESCAPES: dict[str, Callable[[str], str]] = {"html": html.unescape, "json": _json_unescaped}


@on_string("encode", 1)
def encode(text: str, form: Nodes, *, column: int) -> str | None:
    work = _ENCODERS.get(string(form, column) or "")
    return None if work is None else work(text.encode())


@on_string("decode", 1)
def decode(text: str, form: Nodes, *, column: int) -> str | None:
    work = _DECODERS.get(string(form, column) or "")
    try:
        return None if work is None else work(text).decode()
    except (binascii.Error, ValueError):
        return None


@on_string("escape", 1)
def escape(text: str, form: Nodes, *, column: int) -> str | None:
    work = _ESCAPES.get(string(form, column) or "")
    return None if work is None else work(text)


@on_string("unescape", 1)
def unescape(text: str, form: Nodes, *, column: int) -> str | None:
    work = _UNESCAPES.get(string(form, column) or "")
    try:
        return None if work is None else str(work(text))
    except ValueError:
        return None
