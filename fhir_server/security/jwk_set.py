"""Public keys as JSON Web Keys (https://www.rfc-editor.org/rfc/rfc7517): which of a set may have made a signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from fhir_server.security.algorithm import KINDS

Key = RSAKey | ECKey
SMALLEST_RSA = 2048
MOST_BYTES = 64 * 1024
MOST_KEYS = 100
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "k"))


class UnusableKeys(ValueError):
    """A text that is no set of public keys; says why."""


@dataclass(frozen=True, slots=True)
class JwkSet:
    """The keys of a JWKS as they came, of which only those that verify are ever used."""

    keys: tuple[Mapping[str, Any], ...]

    def find(self, kid: str, algorithm: str) -> Key | None:
        """The one key of this id that fits the algorithm; None where there is none. UnusableKeys where several have the id."""
        named = [key for key in self.keys if key.get("kid") == kid]
        if len(named) > 1:
            raise UnusableKeys(f"{len(named)} keys of the set have the kid {kid[:64]}; give each its own")
        return _usable(named[0], algorithm) if named else None

    def has(self, kid: str) -> bool:
        return any(key.get("kid") == kid for key in self.keys)


def read_jwk_set(source: bytes) -> JwkSet:
    """A JWKS out of JSON. UnusableKeys where it is none, too large, or gives away a private or a symmetric key."""
    if len(source) > MOST_BYTES:
        raise UnusableKeys(f"{len(source)} bytes, where {MOST_BYTES} are read")
    try:
        keys = msgspec.json.decode(source)["keys"]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        raise UnusableKeys('not a JSON object with a list "keys" (https://www.rfc-editor.org/rfc/rfc7517#section-5)') from None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        raise UnusableKeys(f'"keys" must be a list of at most {MOST_KEYS} objects')
    if any(_PRIVATE & key.keys() for key in keys):
        raise UnusableKeys("it holds a private or a symmetric key, which must not leave its owner: take it out of use")
    return JwkSet(tuple(keys))


def _usable(key: Mapping[str, Any], algorithm: str) -> Key | None:
    """The key, where its type, curve, use and own `alg` fit the algorithm, and it is not too short."""
    kind, curve = KINDS[algorithm]
    if key.get("kty") != kind or key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return None
    try:
        made = RSAKey.import_key(dict(key)) if kind == "RSA" else ECKey.import_key(dict(key))
        strong = made.public_key.key_size >= SMALLEST_RSA if isinstance(made, RSAKey) else made.curve_name == curve
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return made if strong else None
