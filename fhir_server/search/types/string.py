"""String search: beginnings, without regard to case and accents (https://hl7.org/fhir/R4/search.html#string)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.writer import Keys, Writer, extension_writer

MAX_LENGTH = 1000
"""Characters that are indexed; what follows in a longer text cannot be searched by a string parameter."""

LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l"})
"""Letters that no normalisation takes apart."""

_JOINERS = str.maketrans(dict.fromkeys("-'‐‑‒–—’ʼ`´", " "))  # Jean-Pierre and Jean Pierre, l’Hay and l'Hay are the same


@lru_cache(maxsize=1 << 15)
def _fold(text: str) -> str:
    folded = text.translate(_JOINERS).casefold()
    if not folded.isascii():
        letters = unicodedata.normalize("NFKD", folded.translate(LETTERS))
        folded = "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
        folded = folded.translate(_JOINERS)
    return " ".join(folded.split())


def fold(text: str) -> str:
    """Without case, accents, hyphens, apostrophes and runs of white space: "  Noël-Œuvré" -> "noel oeuvre"."""
    return _fold(text[:MAX_LENGTH])


def _write_text(text: Any, keys: Keys, rows: IndexRows) -> None:
    if text:  # of "-" nothing is left but the exact text, and that it is not missing
        folded, exact = fold(text), text[:MAX_LENGTH]
        for key in keys:
            rows.strings.append((key, folded, exact))


_HUMAN_NAME = ("text", "family", "given", "prefix", "suffix")
_ADDRESS = ("text", "line", "city", "district", "state", "postalCode", "country")


def _write_parts(element: dict[str, Any], names: tuple[str, ...], keys: Keys, rows: IndexRows) -> None:
    for name in names:
        value = element.get(name)
        if type(value) is str:
            _write_text(value, keys, rows)
        elif value is not None:
            for item in value:
                if item is not None:
                    _write_text(item, keys, rows)


def _write_human_name(name: Any, keys: Keys, rows: IndexRows) -> None:
    _write_parts(name, _HUMAN_NAME, keys, rows)


def _write_address(address: Any, keys: Keys, rows: IndexRows) -> None:
    _write_parts(address, _ADDRESS, keys, rows)


WRITERS: dict[str, Writer] = {"string": _write_text, "markdown": _write_text, "HumanName": _write_human_name, "Address": _write_address}
WRITERS["Extension"] = extension_writer(WRITERS)


@dataclass(frozen=True, slots=True)
class StringValue:
    """A searched text: as it was given, and folded like the indexed ones."""

    text: str
    folded: str


def parse_exact_string(text: str) -> StringValue:
    """For `:exact`, which a hyphen alone is enough for."""
    return StringValue(text[:MAX_LENGTH], fold(text))


def parse_string(text: str) -> StringValue:
    """ValueError with a sentence where nothing is left to search by."""
    folded = fold(text)
    if not folded:
        raise ValueError("write at least one letter or digit")
    return StringValue(text[:MAX_LENGTH], folded)
