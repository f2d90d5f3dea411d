"""What waits in the inbox and the outbox, for Prometheus: how much, how old, how often tried, by destination.

Read from the store every few seconds, whoever delivers; a scrape gets what was read last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fhir_server.model.issue import FhirError
from fhir_server.store.opening import now
from fhir_server.store.outbox import DestinationState, OutboxTally
from fhir_server.store.store import Store

log = structlog.stdlib.get_logger("passerelle.exchange")
LOOK_SECONDS = 10.0
_LABELS = ("destination", "status")


@dataclass(slots=True, eq=False)
class ExchangeGauges(Collector):
    """What was read last."""

    clock: Callable[[], int] = now
    inbox: Sequence[tuple[str, int, int]] = ()
    outbox: Sequence[OutboxTally] = ()
    destinations: Sequence[DestinationState] = ()

    async def look(self, store: Store) -> None:
        """Read it anew."""
        self.inbox, self.outbox = await store.inbox.tally(), await store.outbox.tally()
        self.destinations = await store.outbox.destinations()

    def collect(self) -> Iterator[Metric]:
        """What a scrape asks for."""
        yield self._of_inbox("passerelle_inbox_messages", "Messages that came in and are not processed.", lambda row: row[1])
        yield self._of_inbox("passerelle_inbox_oldest_seconds", "Age of the oldest of them.", lambda row: self._age(row[2]))
        yield self._of_outbox("passerelle_outbox_messages", "Messages to others that are not delivered.", lambda one: one.depth)
        yield self._of_outbox("passerelle_outbox_oldest_seconds", "Age of the oldest of them.", lambda one: self._age(one.oldest))
        yield self._of_outbox("passerelle_outbox_attempts", "Attempts made for them.", lambda one: one.attempts)
        is_open = GaugeMetricFamily("passerelle_destination_open", "0 while paused or left alone after failures.", labels=["destination"])
        for one in self.destinations:
            is_open.add_metric([one.name], float(one.is_open(self.clock())))
        yield is_open

    def _of_inbox(self, name: str, says: str, read: Callable[[tuple[str, int, int]], float]) -> Metric:
        family = GaugeMetricFamily(name, says, labels=["status"])
        for row in self.inbox:
            family.add_metric([row[0]], read(row))
        return family

    def _of_outbox(self, name: str, says: str, read: Callable[[OutboxTally], float]) -> Metric:
        family = GaugeMetricFamily(name, says, labels=_LABELS)
        for one in self.outbox:
            family.add_metric([one.destination, one.status], read(one))
        return family

    def _age(self, moment: int) -> float:
        return max(0.0, (self.clock() - moment) / 1e6)


@contextlib.asynccontextmanager
async def exchange_metrics(store: Store, registry: CollectorRegistry) -> AsyncIterator[None]:
    """Keep the gauges of a registry up to date while the block runs."""
    gauges = ExchangeGauges()
    registry.register(gauges)
    task = asyncio.create_task(_look_again(gauges, store))
    try:
        yield
    finally:
        task.cancel()


async def _look_again(gauges: ExchangeGauges, store: Store) -> None:
    while True:
        try:
            await gauges.look(store)
        except FhirError as error:
            log.warning("the messages could not be counted", category=error.category.value)
        await asyncio.sleep(LOOK_SECONDS)
