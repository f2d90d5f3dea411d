"""From an HTTP request to its `Caller`: by access token, key or certificate, or none at all (docs/security.md).

The rules are those of `fhir_server.security`; here they meet the registry, the network and the clock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.types import Scope

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.rest.known_clients import KnownClients
from fhir_server.rest.signing import SigningKeys
from fhir_server.security.access_token import checked_access_token, own_header
from fhir_server.security.caller import OPEN, Actor, Caller
from fhir_server.security.claims import text
from fhir_server.security.client import Client
from fhir_server.security.identity import Identifier, Identity, identity_of_token, issued_header
from fhir_server.security.introspection import Ask, identity_of_answer, introspection_request
from fhir_server.security.issuer import Issuer
from fhir_server.security.jwk_set import JwkSet, UnusableKeys, read_jwk_set
from fhir_server.security.protection import Place, Protection
from fhir_server.security.proxy_certificate import certificate_fingerprint, is_within
from fhir_server.security.refusal import Refusal, challenge
from fhir_server.security.remote_keys import RemoteKeys
from fhir_server.security.scopes import narrowed
from fhir_server.security.sender_key import is_sender_key, key_digest
from fhir_server.security.signed_token import MOST_BYTES, claimed
from fhir_server.security.verified_tokens import VerifiedTokens
from fhir_server.store.registry import Registry

LONGEST = 60.0
"""Seconds that somebody who was looked up in the record stays known: roles end."""

FindActors = Callable[[tuple[Identifier, ...]], Awaitable[frozenset[Actor]]]
logger = logging.getLogger("passerelle.authentication")


class Unauthenticated(FhirError):
    """UNAUTHENTICATED, with what WWW-Authenticate says."""

    def __init__(self, refusal: Refusal | None = None):
        self.challenge = challenge(refusal)
        told = refusal.description if refusal else "Send Authorization: Bearer and an access token; docs/security.md says how to get one."
        super().__init__(Category.UNAUTHENTICATED, fault(Category.UNAUTHENTICATED, "login", told).issues)


class Authentication(Protocol):
    """Who is calling."""

    @property
    def is_required(self) -> bool: ...

    async def caller_of(self, scope: Scope) -> Caller:
        """The caller of an HTTP request; Unauthenticated where nobody is known."""

    async def require(self, caller: Caller) -> None:
        """Unauthenticated where a caller of before is let in no more: its client was revoked, or has expired."""

    def place_of(self, scope: Scope) -> Place | None:
        """Where tokens are got and for whom they are; None where none are asked for."""


class Nobody:
    """Authentication that is off: everyone on this machine may do everything."""

    is_required = False

    async def caller_of(self, scope: Scope) -> Caller:  # noqa: ARG002
        return OPEN

    async def require(self, caller: Caller) -> None:
        pass

    def place_of(self, scope: Scope) -> Place | None:  # noqa: ARG002
        return None


class Authenticator:
    """Authentication that is required."""

    is_required = True

    def __init__(
        self, protection: Protection, registry: Registry, keys: RemoteKeys, ask: Ask, find_actors: FindActors,
        clock: Callable[[], float] = time.time,
    ):  # fmt: skip
        self.protection = protection
        self.registry = registry
        self.clients = KnownClients(registry)
        self.signing = SigningKeys(registry, clock)
        self.remote = keys
        self.clock = clock
        self._ask = ask
        self._find_actors = find_actors
        self._verified = VerifiedTokens()

    async def caller_of(self, scope: Scope) -> Caller:
        try:
            token = _token(scope)
            if token is None:
                return await self._by_certificate(scope)
            revision = await self.registry.revision()
            place = self._place(scope)
            known = self._verified.find(token, place.base, revision, self.clock())
            return known or await self._by_token(token, place, revision)
        except Refusal as refusal:
            logger.info("caller refused: %s", refusal.error)
            raise _unavailable(refusal) or Unauthenticated(refusal) from None

    async def require(self, caller: Caller) -> None:
        if caller == OPEN:
            raise Unauthenticated(Refusal("invalid_token", "This was asked before callers were authenticated; ask again."))
        if caller.subject == caller.client:  # a registered one; tokens of issuers outside name a subject of theirs
            client = (await self.clients.now()).by_id.get(caller.client)
            if client is None or not client.counts(self.clock()):
                raise Unauthenticated(Refusal("invalid_token", f"The client {caller.client} was revoked or has expired."))

    def place_of(self, scope: Scope) -> Place | None:
        try:
            return self._place(scope)
        except Refusal as refusal:
            raise fault(Category.MALFORMED, "value", refusal.description) from None

    async def keys_of(self, client: Client, kid: str) -> JwkSet:
        """The public keys of a client; UnusableKeys where it has none."""
        if client.jwks_url:
            return await self.remote.published(client.jwks_url, kid)
        return read_jwk_set(client.jwks.encode())

    def _place(self, scope: Scope) -> Place:
        if self.protection.base_url:
            return self.protection.place("", "", "")
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        return self.protection.place(scope["scheme"], host, scope.get("root_path", ""))

    async def _by_token(self, token: bytes, place: Place, revision: int) -> Caller:
        if len(token) > MOST_BYTES:
            raise Refusal("invalid_token", f"The token has {len(token)} bytes; at most {MOST_BYTES} are read.")
        caller, expires = await self._found(token, place)
        self._verified.keep(token, place.base, caller, expires, revision)
        return caller

    async def _found(self, token: bytes, place: Place) -> tuple[Caller, float]:
        if is_sender_key(token):
            client = self._counting((await self.clients.now()).by_key.get(key_digest(token)))
            return client.caller(), client.ends(self.clock() + LONGEST)
        written = token.decode("latin-1")
        if written.count(".") != 2:
            return await self._known(await self._introspected(written, place))
        issuer = text(claimed(written, "invalid_token"), "iss")
        if issuer == place.root:
            return await self._own(written, place)
        if found := self.protection.issuers.get(issuer):
            return await self._known(await self._issued(written, found, place))
        raise Refusal("invalid_token", "The token's issuer is not known here; get one from the token endpoint of this server.")

    def _counting(self, client: Client | None) -> Client:
        if client is None or not client.counts(self.clock()):
            raise Refusal("invalid_token", "It is of no client that is registered here, or of one that was revoked or has expired.")
        return client

    async def _own(self, token: str, place: Place) -> tuple[Caller, float]:
        header = own_header(token)
        keys = await self.signing.published(header.kid)
        granted = checked_access_token(token, header, keys, place.root, place.base, self.clock())
        client = self._counting((await self.clients.now()).by_id.get(granted.client))
        return client.caller(narrowed(granted.scopes, client.scopes)), client.ends(granted.expires)

    async def _issued(self, token: str, issuer: Issuer, place: Place) -> Identity:
        header = issued_header(token, issuer)
        try:
            keys = await self._keys_of_issuer(issuer, header.kid)
        except UnusableKeys as error:
            raise Refusal("temporarily_unavailable", f"The keys of {issuer.name} cannot be used: {error}.") from None
        return identity_of_token(token, header, keys, issuer, place.base, self.clock())

    async def _keys_of_issuer(self, issuer: Issuer, kid: str) -> JwkSet:
        if issuer.jwks:
            return read_jwk_set(issuer.jwks.encode())
        if issuer.jwks_url:
            return await self.remote.published(issuer.jwks_url, kid)
        return await self.remote.of_issuer(issuer.issuer, kid)

    async def _introspected(self, token: str, place: Place) -> Identity:
        issuer = next((one for one in self.protection.issuers.values() if one.introspection_url), None)
        if issuer is None:
            raise Refusal("invalid_token", "The token is not a signed JWT, and no issuer is known here that could be asked about it.")
        form, headers = introspection_request(token, issuer.introspection_client, issuer.introspection_secret)
        try:
            answer = await self._ask(issuer.introspection_url, form, headers)
        except OSError:
            raise Refusal("temporarily_unavailable", f"{issuer.name} cannot be asked about the token now; try again.") from None
        return identity_of_answer(answer, issuer, place.base, self.clock())

    async def _known(self, identity: Identity) -> tuple[Caller, float]:
        """With whom the record knows by the identifiers."""
        caller = identity.caller
        if identity.identifiers:
            caller = caller.acting(await self._find_actors(identity.identifiers))
        return caller, min(identity.expires, self.clock() + LONGEST)

    async def _by_certificate(self, scope: Scope) -> Caller:
        header = self.protection.certificate_header
        shown = [value for name, value in scope["headers"] if name == header] if header else []
        if not shown or not is_within(peer(scope), self.protection.proxies):
            raise Unauthenticated
        print_ = certificate_fingerprint(shown[0].decode("latin-1")) if len(shown) == 1 else None
        return self._counting((await self.clients.now()).by_certificate.get(print_ or "")).caller()


def peer(scope: Scope) -> str:
    """The address at the other end of the connection itself, whatever headers say."""
    address = scope.get("peer") or (scope.get("client") or ("",))[0]
    return str(address)


def _token(scope: Scope) -> bytes | None:
    """What `Authorization: Bearer` brings; Refusal where it brings something else, or twice."""
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    if not found:
        return None
    header: bytes = found[0]
    token = header[7:].strip()
    if len(found) > 1 or header[:7].lower() != b"bearer " or not token:
        raise Refusal("invalid_request", "Write one header: Authorization: Bearer TOKEN.")
    return token


def _unavailable(refusal: Refusal) -> FhirError | None:
    return fault(Category.BUSY, "transient", refusal.description) if refusal.error == "temporarily_unavailable" else None
