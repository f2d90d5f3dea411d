"""Why a caller is not let in, in the words of OAuth (https://www.rfc-editor.org/rfc/rfc6749#section-5.2, https://www.rfc-editor.org/rfc/rfc6750#section-3)."""

from __future__ import annotations

import re
from typing import Literal

ErrorCode = Literal[
    "invalid_request", "invalid_client", "invalid_scope", "unauthorized_client", "unsupported_grant_type", "invalid_token",
    "temporarily_unavailable",
]  # fmt: skip
MOST_CHARACTERS = 300
_NOT_SENT = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class Refusal(Exception):
    """An OAuth error: its code, and a sentence that says how to mend it, safe within a header and in JSON."""

    def __init__(self, error: ErrorCode, description: str):
        self.error = error
        self.description = plain(description)
        super().__init__(self.description)


def plain(text: str) -> str:
    """Only the characters that an `error_description` may have: no quotes, no line ends, nothing beyond ASCII; not too long."""
    return _NOT_SENT.sub("?", text)[:MOST_CHARACTERS]


def challenge(refusal: Refusal | None = None) -> str:
    """What `WWW-Authenticate` says with a 401; nothing but the scheme where no token came."""
    if refusal is None:
        return 'Bearer realm="Passerelle"'
    return f'Bearer realm="Passerelle", error="{refusal.error}", error_description="{refusal.description}"'
