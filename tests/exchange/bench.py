"""A store, partners, and a worker on a simulated clock."""

from __future__ import annotations

from typing import Any

from adapters.exchange.delivery import Delivery
from fhir_server.delivery import StoreOutbox
from fhir_server.store.outbox import OutboxEntry, OutboxFilter, OutboxRow
from fhir_server.store.store import Store
from tests.exchange.partner import SECOND, Clock, Partners


class Bench:
    """`run` runs a coroutine to its end, on the loop of the store."""

    def __init__(self, store: Store, run: Any, clock: Clock, partners: Partners):
        self.store, self.run, self.clock, self.partners = store, run, clock, partners
        self.delivery = self.worker("me")

    def worker(self, owner: str) -> Delivery:
        outbox = StoreOutbox(self.store.outbox)
        return Delivery(outbox, self.partners, owner, clock=self.clock, fraction=lambda: 1.0, elapsed=lambda: 0.0)

    def add(self, *entries: OutboxEntry) -> None:
        self.run(self.store.outbox.add(entries))

    def once(self) -> None:
        self.run(self.delivery.once())

    def go_on(self, until: int, step: int = 10 * SECOND) -> None:
        """Let time pass, delivering what is due at each step."""
        while self.clock.now < until:
            self.clock.now += step
            self.once()

    def rows(self, **wanted: Any) -> list[OutboxRow]:
        found: list[OutboxRow] = self.run(self.store.outbox.find(OutboxFilter(**wanted), 10_000))
        return found


def entry(key: str, lane: str = "", **more: Any) -> OutboxEntry:
    """A message to `chu`."""
    return OutboxEntry("chu", key, key.encode(), lane=lane, **more)


def of_lanes(lanes: int, steps: int) -> list[OutboxEntry]:
    """Messages about so many persons, so many about each."""
    return [entry(f"{lane}-{step}", f"Patient/{lane}") for step in range(steps) for lane in range(lanes)]
