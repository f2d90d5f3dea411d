"""What every JWT must say truly: from whom, for whom, from when and until when (https://www.rfc-editor.org/rfc/rfc7519#section-4.1)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from fhir_server.security.refusal import ErrorCode, Refusal

SKEW = 60
"""Seconds that the clock of another machine may differ."""


def check_times(claims: Mapping[str, Any], now: float, error: ErrorCode, *, longest: int | None = None) -> float:
    """When the token ends; Refusal where it has ended, has not begun, has no end, or (with `longest`, in seconds) ends too late."""
    expires = _time(claims, "exp", error)
    if expires is None:
        raise Refusal(error, "The token has no exp: say when it ends, in seconds since 1970.")
    if expires <= now - SKEW:
        raise Refusal(error, f"The token has expired {int(now - expires)} seconds ago; ask for another.")
    if longest is not None and expires > now + longest + SKEW:
        raise Refusal(error, f"The token's exp is {int(expires - now)} seconds ahead; at most {longest} are accepted.")
    for name in ("nbf", "iat"):
        if (begins := _time(claims, name, error)) is not None and begins > now + SKEW:
            raise Refusal(error, f"The token's {name} is {int(begins - now)} seconds ahead of this server's clock; set yours.")
    return expires


def check_audience(claims: Mapping[str, Any], wanted: Collection[str], error: ErrorCode) -> None:
    """Refusal where none of the token's audiences is one of the wanted."""
    audience = claims.get("aud")
    given = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in wanted for one in given):
        raise Refusal(error, f"The token's aud is not this server's; it must be {' or '.join(sorted(wanted))}.")


def check_issuer(claims: Mapping[str, Any], wanted: str, error: ErrorCode) -> None:
    if claims.get("iss") != wanted:
        raise Refusal(error, f"The token's iss must be {wanted}.")


def text(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is a text, "" where it is absent or something else."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _time(claims: Mapping[str, Any], name: str, error: ErrorCode) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Refusal(error, f"The token's {name} is no number of seconds since 1970.")
    return float(value) if abs(value) < 2**53 else math.copysign(2.0**53, value)
