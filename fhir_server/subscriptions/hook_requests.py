"""The HTTP requests that tell a message of the outbox to an endpoint
(https://hl7.org/fhir/R4/subscription.html#channels, http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#rest-hook).

The message says only which events it tells of. What is sent is made at each attempt, from what the owner may see then: what was erased,
hidden or taken back since is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.security.caller import Caller
from fhir_server.store.store import MOST
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import Event, Subscriber
from fhir_server.subscriptions.composing import Composer
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import Asked

_HIDDEN = (Category.NOT_FOUND, Category.FORBIDDEN, Category.GONE)


@dataclass(frozen=True, slots=True)
class HookRequest:
    """`part` tells it from the others of the same message."""

    method: str
    url: str
    body: bytes = b""
    content_type: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A Subscription that is served, as it stands, for its owner as they are now."""

    stored: Stored
    subscriber: Subscriber
    asked: Asked
    owner: Caller


@dataclass(frozen=True, slots=True)
class HookRequests:
    """What messages become."""

    sight: Sight
    composer: Composer

    async def of(self, notice: Resource, served: Served) -> list[HookRequest]:
        """In their order; none where nothing may be sent. What is shown is told to the audit trail first."""
        asked = served.asked
        async with self.sight.working_for(served.owner, "notification") as seen:
            if asked.topic is not None:
                return [await self._notification(notice, served, seen)]
            if not asked.payload:
                return [HookRequest("POST", asked.endpoint)]
            return await self._resources(notice, asked, seen)

    async def _notification(self, notice: Resource, served: Served, seen: Interactions) -> HookRequest:
        newest = notice.get("last") or served.subscriber.events
        bundle = await self.composer.composed(notice["type"], served.asked, newest, await _events(notice, served.asked, seen), seen)
        return HookRequest("POST", served.asked.endpoint, *self.composer.written(bundle, served.asked))

    async def _resources(self, notice: Resource, asked: Asked, seen: Interactions) -> list[HookRequest]:
        """R4: the resource of each event, at its place below the endpoint."""
        found: list[HookRequest] = []
        for event in await _events(notice, asked, seen):
            if stored := await _seen_now(event, seen):
                url = f"{asked.endpoint.rstrip('/')}/{event.type}/{event.id}"
                body, kind = self.composer.written(decode_json(stored.content or b"null"), asked)
                found.append(HookRequest("PUT", url, body, kind, f"/{event.number}"))
        return found


async def _events(notice: Resource, asked: Asked, seen: Interactions) -> list[Event]:
    """None of a handshake and of a sign of life."""
    first, last = notice.get("first", 0), notice.get("last", 0)
    return await seen.store.subscriptions.events(asked.id, first, last, MOST) if first else []


async def _seen_now(event: Event, seen: Interactions) -> Stored | None:
    try:
        return await seen.read(event.type, event.id)
    except FhirError as error:
        if error.category in _HIDDEN:
            return None
        raise
