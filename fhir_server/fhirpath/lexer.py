"""FHIRPath source -> tokens (http://hl7.org/fhirpath/N1/#lexical-elements)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import msgspec

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.model.temporal import Temporal, parse_temporal

MAX_LENGTH = 200_000
"""Characters of a source; longer ones are refused."""

Kind = Literal["name", "delimited", "string", "number", "temporal", "variable", "constant", "symbol", "end"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\r\n]*|/\*.*?\*/)
    |(?P<temporal>@(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?
        |\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?))
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<delimited>`(?:[^`\\]|\\.)*`)
    |(?P<variable>\$[A-Za-z]+)
    |(?P<constant>%(?:[A-Za-z_][A-Za-z0-9_-]*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<symbol><=|>=|!=|!~|/(?!\*)|[-+*&|=~<>.,()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"\\": "\\", "'": "'", '"': '"', "`": "`", "/": "/", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is as written, `value` what it means: a string without quotes, a number, a Temporal."""

    kind: Kind
    text: str
    value: Any
    column: int


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a source and one of kind `end`; FhirPathError at the first character that begins none."""
    if len(source) > MAX_LENGTH:
        raise FhirPathError(f"The expression has {len(source)} characters; at most {MAX_LENGTH} are read.", MAX_LENGTH)
    position = 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        if not found:
            raise _unreadable(source, position)
        if found.lastgroup != "space":
            yield _token(found, position + 1)
        position = found.end()
    yield Token("end", "the end", None, len(source) + 1)


def _token(found: re.Match[str], column: int) -> Token:
    kind: Any = found.lastgroup
    text = found[0]
    return Token(kind, text, _MEANING[kind](text, column), column)


def _unreadable(source: str, position: int) -> FhirPathError:
    rest = source[position : position + 2]
    if rest == "/*":
        return FhirPathError("The comment is not closed; write */ at its end.", position + 1)
    if rest[0] in "'`":
        return FhirPathError(f"The text is not closed; write {rest[0]} at its end.", position + 1)
    return FhirPathError(f"No FHIRPath begins with {rest[0]!r}.", position + 1)


def _string(text: str, column: int) -> str:
    inner = text[1:-1]
    return _ESCAPE.sub(lambda found: _unescape(found, column), inner) if "\\" in inner else inner


def _unescape(found: re.Match[str], column: int) -> str:
    code = found[1]
    if len(code) == 5:
        return chr(int(code[1:], 16))
    if code not in _ESCAPED:
        raise FhirPathError(f"\\{code} is not an escape of FHIRPath; write \\\\{code} for a backslash.", column + found.start() + 1)
    return _ESCAPED[code]


def _number(text: str, _column: int) -> int | Decimal:
    return Decimal(text) if "." in text or len(text) > 4000 else int(text)


def _temporal(text: str, column: int) -> Temporal:
    try:
        if text[1] == "T":
            return parse_temporal(text[2:], bare_hours=True)
        value = parse_temporal(text[1:].removesuffix("T"), bare_hours=True)
    except ValueError as error:
        raise FhirPathError(str(error), column) from None
    return msgspec.structs.replace(value, kind="dateTime") if "T" in text else value


def _constant(text: str, column: int) -> str:
    return _string(text[1:], column) if text[1] in "`'\"" else text[1:]


def _same(text: str, _column: int) -> str:
    return text


_MEANING: dict[str, Any] = {
    "name": _same, "symbol": _same, "variable": _same, "delimited": _string, "string": _string, "number": _number,
    "temporal": _temporal, "constant": _constant,
}  # fmt: skip
