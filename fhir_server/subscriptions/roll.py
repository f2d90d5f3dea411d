"""Who is served: all Subscriptions that have begun, as they stand now, each with its owner as they are now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.security.caller import Caller
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import Subscriber
from fhir_server.subscriptions.evaluation import NOT_TOLD
from fhir_server.subscriptions.life import becomes
from fhir_server.subscriptions.owner import owner_of
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import TYPE, Asked, asked_of

log = logging.getLogger("passerelle.subscriptions")

KNOWN_FOR = 10_000_000
"""Microseconds for which owners are taken to be as they were; what is sent asks each time."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A Subscription that is served, as it stands now."""

    subscriber: Subscriber
    stored: Stored
    asked: Asked
    owner: Caller

    @property
    def id(self) -> str:
        return self.subscriber.id


class Roll:
    """`interactions` is the whole server, `clock` gives microseconds since 1970-01-01 UTC."""

    def __init__(self, interactions: Interactions, sight: Sight, clock: Callable[[], int]):
        self._interactions = interactions
        self._store = interactions.store
        self._sight = sight
        self._clock = clock
        self._asked: dict[str, tuple[int, Stored, Asked]] = {}
        self._known: tuple[int, dict[str, Subscribed]] | None = None
        self._known_since = 0

    async def now(self) -> Mapping[str, Subscribed]:
        """All that are served, by id. What this is made of changes by steps (`forget`), and with resources of the type."""
        newest, now = await self._store.newest_of([TYPE]), self._clock()
        if self._known is None or self._known[0] != newest or now - self._known_since >= KNOWN_FOR:
            self._known, self._known_since = (newest, await self._made()), now
        return self._known[1]

    def forget(self) -> None:
        """A step changed what is kept of some."""
        self._known = None

    async def _made(self) -> dict[str, Subscribed]:
        """One that is not served any more has no resource that says what it asks."""
        found: dict[str, Subscribed] = {}
        everyone = await self._store.subscriptions.all()
        self._asked = {one.id: self._asked[one.id] for one in everyone if one.id in self._asked}
        for one in everyone:
            if one.started and (asked := await self._asked_now(one.id)) and (owner := await self._owner(one, asked[0])):
                found[one.id] = Subscribed(one, *asked, owner)
        return found

    async def _owner(self, subscriber: Subscriber, stored: Stored) -> Caller | None:
        """As they are now; whose owner is let in no more is off."""
        try:
            return await self._sight.current(owner_of(subscriber))
        except FhirError as error:
            if error.category not in NOT_TOLD:
                raise
        await becomes(self._interactions, stored, "off", "The client that asked for it is let in no more.")
        return None

    async def _asked_now(self, id_: str) -> tuple[Stored, Asked] | None:
        stored = await self._store.read(TYPE, id_)
        if stored is None or stored.content is None:
            return None
        known = self._asked.get(id_)
        if known is None or known[0] != stored.version:
            try:
                known = self._asked[id_] = (stored.version, stored, asked_of(decode_json(stored.content)))
            except FhirError as error:
                log.warning("Subscription %s is not served: %s", id_, error)
                return None
        return known[1:]
