"""Notifications by HTTP: whether a message of the outbox that names a Subscription is delivered, and what its delivery says of the
Subscription (https://hl7.org/fhir/R4/valueset-subscription-status.html)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.endpoint import OutboxMessage
from adapters.exchange.destination import Rules
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from fhir_server.hook_endpoint import HookEndpoint
from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.security.caller import Caller
from fhir_server.security.outgoing import Outgoing
from fhir_server.store.subscription import MADE_ANEW, Subscriber
from fhir_server.subscriptions.channel import is_queued
from fhir_server.subscriptions.composing import Composer
from fhir_server.subscriptions.evaluation import NOT_TOLD
from fhir_server.subscriptions.hook_requests import HookRequests, Served
from fhir_server.subscriptions.life import becomes
from fhir_server.subscriptions.owner import owner_of
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import SERVED, TYPE, asked_of
from fhir_server.subscriptions.topic import Topic


@dataclass(frozen=True)
class Serving:
    """What all Subscriptions are served with. `base` is the FHIR base that notifications name."""

    interactions: Interactions
    sight: Sight
    topics: Mapping[str, Topic]
    outgoing: Outgoing
    base: str
    clock: Callable[[], int]
    rules: Rules = field(default_factory=Rules)


class RestHook:
    """The transport of one Subscription."""

    def __init__(self, id_: str, serving: Serving):
        self._id = id_
        self._serving = serving
        composer = Composer(serving.topics, serving.interactions.schema, serving.base, serving.clock)
        self._requests = HookRequests(serving.sight, composer)
        self._endpoint = HookEndpoint(serving.outgoing, serving.rules.seconds)
        self._failures = 0

    async def deliver(self, message: OutboxMessage) -> Answer:
        served = await self._served()
        if not isinstance(served, Served):
            return served
        notice = decode_json(message.body)
        if notice.get("last", 0) > served.subscriber.events:
            return Refused(MADE_ANEW)
        agreed = served.asked.topic is None or served.asked.status == "active"
        if notice["type"] == "handshake":
            return Receipt("not sent: it is active already") if agreed else await self._deliver(notice, message.key, served)
        return await (self._deliver if agreed else self._after_handshake)(notice, message.key, served)

    async def close(self) -> None:
        await self._endpoint.close()

    async def _served(self) -> Served | Answer:
        """What becomes of the message where it is served no more, or not here, or not now."""
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
        if asked.topic is not None and asked.topic not in self._serving.topics:
            return Later("its topic is not here now", unreachable=False)
        return Served(stored, subscriber, asked, owner)

    async def _owner(self, subscriber: Subscriber) -> Caller | None:
        """As they are now; None where they are let in no more."""
        try:
            return await self._serving.sight.current(owner_of(subscriber))
        except FhirError as error:
            if error.category in NOT_TOLD:
                return None
            raise

    async def _after_handshake(self, notice: Resource, key: str, served: Served) -> Answer:
        """An endpoint that has not agreed yet, or fails, is asked before anything is told to it: what waits may be older than the
        endpoint, and goes ahead of the handshake that waits behind it."""
        answer = await self._deliver({"type": "handshake"}, f"handshake-{served.stored.version}", served)
        if not isinstance(answer, Receipt):
            return answer
        agreed = await self._served()
        if not isinstance(agreed, Served):
            return agreed
        if agreed.asked.status != "active":
            return Later("the Subscription was changed meanwhile", unreachable=False)
        return await self._deliver(notice, key, agreed)

    async def _deliver(self, notice: Resource, key: str, served: Served) -> Answer:
        requests = await self._requests.of(notice, served)
        if not requests:
            return Receipt("not sent: nothing of it is to be seen by its owner any more")
        answer = await self._endpoint.sent(requests, served, key)
        await self._told(notice, served, answer)
        return answer

    async def _told(self, notice: Resource, served: Served, answer: Answer) -> None:
        """The Subscription says how it goes: active once it was answered, in error after a handshake that was not, or after as many
        failures as open a circuit."""
        if isinstance(answer, Receipt):
            self._failures = 0
            if served.asked.status != "active":
                await becomes(self._serving.interactions, served.stored, "active")
            return
        self._failures += 1
        many = self._failures >= self._serving.rules.failures
        if many or notice["type"] == "handshake" or isinstance(answer, Refused):
            await becomes(self._serving.interactions, served.stored, "error", f"The endpoint cannot be told: {answer.reason}.")
