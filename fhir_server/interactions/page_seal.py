"""Page tokens that cannot be forged: signed with the database's secret, for one search or history only.

A token goes on in the search or history that gave it; with other criteria or another order, or changed, it is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

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
    """What makes one history another, as `PageSeal` signs it."""
    return [("_history", id_ or ""), ("_since", str(since)), ("_at", str(at)), ("_sort", str(oldest_first))]


_LENGTH = 15
"""Bytes of the signature: 20 characters."""


class PageSeal:
    """Reads the secret when it is first needed."""

    def __init__(self, store: Store):
        self._store = store
        self._secret: bytes | None = None

    async def check(self, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None) -> None:
        """FhirError (MALFORMED) where a page token was not made here, or not for this search."""
        for value in (value for name, value in pairs if name == PAGE):
            token, _, signature = value.partition(".")
            if not hmac.compare_digest(signature.encode(), (await self._signature(token, type_name, pairs, compartment)).encode()):
                raise foreign_page(value)

    async def history_place(self, page: str, type_name: str, pairs: Sequence[Pair]) -> int:
        """The place in the change sequence that a sealed token of this history means."""
        await self.check(type_name, [*pairs, (PAGE, page)], None)
        place = page.partition(".")[0]
        if not place.isdecimal():
            raise foreign_page(page)
        return int(place)

    async def sealed(self, token: str, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None) -> str:
        """The token with its signature."""
        return f"{token}.{await self._signature(token, type_name, pairs, compartment)}"

    async def _signature(self, token: str, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None) -> str:
        if self._secret is None:
            self._secret = await self._store.secret()
        asked = sorted(pair for pair in pairs if pair[0].partition(":")[0] not in _FREE)
        place = [compartment.type, compartment.id] if compartment else []
        digest = hmac.digest(self._secret, encode_json([token, type_name, place, asked]), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_LENGTH]).decode()
