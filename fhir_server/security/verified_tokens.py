"""Tokens that were found good, so that the next request with one pays no signature; each only while nothing about clients changed."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from fhir_server.security.caller import Caller

MOST = 4096


class VerifiedTokens:
    """The callers of the tokens used last, by the SHA-256 of the token: the token itself is not kept."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._kept: OrderedDict[tuple[bytes, str], tuple[Caller, float, int]] = OrderedDict()

    def find(self, token: bytes, base: str, revision: int, now: float) -> Caller | None:
        """Whose token it is at this FHIR base; None where it is not known, has ended, or clients changed since (`revision`)."""
        name = (hashlib.sha256(token).digest(), base)
        kept = self._kept.get(name)
        if kept is None:
            return None
        if kept[2] != revision or now >= kept[1]:
            del self._kept[name]
            return None
        self._kept.move_to_end(name)
        return kept[0]

    def keep(self, token: bytes, base: str, caller: Caller, expires: float, revision: int) -> None:
        """Remember until `expires` (seconds since 1970), or until the room is needed."""
        self._kept[hashlib.sha256(token).digest(), base] = (caller, expires, revision)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
