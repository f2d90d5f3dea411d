"""Keys of 256 bits for software that cannot sign: sent as `Authorization: Bearer`, kept only as their SHA-256."""

from __future__ import annotations

import hashlib
import re
import secrets

PREFIX = "passerelle-"
_KEY = re.compile(rb"passerelle-[A-Za-z0-9_-]{43}")


def new_sender_key() -> str:
    """A key to be shown once; it says what it is, so that one that lies about is found."""
    return PREFIX + secrets.token_urlsafe(32)


def is_sender_key(token: bytes) -> bool:
    return _KEY.fullmatch(token) is not None


def key_digest(key: bytes) -> str:
    """What is kept of it: nothing is gained by a slow hash, for nobody guesses 256 bits."""
    return hashlib.sha256(key).hexdigest()
