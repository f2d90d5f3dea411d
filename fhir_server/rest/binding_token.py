"""`$get-ws-binding-token`: what a socket is opened with
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-get-ws-binding-token.html)."""

from __future__ import annotations

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.operations.arguments import Arguments
from fhir_server.rest.operation import answered, defined_arguments
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.websocket import websocket_url
from fhir_server.store.opening import now
from fhir_server.store.stored import Stored, instant
from fhir_server.subscriptions.binding_token import Bound, issued
from fhir_server.subscriptions.listener import MOST_BINDINGS
from fhir_server.subscriptions.subscription import SERVED, TYPE, asked_of

WS_BINDING = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-get-ws-binding-token"
_TAKES: Resource = {"code": "get-ws-binding-token", "parameter": [{"name": "id", "use": "in", "max": "*"}]}


async def get_ws_binding_token(request: FhirRequest) -> Response:
    """A token for one Subscription, for those of the parameter `id`, or for all that the caller sees."""
    arguments = await defined_arguments(request, _TAKES)
    request.service.acceptance.require_client(request.caller)
    ids = await _ids(request, arguments)
    if not 0 < len(ids) <= MOST_BINDINGS:
        sentence = f"A token is for 1 to {MOST_BINDINGS} Subscriptions with the channel websocket; here are {len(ids)}. Name them by id."
        raise fault(Category.INVALID, "not-found" if not ids else "too-costly", sentence)
    store = request.service.interactions.store
    token, ends = await issued(Bound(request.caller, tuple(ids)), store.subscriptions, now)
    return await answered(request, _answer(token, ends, ids, websocket_url(request.base)))


async def _ids(request: FhirRequest, arguments: Arguments) -> list[str]:
    """Each of those that are named has to be there, and to be told on sockets."""
    named = [request.require_id()] if request.id else list(dict.fromkeys(arguments.texts("id")))
    if not named:
        pairs = [("status", ",".join(sorted(SERVED))), ("_count", str(MOST_BINDINGS + 1)), ("_total", "none")]
        found = await request.interactions.search(TYPE, [("type", "websocket"), *pairs])
        return [one.id for one in found.matches if _is_on_sockets(one)]
    for one in named:
        if not _is_on_sockets(await request.interactions.read(TYPE, one)):
            raise fault(Category.INVALID, "business-rule", f"Subscription {one} is off, or has another channel than websocket.")
    return named


def _is_on_sockets(stored: Stored) -> bool:
    resource = decode_json(stored.content or b"null")
    return resource.get("status") in SERVED and asked_of(resource).channel == "websocket"


def _answer(token: str, ends: int, ids: list[str], url: str) -> Resource:
    subscriptions = [{"name": "subscription", "valueString": one} for one in ids]
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "token", "valueString": token},
            {"name": "expiration", "valueDateTime": instant(ends)},
            *subscriptions,
            {"name": "websocket-url", "valueUrl": url},
        ],
    }
