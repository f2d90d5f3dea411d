"""The access tokens that this server signs itself: short, for its own FHIR base (https://www.rfc-editor.org/rfc/rfc9068)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir_server.security.claims import check_audience, check_issuer, check_times, text
from fhir_server.security.jwk_set import JwkSet, UnusableKeys
from fhir_server.security.refusal import Refusal
from fhir_server.security.scope import Scope
from fhir_server.security.scopes import read_scopes, write_scopes
from fhir_server.security.signed_token import Header, read_header, verified

ALGORITHM, CURVE = "ES256", "P-256"
TYPE = "at+jwt"
SECONDS = 300
SIGNS = 30 * 24 * 3600
"""How long a key signs before another does, in seconds."""
STAYS = 24 * 3600
"""How long it is published beyond that."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of this server, as a JWK in JSON; `created` in seconds since 1970."""

    kid: str
    private: str
    created: int


def new_signing_key(now: float) -> SigningKey:
    """A key nobody has seen."""
    key = ECKey.generate_key(CURVE, private=True)
    return SigningKey(key.thumbprint(), msgspec.json.encode(key.as_dict(private=True)).decode(), int(now))


def signing_now(keys: Iterable[SigningKey], now: float) -> SigningKey | None:
    """The newest key that still signs; None when another is due."""
    young = [key for key in keys if now < key.created + SIGNS]
    return max(young, key=lambda key: (key.created, key.kid), default=None)


def public_keys(keys: Iterable[SigningKey], now: float) -> JwkSet:
    """The keys that tokens in force may have been signed by, without their private parts."""
    young = [key for key in keys if now < key.created + SIGNS + STAYS]
    return JwkSet(tuple(_public(key) for key in young))


def _public(key: SigningKey) -> dict[str, Any]:
    private = ECKey.import_key(msgspec.json.decode(key.private))
    return {**private.as_dict(private=False), "kid": key.kid, "use": "sig", "alg": ALGORITHM}


@dataclass(frozen=True, slots=True)
class Granted:
    """What one of our tokens says: `client` may use `scopes` until `expires` (seconds since 1970)."""

    client: str
    scopes: tuple[Scope, ...]
    expires: float


def new_access_token(key: SigningKey, issuer: str, audience: str, client: str, scopes: Iterable[Scope], now: float) -> str:
    """A token for the client, good for SECONDS."""
    claims = {
        "iss": issuer, "aud": audience, "sub": client, "client_id": client, "scope": write_scopes(scopes),
        "iat": int(now), "exp": int(now) + SECONDS, "jti": secrets.token_urlsafe(16),
    }  # fmt: skip
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
    return jwt.encode(header, claims, ECKey.import_key(msgspec.json.decode(key.private)), algorithms=[ALGORITHM])


def own_header(token: str) -> Header:
    """The header of a token of ours."""
    return read_header(token, (ALGORITHM,), (TYPE,), "invalid_token")


def checked_access_token(token: str, header: Header, keys: JwkSet, issuer: str, audience: str, now: float) -> Granted:
    """What the token grants, if this server signed it for itself and it is of now; Refusal otherwise."""
    try:
        key = keys.find(header.kid, header.algorithm)
    except UnusableKeys as error:
        raise Refusal("invalid_token", str(error)) from None
    if key is None:
        raise Refusal("invalid_token", "The token was signed by no key of this server; ask its token endpoint for another.")
    claims = verified(token, header, key, "invalid_token")
    check_issuer(claims, issuer, "invalid_token")
    check_audience(claims, (audience,), "invalid_token")
    expires = check_times(claims, now, "invalid_token")
    return Granted(text(claims, "client_id"), read_scopes(text(claims, "scope")).scopes, expires)
