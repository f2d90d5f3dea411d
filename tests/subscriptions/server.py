"""A whole server in process for one test: its FHIR base asked over ASGI as one caller or another, its follower and its worker made to
look when the test says so, with a clock that goes on when it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from adapters.exchange.delivery import Delivery
from adapters.exchange.destination import Rules
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.delivery import StoreOutbox
from fhir_server.destinations import NamedDestinations
from fhir_server.following import sight_of
from fhir_server.rest.application import FhirApplication
from fhir_server.rest.routes import AUDITED_ROUTES, ROUTES
from fhir_server.rest.service import Service
from fhir_server.rest.settings import RestSettings
from fhir_server.rest_hook import Serving
from fhir_server.security.caller import OPEN, Caller
from fhir_server.security.outgoing import Outgoing
from fhir_server.settings import Settings
from fhir_server.store.opening import now, open_store
from fhir_server.store.outbox import OutboxFilter, OutboxRow
from fhir_server.subscribed_destinations import SubscribedDestinations
from fhir_server.subscriptions.acceptance import Acceptance
from fhir_server.subscriptions.follower import Follower
from tests.access.conftest import Callers
from tests.patience import PATIENCE

Resource = dict[str, Any]
SECOND = 1_000_000
BASE = "http://testserver/fhir"


@dataclass
class Clock:
    """The time of now, and what the test let pass."""

    passed: int = 0

    def __call__(self) -> int:
        return now() + self.passed

    def let_pass(self, seconds: float) -> None:
        self.passed += int(seconds * SECOND)


class Known(Callers):
    """Callers that may be let in no more."""

    def __init__(self) -> None:
        super().__init__()
        self.revoked: set[str] = set()

    async def require(self, caller: Caller) -> None:
        if caller.client in self.revoked:
            from fhir_server.rest.authentication import Unauthenticated

            raise Unauthenticated


@dataclass
class Server:
    parts: Parts
    callers: Known
    service: Service
    follower: Follower
    delivery: Delivery
    clock: Clock
    client: httpx.AsyncClient
    serving: Serving
    others: list[Any] = field(default_factory=list)

    async def ask(self, method: str, path: str, body: Any = None, caller: Caller = OPEN, **headers: str) -> httpx.Response:
        self.callers.caller = caller
        sent = {"content-type": "application/fhir+json"} if body is not None else {}
        return await self.client.request(method, BASE + path, json=body, headers=sent | headers)

    async def made(self, resource: Resource, caller: Caller = OPEN) -> Resource:
        """Created; what the answer holds."""
        answer = await self.ask("POST", f"/{resource['resourceType']}", resource, caller)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def put(self, resource: Resource, caller: Caller = OPEN) -> Resource:
        answer = await self.ask("PUT", f"/{resource['resourceType']}/{resource['id']}", resource, caller)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    async def got(self, path: str, caller: Caller = OPEN) -> Any:
        return (await self.ask("GET", path, caller=caller)).json()

    async def followed(self) -> None:
        """Until the follower has looked at all that there is."""
        while await self.follower.step():
            pass

    async def delivered(self) -> None:
        await self.delivery.once()

    async def settled(self) -> None:
        """Until whom is to be told has been."""
        for _ in range(3):
            await self.followed()
            await self.delivered()

    async def outbox(self, **wanted: Any) -> list[OutboxRow]:
        return await self.parts.store.outbox.find(OutboxFilter(**wanted))

    def follower_of(self, name: str) -> Follower:
        return Follower(self.parts.interactions, sight_of(self.service), self.parts.topics, name, self.clock)


@asynccontextmanager
async def serving(
    definitions: Definitions, database: str, folder: Path, *, allowed: tuple[str, ...] = ("127.0.0.1",), audit: bool = False,
    most: int = 1000, **rules: Any,
) -> AsyncIterator[Server]:  # fmt: skip
    """A server on this database. `rules` are those by which messages are tried again."""
    store = await open_store(database)
    parts = put_together(definitions, store, Settings(data=folder))
    callers, clock = Known(), Clock()
    outgoing = Outgoing(allowed, seconds=5)
    routes = AUDITED_ROUTES if audit else ROUTES
    service = Service(
        parts.interactions, parts.validator, RestSettings(base_url=BASE, audit=audit), routes, callers,
        acceptance=Acceptance(outgoing, parts.topics, most, clock),
    )  # fmt: skip
    served = Serving(parts.interactions, sight_of(service), parts.topics, outgoing, BASE, clock, Rules(**rules))
    destinations = SubscribedDestinations(NamedDestinations({}), served)
    delivery = Delivery(StoreOutbox(store.outbox), destinations, "worker", endpoint=parts.endpoint, clock=clock)
    follower = Follower(parts.interactions, sight_of(service), parts.topics, "follower", clock)
    transport = httpx.ASGITransport(app=FhirApplication(service), root_path="/fhir")
    async with httpx.AsyncClient(transport=transport, timeout=PATIENCE) as client:
        yield Server(parts, callers, service, follower, delivery, clock, client, served)
    await destinations.close()
    await store.close()


def by_criteria(criteria: str, endpoint: str, payload: str | None = None, **elements: Any) -> Resource:
    channel = {"type": "rest-hook", "endpoint": endpoint} | ({"payload": payload} if payload else {})
    return {"resourceType": "Subscription", "status": "requested", "reason": "test", "criteria": criteria, "channel": channel} | elements


def by_topic(topic: str, endpoint: str, content: str = "id-only", filters: tuple[str, ...] = (), **extensions: int) -> Resource:
    """`extensions` of the channel, as heartbeat_period=60."""
    backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
    found = by_criteria(topic, endpoint, "application/fhir+json")
    found["channel"]["_payload"] = {"extension": [{"url": backport + "backport-payload-content", "valueCode": content}]}
    if filters:
        found["_criteria"] = {"extension": [{"url": backport + "backport-filter-criteria", "valueString": one} for one in filters]}
    kinds = {"max_count": "valuePositiveInt"}
    if extensions:
        found["channel"]["extension"] = [
            {"url": f"{backport}backport-{name.replace('_', '-')}", kinds.get(name, "valueUnsignedInt"): value}
            for name, value in extensions.items()
        ]
    return found
