"""Keys and signed tokens for the tests: true ones, and such as an attacker would make."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Claims = dict[str, Any]
NOW = 1_800_000_000.0
TOKEN_URL = "https://fhir.example.org/auth/token"
RSA = RSAKey.generate_key(2048, private=True)
EC = ECKey.generate_key("P-384", private=True)
EC256 = ECKey.generate_key("P-256", private=True)
OTHER = ECKey.generate_key("P-384", private=True)


def public(key: Any, kid: str, **more: Any) -> Claims:
    return {**key.as_dict(private=False), "kid": kid, **more}


def jwks(*keys: Claims) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def signed(claims: Claims, key: Any = EC, algorithm: str = "ES384", kid: str | None = "ec", **header: Any) -> str:
    named = {"kid": kid} if kid is not None else {}
    return jwt.encode({"alg": algorithm, **named, **header}, claims, key, algorithms=[algorithm], default_type=None)


def unsigned(claims: Claims, **header: Any) -> str:
    """`alg: none`, as an attacker writes it."""
    return f"{part({'alg': 'none', **header})}.{part(claims)}."


def by_public_key(claims: Claims, key: Any, kid: str) -> str:
    """Key confusion: HS256 with the text of the public key as the secret."""
    content = f"{part({'alg': 'HS256', 'kid': kid, 'typ': 'at+jwt'})}.{part(claims)}"
    seal = hmac.digest(key.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def part(content: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def assertion_claims(**changed: Any) -> Claims:
    """Those of a good client assertion, some of them changed; None takes one away."""
    claims = {"iss": "gp", "sub": "gp", "aud": TOKEN_URL, "exp": NOW + 240, "iat": NOW, "jti": "one", **changed}
    return {name: value for name, value in claims.items() if value is not None}
