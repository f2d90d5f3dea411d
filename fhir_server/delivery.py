"""Where the engine's outgoing half is joined to the server: the store's outbox, the destinations of the settings, Communications in reach.

It runs in the server (on SQLite, or by the setting `deliver`) and in `passerelle worker`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import structlog

from adapters.endpoint import OutboxMessage, Outcome
from adapters.exchange.delivery import Delivery, Observe, unobserved
from fhir_server.assembly import Parts
from fhir_server.destinations import destinations_of
from fhir_server.endpoint import outbox_settlement
from fhir_server.exchange_keeping import keeping_exchange
from fhir_server.following import base_of, sight_of
from fhir_server.metrics import Metrics
from fhir_server.rest.service import Service
from fhir_server.rest_hook import Serving
from fhir_server.security.outgoing import Outgoing
from fhir_server.settings import Settings
from fhir_server.store.opening import now
from fhir_server.store.outbox import Outbox, OutboxClaim, OutboxRow
from fhir_server.subscribed_destinations import SubscribedDestinations
from fhir_server.worker_name import worker_name

log = structlog.stdlib.get_logger("passerelle.delivery")


class StoreOutbox:
    """The store's outbox in the words of `adapters.endpoint.Outbox`."""

    def __init__(self, outbox: Outbox):
        self._outbox = outbox

    async def open_destinations(self, now: int) -> list[str]:
        return await self._outbox.waited_for(now)

    async def claim(
        self, destination: str, *, owner: str, now: int, until: int, limit: int, interval: int = 0, strict: bool = False
    ) -> list[OutboxMessage]:
        claim = OutboxClaim(destination, owner, now, until, limit, interval, strict)
        return [_message(row) for row in await self._outbox.claim(claim)]

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        await self._outbox.settle([outbox_settlement(one) for one in outcomes])

    async def hold(self, destination: str, until: int) -> None:
        await self._outbox.hold(destination, until)


def _message(row: OutboxRow) -> OutboxMessage:
    return OutboxMessage(
        row.number, row.destination, row.key, row.body, row.content_type, row.lane, row.address, row.about, row.created, row.expires,
        row.attempts, row.owner, row.probe,
    )  # fmt: skip


def delivers_here(settings: Settings) -> bool:
    """True where the server itself delivers."""
    return settings.deliver == "on" or (settings.deliver == "auto" and not settings.on_postgresql)


def counted(metrics: Metrics | None) -> Observe:
    """Counts what deliveries come to, where somebody asks for it."""
    if metrics is None:
        return unobserved
    count = metrics.counter("deliveries", "Messages to others: what an attempt came to.", ("destination", "status"))
    return lambda destination, status: count.labels(destination, status).inc()


def _serving(parts: Parts, settings: Settings, service: Service) -> Serving:
    outgoing = Outgoing(settings.allowed_hosts, settings.allowed_networks)
    return Serving(parts.interactions, sight_of(service), parts.topics, outgoing, base_of(settings), now)


@contextlib.asynccontextmanager
async def delivering(parts: Parts, settings: Settings, service: Service, metrics: Metrics | None = None) -> AsyncIterator[Delivery]:
    """Deliver while the block runs; at its end what is under way is finished, within the time that draining may take."""
    destinations = SubscribedDestinations(destinations_of(settings), _serving(parts, settings, service))
    outbox = StoreOutbox(parts.store.outbox)
    delivery = Delivery(outbox, destinations, worker_name(), endpoint=parts.endpoint, observe=counted(metrics))
    task = asyncio.create_task(delivery.run())
    try:
        async with keeping_exchange(parts.store, settings.delivered_days, settings.processed_days):
            yield delivery
    finally:
        delivery.stop()
        _, pending = await asyncio.wait([task], timeout=settings.drain_seconds)
        if pending:
            log.warning("a delivery was cut off; it is made again by the next worker")
            task.cancel()
        await destinations.close()


@contextlib.asynccontextmanager
async def delivering_where_asked(parts: Parts, settings: Settings, service: Service, metrics: Metrics | None = None) -> AsyncIterator[None]:
    """As `delivering`, where the settings have the server do it."""
    if not delivers_here(settings):
        yield
        return
    async with delivering(parts, settings, service, metrics):
        yield
