"""Page tokens that cannot be forged or read: sealed with the database's secret (AES-256-GCM), for one search or history only.

A token goes on in the search or history that gave it; with other criteria or another order, or changed, it is refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fhir_server.interactions.random_stock import RANDOM_BYTES, random_bytes
from fhir_server.model.json_format import encode_json
from fhir_server.search.compartment import Compartment
from fhir_server.search.page import foreign_page
from fhir_server.search.query import Pair
from fhir_server.store.store import Store
from fhir_server.store.stored import Period

PAGE = "_page"
_FREE = frozenset((PAGE, "_count", "_total", "_summary", "_elements", "_format", "_pretty", "_include", "_revinclude"))
"""What may be asked otherwise from page to page."""


def history_pairs(id_: str | None, since: int | None, at: Period | None, oldest_first: bool) -> list[Pair]:
    """What makes one history another, as `PageSeal` seals it."""
    return [("_history", id_ or ""), ("_since", str(since)), ("_at", str(at)), ("_sort", str(oldest_first))]


_NONCE = RANDOM_BYTES
"""Bytes before the sealed token, as AES-GCM wants them."""


class PageSeal:
    """Reads the secret when it is first needed."""

    def __init__(self, store: Store):
        self._store = store
        self._cipher: AESGCM | None = None

    async def opened(self, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None) -> Sequence[Pair]:
        """The pairs with their page token as it was before it was sealed; MALFORMED where it was not made here, or not for this search."""
        if not any(name == PAGE for name, _ in pairs):
            return pairs
        cipher, asked = await self._key(), _asked(type_name, pairs, compartment)
        return [(name, _opened(cipher, value, asked) if name == PAGE else value) for name, value in pairs]

    async def history_place(self, page: str, type_name: str, pairs: Sequence[Pair]) -> int:
        """The place in the change sequence that a sealed token of this history means."""
        place = _opened(await self._key(), page, _asked(type_name, pairs, None))
        if not place.isdecimal():
            raise foreign_page(page)
        return int(place)

    async def sealed(self, token: str, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None) -> str:
        """The token as nobody else can read or make it: what it tells of the order of rows may be of hidden ones."""
        nonce = random_bytes()
        sealed = (await self._key()).encrypt(nonce, token.encode(), _asked(type_name, pairs, compartment))
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    async def _key(self) -> AESGCM:
        if self._cipher is None:
            self._cipher = AESGCM(hashlib.sha256(b"page" + await self._store.secret()).digest())
        return self._cipher


def _asked(type_name: str, pairs: Sequence[Pair], compartment: Compartment | None) -> bytes:
    """What the token is good for."""
    asked = sorted(pair for pair in pairs if pair[0].partition(":")[0] not in _FREE)
    return encode_json([type_name, [compartment.type, compartment.id] if compartment else [], asked])


def _opened(cipher: AESGCM, page: str, asked: bytes) -> str:
    try:
        raw = base64.urlsafe_b64decode(page.encode("ascii") + b"=" * (-len(page) % 4))
        return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], asked).decode()
    except (ValueError, InvalidTag):
        raise foreign_page(page) from None
