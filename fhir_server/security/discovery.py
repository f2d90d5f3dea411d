"""Where an OpenID issuer publishes its keys (https://openid.net/specs/openid-connect-discovery-1_0.html)."""

from __future__ import annotations

import msgspec

from fhir_server.security.issuer import is_safe_url
from fhir_server.security.jwk_set import MOST_BYTES, UnusableKeys

PATH = "/.well-known/openid-configuration"


def discovery_url(issuer: str) -> str:
    return issuer.rstrip("/") + PATH


def jwks_url_of(document: bytes, issuer: str) -> str:
    """The `jwks_uri` of an issuer's own document; UnusableKeys where the document speaks of another issuer, or of no safe address."""
    try:
        found = msgspec.json.decode(document) if len(document) <= MOST_BYTES else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise UnusableKeys(f"the discovery document at {discovery_url(issuer)} is not of the issuer {issuer}")
    url = found.get("jwks_uri")
    if not isinstance(url, str) or not is_safe_url(url):
        raise UnusableKeys(f"the discovery document of {issuer} names no https:// jwks_uri")
    return url
