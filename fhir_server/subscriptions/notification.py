"""The notification of a topic's events
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-notification-r4.html).

It is made when it is sent, out of the log of events, as far as the owner sees what it is about at that moment: an event whose focus is
hidden meanwhile, or gone for good, keeps its number and time and loses the rest, so that no number is missing and nothing is shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.store.stored import Stored, instant
from fhir_server.store.subscription import Event
from fhir_server.subscriptions.subscription import BACKPORT, Content
from fhir_server.subscriptions.topic import Topic

NOTIFICATION, STATUS = f"{BACKPORT}backport-subscription-notification-r4", f"{BACKPORT}backport-subscription-status-r4"
_HIDDEN = (Category.NOT_FOUND, Category.FORBIDDEN)
_RESPONSES = {"POST": "201", "PUT": "200", "DELETE": "204"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is told of a Subscription: `events` is the newest event number, `base` the FHIR base that its links begin with."""

    id: str
    topic: str
    status: str
    events: int
    base: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is told: its focus, None where it is not shown; with full content the resource (None for a deletion) and what comes
    with it."""

    event: Event
    focus: str | None = None
    resource: Stored | None = None
    context: tuple[Stored, ...] = ()


async def told(event: Event, content: Content, topic: Topic | None, seen: Interactions) -> Told:
    """As much of an event as is asked for and seen now."""
    if content == "empty":
        return Told(event)
    try:
        stored = await seen.read(event.type, event.id)
    except FhirError as error:
        if error.category is Category.GONE:
            return Told(event, f"{event.type}/{event.id}")
        if error.category in _HIDDEN:
            return Told(event)
        raise
    found = Told(event, f"{event.type}/{event.id}")
    if content == "id-only":
        return found
    references = topic.includes(decode_json(stored.content or b"null")) if topic is not None else []
    return replace(found, resource=stored, context=tuple([one for each in references if (one := await _read(each, seen))]))


async def _read(reference: str, seen: Interactions) -> Stored | None:
    """A resource of this server that is seen; None for all else."""
    type_name, _, id_ = reference.partition("/_history/")[0].partition("/")
    if not type_name.isalpha() or not id_ or "/" in id_:
        return None
    try:
        return await seen.read(type_name, id_)
    except FhirError as error:
        if error.category in (*_HIDDEN, Category.GONE):
            return None
        raise


def notification(standing: Standing, kind: str, events: Sequence[Told], content: Content, now: int) -> Resource:
    """The Bundle: its first entry tells how the Subscription stands, the others are what the events are about, each once."""
    shown: dict[str, Resource] = {}
    for one in events:
        if content == "full-resource" and one.focus is not None:
            shown[one.focus] = _entry(standing.base, one.focus, one.event.method, one.resource)
        for stored in one.context:
            shown.setdefault(f"{stored.type}/{stored.id}", _entry(standing.base, f"{stored.type}/{stored.id}", "PUT", stored))
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "meta": {"profile": [NOTIFICATION]},
        "type": "history",
        "timestamp": instant(now),
        "entry": [status_entry(standing, kind, events, content), *shown.values()],
    }


def status_entry(standing: Standing, kind: str, events: Iterable[Told] = (), content: Content = "empty") -> Resource:
    """How the Subscription stands, as an entry of a history."""
    identity = str(uuid.uuid4())
    return {
        "fullUrl": f"urn:uuid:{identity}",
        "resource": status_parameters(standing, kind, events, content) | {"id": identity},
        "request": {"method": "GET", "url": f"Subscription/{standing.id}/$status"},
        "response": {"status": "200"},
    }


def status_parameters(standing: Standing, kind: str, events: Iterable[Told] = (), content: Content = "empty") -> Resource:
    """R5's SubscriptionStatus as R4's Parameters. The topic is not told where the payload is empty."""
    topic = [{"name": "topic", "valueCanonical": standing.topic}] if standing.topic and content != "empty" else []
    error = [{"name": "error", "valueCodeableConcept": {"text": standing.error}}] if standing.error else []
    return {
        "resourceType": "Parameters",
        "meta": {"profile": [STATUS]},
        "parameter": [
            {"name": "subscription", "valueReference": {"reference": f"{standing.base}/Subscription/{standing.id}"}},
            *topic,
            {"name": "status", "valueCode": standing.status},
            {"name": "type", "valueCode": kind},
            {"name": "events-since-subscription-start", "valueString": str(standing.events)},
            *(_event(standing.base, one) for one in events),
            *error,
        ],
    }


def _event(base: str, one: Told) -> Mapping[str, Any]:
    parts: list[Mapping[str, Any]] = [
        {"name": "event-number", "valueString": str(one.event.number)},
        {"name": "timestamp", "valueInstant": instant(one.event.occurred)},
    ]
    if one.focus is not None:
        parts.append({"name": "focus", "valueReference": {"reference": f"{base}/{one.focus}"}})
    parts += [{"name": "additional-context", "valueReference": {"reference": f"{base}/{each.type}/{each.id}"}} for each in one.context]
    return {"name": "notification-event", "part": parts}


def _entry(base: str, place: str, method: str, stored: Stored | None) -> Resource:
    """What is gone has no resource, and is told as deleted."""
    method = "DELETE" if stored is None else "PUT" if method == "DELETE" else method
    entry: Resource = {"fullUrl": f"{base}/{place}"}
    if stored is not None and stored.content is not None:
        entry["resource"] = decode_json(stored.content)
    url = place.partition("/")[0] if method == "POST" else place
    return entry | {"request": {"method": method, "url": url}, "response": {"status": _RESPONSES[method]}}
