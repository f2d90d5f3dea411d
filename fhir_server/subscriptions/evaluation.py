"""Is a change an event of a Subscription, for its owner?

The search of R4 criteria, and the filters of a topic, are asked as any search of the owner, narrowed to the one resource: there is no
second search engine, and who may not see the resource is not told of it. They are asked of what stands now: of several changes that come
close together each is an event where the newest matches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored
from fhir_server.subscriptions.subscription import Asked, Criteria
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.trigger import Interaction

NOT_TOLD = frozenset((
    Category.FORBIDDEN, Category.UNAUTHENTICATED, Category.NOT_FOUND, Category.GONE, Category.MALFORMED, Category.INVALID,
    Category.NOT_SUPPORTED,
))  # fmt: skip
"""A search so refused finds nothing. Whatever else goes wrong is tried again: it says nothing about the change."""


@dataclass(slots=True)
class ChangeInHand:
    """A change with the version before it, read once for all who ask."""

    stored: Stored
    store: Store
    _versions: tuple[Resource | None, Resource | None] | None = field(default=None)

    async def versions(self) -> tuple[Resource | None, Resource | None]:
        """The version before (None for the first one, and for the one after a deletion) and this one (None for a deletion)."""
        if self._versions is None:
            stored = self.stored
            before = await self.store.vread(stored.type, stored.id, stored.version - 1) if stored.version > 1 else None
            self._versions = (_decoded(before), _decoded(stored))
        return self._versions

    async def interaction(self) -> Interaction:
        """What is created anew after a deletion is created."""
        if self.stored.deleted:
            return "delete"
        previous, _ = await self.versions()
        return "create" if previous is None else "update"


async def is_event(change: ChangeInHand, asked: Asked, seen: Interactions, topics: Mapping[str, Topic]) -> bool:
    """Whether the owner is to be told of this change; `seen`: the server as the owner sees it."""
    try:
        if asked.criteria is not None:
            return not change.stored.deleted and await _finds(asked.criteria, change.stored, seen)
        topic = topics.get(str(asked.topic))
        return topic is not None and await _triggers(topic, change) and await _is_wanted(change.stored, asked, seen)
    except FhirError as error:
        if error.category in NOT_TOLD:
            return False
        raise


async def _triggers(topic: Topic, change: ChangeInHand) -> bool:
    if change.stored.type not in topic.resources:
        return False
    previous, current = await change.versions()
    return topic.triggered(previous, current, await change.interaction())


async def _is_wanted(stored: Stored, asked: Asked, seen: Interactions) -> bool:
    """Seen, and found by each filter for its type. What was deleted cannot be searched: who filters is not told of it."""
    filters = [one for one in asked.filters if one.type == stored.type]
    if stored.deleted:
        return not filters and await seen.store.read(stored.type, stored.id) is not None
    await seen.read(stored.type, stored.id)
    return all([await _finds(one, stored, seen) for one in filters])


async def _finds(criteria: Criteria, stored: Stored, seen: Interactions) -> bool:
    if criteria.type != stored.type:
        return False
    found = await seen.search(criteria.type, [*criteria.pairs, ("_id", stored.id), ("_total", "none")])
    return bool(found.matches) and not found.issues


def _decoded(stored: Stored | None) -> Resource | None:
    return cast("Resource", decode_json(stored.content)) if stored is not None and stored.content is not None else None
