"""Notifications by HTTP: what a message of the outbox that names a Subscription becomes when it is delivered
(https://hl7.org/fhir/R4/subscription.html#channels, http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#rest-hook).

The message says only which events it tells of. What is sent is made here, at each attempt, from what the owner may see then: what was
erased, hidden or taken back since is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from adapters.endpoint import OutboxMessage
from adapters.exchange.destination import Destination, Destinations, Rules
from adapters.exchange.http_transport import answer_of
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.security.caller import Caller
from fhir_server.security.outgoing import Outgoing
from fhir_server.security.sending import Sending
from fhir_server.store.store import MOST
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import MADE_ANEW, PREFIX, Subscriber
from fhir_server.subscriptions.channel import is_queued
from fhir_server.subscriptions.composing import Composer
from fhir_server.subscriptions.evaluation import NOT_TOLD
from fhir_server.subscriptions.life import becomes
from fhir_server.subscriptions.owner import headers_kept, owner_of
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import SERVED, TYPE, Asked, asked_of
from fhir_server.subscriptions.topic import Topic

_ACCEPT = {"accept": "application/fhir+json"}
COMPOSING = 5.0
"""Seconds beside those that the endpoint may take: for making the notification."""


@dataclass(frozen=True)
class Serving:
    """What all Subscriptions are served with. `base` is the FHIR base that notifications name, `seconds` how long an endpoint may take
    that does not say so."""

    interactions: Interactions
    sight: Sight
    topics: Mapping[str, Topic]
    outgoing: Outgoing
    base: str
    clock: Callable[[], int]
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    body: bytes = b""
    content_type: str = ""
    part: str = ""
    """Tells it from the others of the same message."""


@dataclass(frozen=True, slots=True)
class _Served:
    """A Subscription that is served, as it stands, for its owner as they are now."""

    stored: Stored
    subscriber: Subscriber
    asked: Asked
    owner: Caller


class RestHook:
    """The transport of one Subscription."""

    def __init__(self, id_: str, serving: Serving):
        self._id = id_
        self._serving = serving
        self._composer = Composer(serving.topics, serving.interactions.schema, serving.base, serving.clock)
        self._sending: tuple[str, Sending] | None = None
        self._failures = 0

    async def deliver(self, message: OutboxMessage) -> Answer:
        served = await self._served()
        if not isinstance(served, _Served):
            return served
        notice = decode_json(message.body)
        if notice.get("last", 0) > served.subscriber.events:
            return Refused(MADE_ANEW)
        if notice["type"] == "handshake":
            agreed = served.asked.status == "active"
            return Receipt("not sent: it is active already") if agreed else await self._deliver(notice, message.key, served)
        if served.asked.topic is not None and served.asked.status != "active":
            return await self._after_handshake(notice, message.key, served)
        return await self._deliver(notice, message.key, served)

    async def _after_handshake(self, notice: Resource, key: str, served: _Served) -> Answer:
        """An endpoint that has not agreed yet, or fails, is asked before anything is told to it: what waits may be older than the
        endpoint, and goes ahead of the handshake that waits behind it."""
        answer = await self._deliver({"type": "handshake"}, f"handshake-{served.stored.version}", served)
        if not isinstance(answer, Receipt):
            return answer
        agreed = await self._served()
        if not isinstance(agreed, _Served):
            return agreed
        if agreed.asked.status != "active":
            return Later("the Subscription was changed meanwhile", unreachable=False)
        return await self._deliver(notice, key, agreed)

    async def _deliver(self, notice: Resource, key: str, served: _Served) -> Answer:
        requests = await self._requests(notice, served.asked, served.subscriber, served.owner)
        if not requests:
            return Receipt("not sent: nothing of it is to be seen by its owner any more")
        answer = await self._sent(requests, served, key)
        await self._told(served.stored, served.asked, answer)
        return answer

    async def _served(self) -> _Served | Answer:
        """What becomes of the message where it is served no more, or not here."""
        stored = await self._serving.interactions.store.read(TYPE, self._id)
        subscriber = await self._serving.interactions.store.subscriptions.of(self._id)
        if stored is None or stored.content is None or subscriber is None:
            return Refused("the Subscription was deleted")
        resource = decode_json(stored.content)
        if resource.get("status") not in SERVED:
            return Refused("the Subscription is off")
        owner = await self._owner(subscriber)
        if owner is None:
            await becomes(self._serving.interactions, stored, "off", "The client that asked for it is let in no more.")
            return Refused("the client that asked for it is let in no more")
        asked = asked_of(resource)
        if not is_queued(asked):
            return Receipt("not sent: it is told of on another channel now")
        return _Served(stored, subscriber, asked, owner)

    async def close(self) -> None:
        if self._sending is not None:
            await self._sending[1].close()

    async def _owner(self, subscriber: Subscriber) -> Caller | None:
        """As they are now; None where they are let in no more."""
        try:
            return await self._serving.sight.current(owner_of(subscriber))
        except FhirError as error:
            if error.category in NOT_TOLD:
                return None
            raise

    async def _requests(self, notice: Resource, asked: Asked, subscriber: Subscriber, owner: Caller) -> list[_Request]:
        """What is to be sent; nothing where nothing may be. What is shown is told to the audit trail first."""
        async with self._serving.sight.working_for(owner, "notification") as seen:
            if asked.topic is not None:
                bundle = await self._notification(notice, asked, subscriber, seen)
                return [_Request("POST", asked.endpoint, *self._composer.written(bundle, asked))]
            if not asked.payload:
                return [_Request("POST", asked.endpoint)]
            return await self._resources(notice, asked, seen)

    async def _notification(self, notice: Resource, asked: Asked, subscriber: Subscriber, seen: Interactions) -> Resource:
        first, last = notice.get("first", 0), notice.get("last", 0)
        events = await seen.store.subscriptions.events(self._id, first, last, MOST) if first else []
        return await self._composer.composed(notice["type"], asked, last or subscriber.events, events, seen)

    async def _resources(self, notice: Resource, asked: Asked, seen: Interactions) -> list[_Request]:
        """R4: the resource of each event, at its place below the endpoint."""
        events = await seen.store.subscriptions.events(self._id, notice["first"], notice["last"], MOST)
        found: list[_Request] = []
        for event in events:
            if stored := await _seen_now(event.type, event.id, seen):
                url = f"{asked.endpoint.rstrip('/')}/{event.type}/{event.id}"
                body, kind = self._composer.written(decode_json(stored.content or b"null"), asked)
                found.append(_Request("PUT", url, body, kind, f"/{event.number}"))
        return found

    async def _sent(self, requests: list[_Request], served: _Served, key: str) -> Answer:
        """One after the other; the first that does not come to its end says what became of all. One endpoint may be that of several
        Subscriptions, so the key says of which it is."""
        asked, subscriber = served.asked, served.subscriber
        seconds = asked.timeout or self._serving.rules.seconds
        sending = await self._to(asked.endpoint, seconds)
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in headers_kept(subscriber))}
        answer: Answer = Receipt()
        for request in requests:
            own = {"idempotency-key": f'"{PREFIX}{self._id}/{key}{request.part}"'}
            own |= {"content-type": request.content_type} if request.content_type else {}
            try:
                answer = answer_of(await sending.send(request.method, request.url, _ACCEPT | headers | own, request.body))
            except FhirError as error:
                answer = Later(_reason(error))
            if not isinstance(answer, Receipt):
                return answer
        return answer

    async def _to(self, endpoint: str, seconds: float) -> Sending:
        """Connections that are kept as long as the endpoint is the same."""
        place = f"{endpoint} {seconds:g}"
        if self._sending is None or self._sending[0] != place:
            await self.close()
            self._sending = (place, Sending(replace(self._serving.outgoing, seconds=seconds), endpoint))
        return self._sending[1]

    async def _told(self, stored: Stored, asked: Asked, answer: Answer) -> None:
        """The Subscription says how it goes: active once it was answered, in error after as many failures as open a circuit."""
        if isinstance(answer, Receipt):
            self._failures = 0
            if asked.status != "active":
                await becomes(self._serving.interactions, stored, "active")
            return
        self._failures += 1
        if isinstance(answer, Refused) or self._failures >= self._serving.rules.failures:
            await becomes(self._serving.interactions, stored, "error", f"The endpoint cannot be told: {answer.reason}.")


async def _seen_now(type_name: str, id_: str, seen: Interactions) -> Stored | None:
    try:
        return await seen.read(type_name, id_)
    except FhirError as error:
        if error.category in (Category.NOT_FOUND, Category.FORBIDDEN, Category.GONE):
            return None
        raise


def _reason(error: FhirError) -> str:
    """Without the address, which the Subscription has and a log need not."""
    return "it may not be asked (allowed_hosts)" if error.category is Category.FORBIDDEN else "no answer"


class SubscribedDestinations:
    """Destinations whose names begin with `Subscription/`, made from the resource; all others are `named`."""

    def __init__(self, named: Destinations, serving: Serving):
        self._named = named
        self._serving = serving
        self._made: dict[str, Destination] = {}

    async def find(self, name: str) -> Destination | None:
        """Of one that was deleted too: its transport says so of each message."""
        if not name.startswith(PREFIX):
            return await self._named.find(name)
        rules = await self._rules(name.removeprefix(PREFIX))
        known = self._made.get(name)
        if known is None or known.rules != rules:
            transport = known.transport if known is not None else RestHook(name.removeprefix(PREFIX), self._serving)
            known = self._made[name] = Destination(name, transport, rules)
        return known

    async def close(self) -> None:
        for one in self._made.values():
            await one.transport.close()

    async def _rules(self, id_: str) -> Rules:
        rules = self._serving.rules
        stored = await self._serving.interactions.store.read(TYPE, id_)
        resource = decode_json(stored.content) if stored is not None and stored.content is not None else {}
        asked = asked_of(resource) if resource.get("status") in SERVED else None
        seconds = asked.timeout if asked is not None and asked.timeout else rules.seconds
        return replace(rules, seconds=seconds + COMPOSING)
