"""Texts as PostgreSQL's index tables can hold them, the same for what is stored and for what is searched.

PostgreSQL's text has no U+0000, and a row of a B-tree holds 2,700 bytes: so U+0000 becomes U+FFFD, and of a longer text its beginning is
kept with a digest of the whole. Equal texts stay equal, and beginnings are found up to `_BEGINNING` characters. Contents are bytes and
stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

LONGEST = 1200
"""Bytes in UTF-8: two such columns and two numbers fit into one index row."""

_SURELY_SHORT = LONGEST // 4
_BEGINNING = (LONGEST - 64) // 4


def fitted(text: str) -> str:
    """The text itself, but for U+0000 and what is too long."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if len(text) <= _SURELY_SHORT or len(encoded := text.encode()) <= LONGEST:
        return text
    return text[:_BEGINNING] + hashlib.sha256(encoded).hexdigest()


def fitted_values(values: Iterable[Any]) -> list[Any]:
    """Values to bind, their texts fitted."""
    return [fitted(value) if type(value) is str else value for value in values]
