"""A client shows who it is by a JWT that its own key signed (https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from fhir_server.security.claims import check_audience, check_times, text
from fhir_server.security.client import Client
from fhir_server.security.jwk_set import JwkSet, UnusableKeys
from fhir_server.security.refusal import Refusal
from fhir_server.security.signed_token import Header, claimed, read_header, verified

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = frozenset(("RS384", "ES384"))
"""What SMART asks of every server; more only where the settings name it."""
LONGEST = 300
MOST_JTI = 255


@dataclass(frozen=True, slots=True)
class Assertion:
    """One that is true; it counts once: `digest` is what is kept of its client and jti until `expires` (seconds since 1970)."""

    client: str
    digest: bytes
    expires: float


def claimed_client(assertion: str) -> str:
    """Who the assertion says it is of, before it is verified."""
    return text(claimed(assertion, "invalid_client"), "iss")


def assertion_header(assertion: str, client: Client, algorithms: Collection[str] = ALGORITHMS) -> Header:
    """The header, whose `jku` may only be what was registered: keys are fetched from nowhere else."""
    header = read_header(assertion, algorithms, ("", "jwt"), "invalid_client")
    if header.jku and header.jku != client.jwks_url:
        raise Refusal("invalid_client", "The assertion's jku is not the JWKS URL registered for this client; leave it out or register it.")
    return header


def checked_assertion(assertion: str, header: Header, keys: JwkSet, client: Client, audiences: Collection[str], now: float) -> Assertion:
    """The assertion, if one of the client's keys signed it for this server's token URL and it is of now; Refusal otherwise."""
    try:
        key = keys.find(header.kid, header.algorithm)
    except UnusableKeys as error:
        raise Refusal("invalid_client", f"The client's JWKS cannot be used: {error}.") from None
    if key is None:
        raise Refusal("invalid_client", f"The client's JWKS has no key {header.kid[:64]} for {header.algorithm}; publish it there.")
    claims = verified(assertion, header, key, "invalid_client")
    if text(claims, "iss") != client.id or text(claims, "sub") != client.id:
        raise Refusal("invalid_client", "The assertion's iss and sub must both be the client_id.")
    check_audience(claims, audiences, "invalid_client")
    expires = check_times(claims, now, "invalid_client", longest=LONGEST)
    jti = text(claims, "jti")
    if not 0 < len(jti) <= MOST_JTI:
        raise Refusal("invalid_client", f"The assertion has no jti: a text of 1 to {MOST_JTI} characters, another one each time.")
    return Assertion(client.id, hashlib.sha256(f"{client.id}\0{jti}".encode("utf-8", "surrogatepass")).digest(), expires)
