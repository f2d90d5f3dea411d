"""Separators and their escapes in search values: `\\,` `\\|` `\\$` `\\\\` (https://hl7.org/fhir/R4/search.html#escaping)."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([,|$\\])")


def cut(text: str, separator: str) -> list[str]:
    """The parts between unescaped separators, with their escapes left in for a further cut."""
    if "\\" not in text:
        return text.split(separator)
    parts, begin, position = [], 0, 0
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == separator:
            parts.append(text[begin:position])
            begin = position + 1
        position += 1
    return [*parts, text[begin:]]


def unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def split(text: str, separator: str) -> list[str]:
    """The parts between unescaped separators, unescaped."""
    return [unescape(part) for part in cut(text, separator)]
