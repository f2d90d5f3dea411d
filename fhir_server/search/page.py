"""Page tokens: the keys of the row at the edge of a page, where the next one begins or the one before it ends (keyset paging)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from fhir_server.search.scope import malformed

Key = str | int | float


@dataclass(frozen=True, slots=True)
class After:
    """The page begins after the row with these sort values (one for each `Sort`) and this pk; `backwards`, it ends before that row."""

    keys: tuple[Key, ...]
    pk: int
    backwards: bool = False

    @property
    def is_last(self) -> bool:
        """The page ends where the search ends, whatever row that is."""
        return self.pk == NO_ROW


NO_ROW = 0
"""The pk of no row."""

LAST_PAGE = After((), NO_ROW, backwards=True)
_BACKWARDS = "<"


def page_token(after: After) -> str:
    """An opaque text of URL-safe characters, for the parameter `_page`."""
    marks = [_BACKWARDS] if after.backwards else []
    return base64.urlsafe_b64encode(msgspec.json.encode([*after.keys, after.pk, *marks])).rstrip(b"=").decode()


def parse_page(token: str, kinds: Sequence[type]) -> After:
    """The token's keys, one of each kind (str, int or float); FhirError where it is not a token of this query."""
    try:
        said = msgspec.json.decode(base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)), type=list[Key])
        backwards = said[-1:] == [_BACKWARDS]
        *keys, pk = said[:-1] if backwards else said
    except (ValueError, msgspec.DecodeError, binascii.Error):
        raise foreign_page(token) from None
    if backwards and not keys and pk == NO_ROW:
        return LAST_PAGE
    after = tuple(float(key) if kind is float and isinstance(key, int) else key for key, kind in zip(keys, kinds, strict=False))
    if len(keys) != len(kinds) or not isinstance(pk, int) or any(type(key) is not kind for key, kind in zip(after, kinds, strict=True)):
        raise foreign_page(token)
    if any(isinstance(key, int) and abs(key) >= 2**63 for key in (*after, pk)):
        raise foreign_page(token)
    return After(after, pk, backwards)


def foreign_page(token: str) -> Exception:
    """The refusal of a token that is none of this search or history."""
    mend = "it is no page of what is asked here; follow the links of the answer as they are, or ask again without _page"
    return malformed("_page", token, mend)
