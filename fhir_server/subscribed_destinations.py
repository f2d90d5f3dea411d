"""Subscriptions as destinations of the outbox, beside those of the settings."""

from __future__ import annotations

from dataclasses import replace

from adapters.exchange.destination import Destination, Destinations, Rules
from fhir_server.model.json_format import decode_json
from fhir_server.rest_hook import RestHook, Serving
from fhir_server.store.subscription import PREFIX
from fhir_server.subscriptions.subscription import SERVED, TYPE, asked_of

COMPOSING = 5.0
"""Seconds beside those that the endpoint may take: for making the notification."""


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
