"""Page tokens: the keys of the last row of a page, so that the next one begins after it (keyset paging)."""

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
    """The page begins after the row with these sort values (one for each `Sort`) and this pk."""

    keys: tuple[Key, ...]
    pk: int


def page_token(after: After) -> str:
    """An opaque text of URL-safe characters, for the parameter `_page`."""
    return base64.urlsafe_b64encode(msgspec.json.encode([*after.keys, after.pk])).rstrip(b"=").decode()


def parse_page(token: str, kinds: Sequence[type]) -> After:
    """The token's keys, one of each kind (str, int or float); FhirError where it is not a token of this query.

    What stands behind a point is its signature, which others check.
    """
    token = token.partition(".")[0]
    try:
        *keys, pk = msgspec.json.decode(base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)), type=list[Key])
    except (ValueError, msgspec.DecodeError, binascii.Error):
        raise foreign_page(token) from None
    after = tuple(float(key) if kind is float and isinstance(key, int) else key for key, kind in zip(keys, kinds, strict=False))
    if len(keys) != len(kinds) or not isinstance(pk, int) or any(type(key) is not kind for key, kind in zip(after, kinds, strict=True)):
        raise foreign_page(token)
    if any(isinstance(key, int) and abs(key) >= 2**63 for key in (*after, pk)):
        raise foreign_page(token)
    return After(after, pk)


def foreign_page(token: str) -> Exception:
    """The refusal of a token that is none of this search."""
    return malformed("_page", token, "it is no page of this search; follow the links of a searchset, or search again without _page")
