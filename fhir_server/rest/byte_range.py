"""Range requests for one range of bytes; several at once are answered with the whole (https://www.rfc-editor.org/rfc/rfc9110#section-14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from fhir_server.model.issue import Category, FhirError, Issue

_RANGE = re.compile(r"bytes ?= ?(\d{0,18})-(\d{0,18})")


class ByteRange(NamedTuple):
    """From `first` up to, not including, `end`."""

    first: int
    end: int
    is_whole: bool = False

    @property
    def length(self) -> int:
        return self.end - self.first


class RangeNotSatisfiable(FhirError):
    """The range begins behind the end; `length` is what there is."""

    def __init__(self, length: int):
        self.length = length
        sentence = f"The Range begins behind the end: there are {length} bytes."
        super().__init__(Category.MALFORMED, [Issue("error", "value", sentence)])


def asked_range(headers: Mapping[bytes, bytes], length: int) -> ByteRange:
    """What `Range` asks of `length` bytes. If-Range asks for strong equality, which our weak ETags never have: then it is the whole."""
    whole = ByteRange(0, length, is_whole=True)
    found = _RANGE.fullmatch(headers.get(b"range", b"").decode("latin-1"))
    if found is None or not any(found.groups()) or b"if-range" in headers:
        return whole
    first, last = found.groups()
    asked = _suffix(int(last), length) if not first else ByteRange(int(first), min(int(last) + 1, length) if last else length)
    if first and last and int(last) < int(first):
        return whole
    if asked.first >= length or not asked.length:
        raise RangeNotSatisfiable(length)
    return asked


def _suffix(count: int, length: int) -> ByteRange:
    return ByteRange(max(0, length - count), length)
