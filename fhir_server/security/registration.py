"""What an operator writes about a client, checked once, when it is registered or given other keys."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import get_args

import msgspec
from joserfc.jwk import ECKey

from fhir_server.security.caller import Actor, Role
from fhir_server.security.client import Client
from fhir_server.security.issuer import is_safe_url
from fhir_server.security.jwk_set import JwkSet, UnusableKeys, read_jwk_set
from fhir_server.security.proxy_certificate import certificate_fingerprint
from fhir_server.security.scopes import read_scopes
from fhir_server.security.sender_key import key_digest, new_sender_key

CURVE, ALGORITHM = "P-384", "ES384"
_ID = re.compile(r"[A-Za-z0-9._~:/-]{1,200}")
_ACTOR = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})")


class RegistrationError(ValueError):
    """Something that cannot be registered; says what, and what to write."""


@dataclass(frozen=True, slots=True)
class Registration:
    """As it was written; `certificates` are fingerprints, or certificates as PEM; `actors` are Type/id."""

    id: str
    name: str
    scope: str
    jwks: str = ""
    jwks_url: str = ""
    certificates: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    whole: bool = False
    tenant: str = ""
    roles: tuple[str, ...] = ()
    expires: int | None = None


def registered(asked: Registration, now: int) -> Client:
    """The client that was asked for. RegistrationError."""
    if not _ID.fullmatch(asked.id) or not asked.name.strip() or not asked.name.isprintable():
        raise RegistrationError("The client needs a name, and an id of up to 200 letters, digits and . _ ~ : / -")
    return Client(
        asked.id, asked.name.strip(), _scope(asked.scope), _jwks(asked.jwks), _jwks_url(asked.jwks_url), (),
        tuple(_fingerprint(one) for one in asked.certificates), tuple(_sender(one) for one in asked.senders),
        tuple(_network(one) for one in asked.addresses), tuple(_actor(one) for one in asked.actors),
        asked.whole, asked.tenant, tuple(_role(one) for one in asked.roles), now, asked.expires,
    )  # fmt: skip


def rotated(client: Client, jwks: str, jwks_url: str, *, signs: bool, sends: bool, keep: bool) -> Client:
    """The client with other public keys; those of the kinds that are renewed are dropped unless `keep`. RegistrationError.

    `signs` where a key pair is to be made, `sends` where a key to be sent is.
    """
    if jwks or jwks_url or signs:
        former = client.jwks if keep else ""
        client = replace(client, jwks=_jwks(jwks) or former, jwks_url=_jwks_url(jwks_url))
    if sends and not keep:
        client = replace(client, keys=())
    return client


def with_key_pair(client: Client) -> tuple[Client, str]:
    """The client with one more public key, and the private one as a JWK, which is kept nowhere here."""
    key = ECKey.generate_key(CURVE, private=True)
    named = {"kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}
    former = read_jwk_set(client.jwks.encode()).keys if client.jwks else ()
    public = msgspec.json.encode({"keys": [*former, {**key.as_dict(private=False), **named}]}).decode()
    private = msgspec.json.encode({**key.as_dict(private=True), **named}).decode()
    return replace(client, jwks=public, jwks_url=""), private


def with_sender_key(client: Client) -> tuple[Client, str]:
    """The client with one more key to be sent, of which only the digest is kept, and the key."""
    key = new_sender_key()
    return replace(client, keys=(*client.keys, key_digest(key.encode()))), key


def _scope(text: str) -> str:
    read = read_scopes(text)
    if read.unknown or not read.scopes:
        wrong = " ".join(read.unknown) or "nothing"
        raise RegistrationError(f"--scope: {wrong} is no scope; write system/Patient.rs, the letters in the order c r u d s.")
    return " ".join(text.split())


def _jwks(text: str) -> str:
    if not text:
        return ""
    try:
        keys: JwkSet = read_jwk_set(text.encode())
    except UnusableKeys as error:
        raise RegistrationError(f"--jwks: {error}.") from None
    if not keys.keys or any(not key.get("kid") for key in keys.keys):
        raise RegistrationError("--jwks: each key needs a kid, and there must be one.")
    return text.strip()


def _jwks_url(url: str) -> str:
    if url and not is_safe_url(url):
        raise RegistrationError(f"--jwks-url: {url[:200]}: write an https:// URL.")
    return url


def _fingerprint(text: str) -> str:
    if (found := certificate_fingerprint(text)) is None:
        raise RegistrationError("--certificate: write its SHA-256 as 64 hexadecimal digits, or name a file with the certificate as PEM.")
    return found


def _sender(text: str) -> str:
    if text.count("|") != 1 or not text.isprintable():
        raise RegistrationError(f"--sender: write {text[:40]!r} as MSH-3|MSH-4, such as 'GAM|CHU'.")
    return text


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise RegistrationError(f"--address: {text[:40]!r} is no address and no network such as 10.1.0.0/16.") from None


def _actor(text: str) -> Actor:
    if (found := _ACTOR.fullmatch(text)) is None:
        raise RegistrationError(f"--actor: write {text[:60]!r} as Organization/id, Practitioner/id or the like.")
    return found[1], found[2]


def _role(text: str) -> Role:
    for role in get_args(Role):
        if role == text:
            found: Role = role
            return found
    raise RegistrationError(f"--role: {text[:40]!r} must be one of {', '.join(get_args(Role))}.")
