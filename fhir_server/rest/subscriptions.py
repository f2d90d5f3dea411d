"""How Subscriptions stand, and their events once more, over HTTP
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/operations.html): for who was not reachable for a while, or lost count.

An event is shown as whoever asks sees it now, which may be less than its notification showed.
"""

from __future__ import annotations

from typing import Any

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.operations.arguments import Arguments
from fhir_server.rest.operation import answered, defined_arguments
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.store.opening import now
from fhir_server.store.store import MOST
from fhir_server.store.stored import Stored
from fhir_server.subscriptions.notification import Standing, notification, status_parameters, told
from fhir_server.subscriptions.subscription import CONTENTS, SERVED, TYPE, Asked, Content, asked_of

_DEFINITIONS = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-"
STATUS, EVENTS = f"{_DEFINITIONS}status", f"{_DEFINITIONS}events"
MOST_EVENTS = 1000
"""Events of one answer; whoever wants more asks again from the next number."""

_PAGE = 1000


def _defined(code: str, **most: str) -> Resource:
    """What the guide's definition takes in, as far as arguments are checked by it."""
    return {"code": code, "parameter": [{"name": name, "use": "in", "max": max_} for name, max_ in most.items()]}


_STATUS_TAKES = _defined("status", id="*", status="*")
_EVENTS_TAKES = _defined("events", eventsSinceNumber="1", eventsUntilNumber="1", content="1")


async def subscription_status(request: FhirRequest) -> Response:
    """A searchset with the status of one Subscription, or of all that the caller sees, by `id` and `status` where they are given."""
    arguments = await defined_arguments(request, _STATUS_TAKES)
    found = [await request.interactions.read(TYPE, request.require_id())] if request.id else await _all(request, arguments)
    entries = [await _status_entry(request, one) for one in found]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return await answered(request, bundle | ({"entry": entries} if entries else {}))


async def subscription_events(request: FhirRequest) -> Response:
    """The notification that would tell these events."""
    arguments = await defined_arguments(request, _EVENTS_TAKES)
    stored = await request.interactions.read(TYPE, request.require_id())
    resource = decode_json(stored.content or b"null")
    asked = asked_of(resource) if resource.get("status") in SERVED else None
    content = _content(arguments, asked)
    since, until = _number(arguments, "eventsSinceNumber", 1), _number(arguments, "eventsUntilNumber", MOST)
    seen = request.interactions
    topic = request.service.acceptance.topics.get(str(resource.get("criteria")))
    events = await seen.store.subscriptions.events(stored.id, since, until, MOST_EVENTS)
    shown = [await told(one, content, topic, seen) for one in events]
    return await answered(request, notification(await _standing(request, stored), "query-event", shown, content, now()))


async def _all(request: FhirRequest, arguments: Arguments) -> list[Stored]:
    """Those that the caller sees."""
    asked = {"_id": arguments.texts("id"), "status": arguments.texts("status")}
    pairs = [(name, ",".join(values)) for name, values in asked.items() if values]
    found = await request.interactions.search(TYPE, [*pairs, ("_count", str(_PAGE)), ("_total", "none")])
    return found.matches


async def _status_entry(request: FhirRequest, stored: Stored) -> dict[str, Any]:
    standing = await _standing(request, stored)
    resource = status_parameters(standing, "query-status", content="id-only") | {"id": stored.id}
    place = f"{request.base}/{TYPE}/{stored.id}/$status"
    return {"fullUrl": place, "resource": resource, "search": {"mode": "match"}}


async def _standing(request: FhirRequest, stored: Stored) -> Standing:
    resource = decode_json(stored.content or b"null")
    subscriber = await request.interactions.store.subscriptions.of(stored.id)
    events = subscriber.events if subscriber is not None else 0
    topic = str(resource.get("criteria", "")) if resource.get("criteria") in request.service.acceptance.topics else ""
    return Standing(stored.id, topic, str(resource.get("status", "off")), events, request.base, str(resource.get("error", "")))


def _number(arguments: Arguments, name: str, otherwise: int) -> int:
    found = arguments.integer(name, 0)
    return otherwise if found is None else found


def _content(arguments: Arguments, asked: Asked | None) -> Content:
    wanted = arguments.text("content") or (asked and asked.content) or "id-only"
    for known in CONTENTS:
        if wanted == known:
            return known
    raise fault(Category.MALFORMED, "value", f"content is one of {', '.join(CONTENTS)}.")
