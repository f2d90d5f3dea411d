"""A signed JWT: nothing in it counts before its signature does (https://www.rfc-editor.org/rfc/rfc7515, https://www.rfc-editor.org/rfc/rfc8725)."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from fhir_server.security.algorithm import KINDS
from fhir_server.security.jwk_set import Key
from fhir_server.security.refusal import ErrorCode, Refusal

MOST_BYTES = 8 * 1024


@cache
def _only(algorithm: str) -> jws.JWSRegistry:
    """What knows this algorithm and no other, and takes what `MOST_BYTES` has let through."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = MOST_BYTES
    return registry


@dataclass(frozen=True, slots=True)
class Header:
    """What a token says of its signature, checked: the algorithm is allowed and the key has a name."""

    algorithm: str
    kid: str
    jku: str = ""


def read_header(token: str, algorithms: Collection[str], types: Collection[str], error: ErrorCode) -> Header:
    """The header of a compact token; Refusal with `error` where it asks for what is not allowed. `types` are of lower case, "" for none."""
    header = _object(token, 0, error)
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in KINDS:
        raise Refusal(error, f"The token is signed by {str(algorithm)[:20]}; sign by {' or '.join(sorted(algorithms))}.")
    if "crit" in header or "b64" in header:
        raise Refusal(error, "The token's header has crit or b64, extensions that are not understood here; leave them out.")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types:
        raise Refusal(error, f"The token's typ is {str(kind)[:40]}; {' or '.join(sorted(filter(None, types)))} is read here.")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise Refusal(error, "The token's header names no key: give the kid of the key that signed it, as your JWKS has it.")
    jku = header.get("jku", "")
    return Header(algorithm, kid, jku if isinstance(jku, str) else str(jku))


def claimed(token: str, error: ErrorCode) -> dict[str, Any]:
    """The claims before anything was verified: only to find out whose keys to ask."""
    return _object(token, 1, error)


def verified(token: str, header: Header, key: Key, error: ErrorCode) -> dict[str, Any]:
    """The claims, once the key has been found to have signed them by the header's algorithm."""
    try:
        jws.deserialize_compact(token, key, registry=_only(header.algorithm))
    except (JoseError, ValueError, TypeError):
        raise Refusal(error, f"The signature was not made by the key {header.kid[:64]}.") from None
    return claimed(token, error)


def _object(token: str, part: int, error: ErrorCode) -> dict[str, Any]:
    if len(token) > MOST_BYTES:
        raise Refusal(error, f"The token has {len(token)} characters; at most {MOST_BYTES} are read.")
    parts = token.split(".")
    try:
        found = json.loads(urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4))) if len(parts) == 3 else None
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(error, "The token is not a signed JWT: three parts in base64url, joined by dots.")
    return found
