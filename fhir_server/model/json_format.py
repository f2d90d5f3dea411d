"""JSON, the format that is stored and served (https://hl7.org/fhir/R4/json.html).

A resource is a plain dict. Decimals become `decimal.Decimal` and are written as they were read: 72.50 stays 72.50.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.json_syntax_place import comments, place_at
from fhir_server.model.phrase import phrase
from fhir_server.model.syntax_reason import syntax_reason

Resource = dict[str, Any]

MAX_DEPTH = 200
"""Deeper values are refused by whoever walks them (`too_deep`); the decoder itself only keeps the process safe."""

MAX_COMMENTS = 20
"""So many are told; whoever takes them out sees the others."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def _plain(value: Any) -> str:
    """Encoders know `str`, but none of its kinds, such as a Phrase."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"JSON has no {type(value).__name__}")


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)
_AT_BYTE = re.compile(r"\(byte (\d+)\)")


def decode_json(source: bytes) -> Any:
    """Any JSON value with decimals kept; FhirError with line and column where it is not JSON or too deep."""
    source = source.removeprefix(b"\xef\xbb\xbf")
    try:
        return _decoder.decode(source)
    except RecursionError:
        raise FhirError(Category.MALFORMED, (too_deep(),)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, ArithmeticError) as error:
        raise FhirError(Category.MALFORMED, _not_json(source, error)) from None


def decode_resource(source: bytes) -> Resource:
    """A resource as a dict; FhirError where the text is not a JSON object with a `resourceType`."""
    value = decode_json(source)
    if not isinstance(value, dict):
        raise FhirError(Category.MALFORMED, (_structure(phrase("A FHIR resource is a JSON object, beginning with '{{'.")),))
    if not isinstance(value.get("resourceType"), str):
        sentence = phrase('The object has no resourceType; add one, for example "resourceType": "Patient".')
        raise FhirError(Category.MALFORMED, (_structure(sentence),))
    return value


def encode_json(value: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return _encoder.encode(value)


def pretty_json(value: Any) -> bytes:
    """UTF-8 JSON indented by two spaces."""
    return msgspec.json.format(_encoder.encode(value), indent=2)


def line_and_column(source: bytes, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of the byte at `offset`; columns count characters, not bytes."""
    before = source[:offset]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1


def lines_and_columns(source: bytes, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """`line_and_column` of many bytes, in one pass over the text."""
    found: dict[int, tuple[int, int]] = {}
    line, column, at = 1, 1, 0
    for offset in sorted(set(offsets)):
        between = source[at:offset]
        if breaks := between.count(b"\n"):
            line, column, between = line + breaks, 1, between[between.rfind(b"\n") + 1 :]
        column += len(between.decode("utf-8", "replace"))
        found[offset], at = (line, column), offset
    return found


def _not_json(source: bytes, error: Exception) -> tuple[Issue, ...]:
    found = _AT_BYTE.search(str(error))
    offset = int(found[1]) if found else len(source)
    if source[offset:].lstrip()[:2] in (b"//", b"/*") and (found_comments := list(islice(comments(source), MAX_COMMENTS))):
        return tuple(_comment(source, at, place) for at, place in found_comments)
    line, column = line_and_column(source, offset)
    sentence = phrase("The text is not well-formed JSON: {reason}.", reason=_reason(source, error))
    return (Issue("fatal", "structure", sentence, place_at(source, offset), line, column, "json-syntax"),)


def _comment(source: bytes, offset: int, place: str | None) -> Issue:
    line, column = line_and_column(source, offset)
    return Issue("fatal", "structure", phrase("JSON has no comments; take this one out."), place, line, column, "json-comment")


def _reason(source: bytes, error: Exception) -> str:
    if not source.strip():
        return phrase("it is empty")
    if source[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in source[:2]:
        return phrase("it is UTF-16; save it as UTF-8")
    if isinstance(error, UnicodeDecodeError):
        return phrase("a byte is not UTF-8; save the text as UTF-8")
    if source.lstrip()[:1] == b"<":
        return phrase("it begins as XML does; name it .xml, or send it as application/fhir+xml")
    reason = _AT_BYTE.sub("", str(error)).replace("JSON is malformed:", "").strip(" :")
    return phrase("it ends too early; close every brace, bracket and quotation mark") if "truncated" in reason else syntax_reason(reason)


def too_deep() -> Issue:
    """The finding that a walk reports when it comes deeper than MAX_DEPTH."""
    sentence = phrase("The resource nests more than {max_depth} levels deep; no FHIR resource needs that.", max_depth=MAX_DEPTH)
    return Issue("fatal", "too-costly", sentence, message_id="json-depth")


def _structure(sentence: str) -> Issue:
    return Issue("fatal", "structure", sentence, line=1, column=1, message_id="json-resource")
