"""POST /auth/token, GET /auth/jwks and SMART discovery (https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html).

All of it is outside the FHIR base, for it speaks OAuth and not FHIR.
"""

from __future__ import annotations

import logging

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fhir_server.model.issue import FhirError
from fhir_server.rest.authentication import Authenticator
from fhir_server.security.access_token import SECONDS, new_access_token
from fhir_server.security.claims import SKEW
from fhir_server.security.client import Client
from fhir_server.security.client_assertion import assertion_header, checked_assertion, claimed_client
from fhir_server.security.jwk_set import UnusableKeys
from fhir_server.security.protection import Place
from fhir_server.security.refusal import Refusal
from fhir_server.security.smart_configuration import smart_configuration
from fhir_server.security.token_request import (
    MOST_BYTES,
    TokenRequest,
    granted_scopes,
    read_token_request,
    refusal_response,
    token_response,
)  # fmt: skip

NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
JSON = "application/json"
KEPT = SKEW + 1
"""Seconds that a used assertion is remembered beyond its end: so long it would still be taken."""
logger = logging.getLogger("passerelle.authentication")


def authentication_routes(authenticator: Authenticator) -> list[Route]:
    """What stands at the root of a server that authenticates its callers."""
    endpoint = TokenEndpoint(authenticator)
    return [
        Route("/auth/token", endpoint.token, methods=["POST"]),
        Route("/auth/jwks", endpoint.jwks, methods=["GET"]),
        Route("/.well-known/smart-configuration", endpoint.configuration, methods=["GET"]),
    ]


class TokenEndpoint:
    """Gives access tokens to registered clients that show who they are."""

    def __init__(self, authenticator: Authenticator):
        self._authenticator = authenticator

    async def token(self, request: Request) -> Response:
        try:
            asked = read_token_request(request.headers.get("content-type", ""), await _body(request))
            body = await self._granted(asked, self._place(request))
            return Response(body, 200, NO_STORE, JSON)
        except Refusal as refusal:
            logger.info("token refused: %s", refusal.error)
            return _refused(refusal)
        except FhirError as error:  # of the store
            return _refused(Refusal("temporarily_unavailable", error.issues[0].diagnostics))

    async def jwks(self, _: Request) -> Response:
        keys = (await self._authenticator.signing.published()).keys
        return Response(msgspec.json.encode({"keys": keys}), 200, {"cache-control": "public, max-age=300"}, JSON)

    async def configuration(self, request: Request) -> Response:
        try:
            place = self._place(request)
        except Refusal as refusal:
            return _refused(refusal)
        return Response(msgspec.json.encode(smart_configuration(place.root, self._authenticator.protection)), 200, media_type=JSON)

    def _place(self, request: Request) -> Place:
        scope = request.scope
        return self._authenticator.protection.place(scope["scheme"], request.headers.get("host", ""), scope.get("root_path", ""))

    async def _granted(self, asked: TokenRequest, place: Place) -> bytes:
        authenticator = self._authenticator
        client = await self._shown(asked.assertion, place)
        scopes = granted_scopes(asked.scope, client)
        now = authenticator.clock()
        token = new_access_token(await authenticator.signing.signing(), place.root, place.base, client.id, scopes, now)
        return token_response(token, SECONDS, scopes)

    async def _shown(self, assertion: str, place: Place) -> Client:
        """The client that the assertion shows; the assertion is used up by that."""
        authenticator = self._authenticator
        clients = await authenticator.clients.now()
        client = clients.by_id.get(claimed_client(assertion))
        now = authenticator.clock()
        if client is None or not client.counts(now) or not (client.jwks or client.jwks_url):
            raise Refusal("invalid_client", "The assertion's iss is no client registered here with a public key, or it was revoked.")
        header = assertion_header(assertion, client, authenticator.protection.algorithms)
        try:
            keys = await authenticator.keys_of(client, header.kid)
        except UnusableKeys as error:
            raise Refusal("invalid_client", f"The client's JWKS cannot be used: {error}.") from None
        checked = checked_assertion(assertion, header, keys, client, (place.token_url,), now)
        if not await authenticator.registry.first_use(checked.digest, int(checked.expires) + KEPT, int(now)):
            raise Refusal("invalid_client", "The assertion was used before; sign a new one, with another jti, for each token.")
        return client


async def _body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise Refusal("invalid_request", f"The form has more than {MOST_BYTES} bytes.")
    return body


def _refused(refusal: Refusal) -> Response:
    status, body = refusal_response(refusal)
    return Response(body, status, NO_STORE, JSON)
