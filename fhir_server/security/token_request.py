"""What is asked of the token endpoint, and what it answers (https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from fhir_server.security.client import Client
from fhir_server.security.client_assertion import ASSERTION_TYPE
from fhir_server.security.refusal import Refusal
from fhir_server.security.scope import Scope
from fhir_server.security.scopes import narrowed, read_scopes, write_scopes

MOST_BYTES = 32 * 1024
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for a token by client credentials; without `scope`, for all that the client is registered for (RFC 6749, 3.3)."""

    assertion: str
    scope: str


def read_token_request(content_type: str, body: bytes) -> TokenRequest:
    """The request that a form makes; Refusal where it is none."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise Refusal("invalid_request", f"Send the parameters as {FORM}.")
    form = _form(body)
    if (grant := form.get("grant_type")) is None:
        raise Refusal("invalid_request", "grant_type is missing; write grant_type=client_credentials.")
    if grant != "client_credentials":
        raise Refusal("unsupported_grant_type", "The only grant_type here is client_credentials.")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise Refusal("invalid_client", f"Send client_assertion, a JWT signed by your key, with client_assertion_type={ASSERTION_TYPE}.")
    return TokenRequest(form["client_assertion"], form.get("scope", ""))


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Refusal("invalid_request", "The form cannot be read: at most 20 parameters, percent-encoded UTF-8.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refusal("invalid_request", "A parameter is given twice; give each once.")
    return dict(pairs)


def granted_scopes(asked: str, client: Client) -> tuple[Scope, ...]:
    """What the client gets of what it asks; Refusal where that is nothing. Words that are not understood give nothing."""
    read = read_scopes(asked or client.scope)
    granted = narrowed((scope for scope in read.scopes if scope.context == "system"), client.scopes)
    if granted:
        return granted
    if read.unknown and not read.scopes:
        raise Refusal("invalid_scope", f"{read.unknown[0][:80]} is no scope; write system/Type.cruds, the letters in that order.")
    raise Refusal("invalid_scope", f"The client is registered for {client.scope[:150]}, and nothing of what it asked is within that.")


def token_response(token: str, seconds: int, scopes: tuple[Scope, ...]) -> bytes:
    """The JSON of https://www.rfc-editor.org/rfc/rfc6749#section-5.1."""
    return msgspec.json.encode({"access_token": token, "token_type": "bearer", "expires_in": seconds, "scope": write_scopes(scopes)})


def refusal_response(refusal: Refusal) -> tuple[int, bytes]:
    """Status and JSON of https://www.rfc-editor.org/rfc/rfc6749#section-5.2."""
    told: dict[str, Any] = {"error": refusal.error, "error_description": refusal.description}
    status = {"invalid_client": 401, "temporarily_unavailable": 503}.get(refusal.error, 400)
    return status, msgspec.json.encode(told)
