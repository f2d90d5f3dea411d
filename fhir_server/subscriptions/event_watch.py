"""Tells listeners of this process that a Subscription has new events, whichever process logged them: one question for all, a few times
a second, and none while nobody listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Protocol

from fhir_server.model.issue import FhirError
from fhir_server.store.subscription import Newest, Subscriptions

LOOK_SECONDS = 0.2
log = logging.getLogger("passerelle.subscriptions")


class Watcher(Protocol):
    """`news` is set when one of the Subscriptions has a newer event."""

    news: asyncio.Event

    def ids(self) -> frozenset[str]:
        """The Subscriptions that it listens to now."""


class EventWatch:
    """Where each Subscription has come to, as of the last look."""

    def __init__(self, subscriptions: Subscriptions, seconds: float = LOOK_SECONDS):
        self._subscriptions = subscriptions
        self._seconds = seconds
        self._watchers: set[Watcher] = set()
        self._newest: dict[str, Newest] = {}
        self._task: asyncio.Task[None] | None = None

    def newest(self, id_: str) -> Newest | None:
        """None where it was not looked at yet."""
        return self._newest.get(id_)

    @contextlib.contextmanager
    def watching(self, watcher: Watcher) -> Iterator[None]:
        """Tell the watcher while the block runs."""
        self._watchers.add(watcher)
        if self._task is None:
            self._task = asyncio.create_task(self._look_on(), name="passerelle-event-watch")
        try:
            yield
        finally:
            self._watchers.discard(watcher)
            if not self._watchers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _look_on(self) -> None:
        while True:
            try:
                await self._look()
            except FhirError as error:
                log.warning("events cannot be looked at now: %s", error.category.value)
            await asyncio.sleep(self._seconds)

    async def _look(self) -> None:
        ids = frozenset().union(*(one.ids() for one in self._watchers))
        found = await self._subscriptions.newest(ids) if ids else {}
        newer = {id_ for id_, newest in found.items() if newest != self._newest.get(id_)}
        self._newest = found
        for watcher in self._watchers:
            if newer & watcher.ids():
                watcher.news.set()
