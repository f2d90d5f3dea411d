"""What the changes of a step mean for each Subscription that is served: the occurrences that it is told of."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import Occurrence
from fhir_server.subscriptions.evaluation import ChangeInHand, events_among
from fhir_server.subscriptions.life import becomes
from fhir_server.subscriptions.roll import Subscribed
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.subscription import Asked
from fhir_server.subscriptions.topic import Topic

log = logging.getLogger("passerelle.subscriptions")


@dataclass(frozen=True, slots=True)
class Occurrences:
    """`interactions` is the whole server."""

    interactions: Interactions
    sight: Sight
    topics: Mapping[str, Topic]

    def types(self, asked: Asked) -> tuple[str, ...]:
        """The types whose changes may be events."""
        if asked.criteria is not None:
            return (asked.criteria.type,)
        topic = self.topics.get(str(asked.topic))
        return topic.resources if topic is not None else ()

    async def among(self, changes: Iterable[Stored], subscribed: Iterable[Subscribed]) -> list[Occurrence]:
        """Of each Subscription in the order of the changes."""
        in_hand = [ChangeInHand(one, self.interactions.store) for one in changes]
        found: list[Occurrence] = []
        for one in subscribed:
            types = self.types(one.asked)
            theirs = [change for change in in_hand if change.stored.type in types]
            if theirs and not one.asked.has_ended:
                found += [_occurrence(one.id, change.stored) for change in await self._events(one, theirs)]
        return found

    async def _events(self, one: Subscribed, changes: Sequence[ChangeInHand]) -> list[ChangeInHand]:
        """A fault of ours over one change of one Subscription keeps nothing else from being told; its owner sees that something is
        amiss."""
        try:
            return await events_among(changes, one.asked, self.sight.of(one.owner), self.topics)
        except FhirError:
            raise
        except Exception as error:
            if len(changes) > 1:
                return [event for change in changes for event in await self._events(one, [change])]
            place = f"{changes[0].stored.type}/{changes[0].stored.id}"
            log.error("Subscription %s over %s: %s", one.id, place, type(error).__name__)
            await becomes(self.interactions, one.stored, "error", f"Whether {place} is an event could not be worked out; look at it.")
            return []


def _occurrence(id_: str, change: Stored) -> Occurrence:
    return Occurrence(id_, change.type, change.id, change.version, change.method, change.updated)
