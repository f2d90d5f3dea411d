"""Opaque tokens: their issuer is asked what they are worth (https://www.rfc-editor.org/rfc/rfc7662)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote_plus

import msgspec

from fhir_server.security.claims import check_audience, check_issuer, check_times
from fhir_server.security.identity import Identity, identity_of_claims
from fhir_server.security.issuer import Issuer
from fhir_server.security.refusal import Refusal
from fhir_server.security.signed_token import MOST_BYTES

KEPT_SECONDS = 30
"""An answer counts no longer than that, nor than the token itself."""

Ask = Callable[[str, dict[str, str], dict[str, str]], Awaitable[bytes]]
"""POSTs a form to a URL that is allowed, with these headers, without following redirects; OSError where that fails."""


def introspection_request(token: str, client: str, secret: str) -> tuple[dict[str, str], dict[str, str]]:
    """Form and headers; the client shows who it is by HTTP Basic, as https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 writes it."""
    pair = b64encode(f"{quote_plus(client)}:{quote_plus(secret)}".encode()).decode()
    form = {"token": token, "token_type_hint": "access_token"}
    return form, {"authorization": f"Basic {pair}", "accept": "application/json"}


def identity_of_answer(answer: bytes, issuer: Issuer, base: str, now: float) -> Identity:
    """Who brings the token, if its issuer calls it active and meant for this server; Refusal otherwise."""
    claims = _claims(answer)
    if claims.get("active") is not True:
        raise Refusal("invalid_token", "The token is not known to its issuer, or no longer good; ask for another.")
    check_issuer({"iss": claims.get("iss", issuer.issuer)}, issuer.issuer, "invalid_token")
    if issuer.audience or "aud" in claims:
        check_audience(claims, issuer.audience or (base,), "invalid_token")
    ends = check_times(claims if "exp" in claims else {**claims, "exp": now + KEPT_SECONDS}, now, "invalid_token")
    return identity_of_claims(claims, issuer, base, min(ends, now + KEPT_SECONDS))


def _claims(answer: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer) if len(answer) <= 8 * MOST_BYTES else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal("temporarily_unavailable", "The issuer's answer about the token cannot be read.")
    return found
