"""Which changes are events of a Subscription, for its owner?

The search of R4 criteria, and the filters of a topic, are asked as any search of the owner, narrowed to what was changed: there is no
second search engine, and who may not see the resource is not told of it. One search is asked for all changes of a step, and of what
stands now: of several changes that come close together each is an event where the newest matches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    _versions: tuple[Resource | None, Resource | None] | None = None
    _triggered: dict[str, bool] = field(default_factory=dict)

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

    async def triggers(self, topic: Topic) -> bool:
        """Whether it is an event of the topic; worked out once for all who ask for it."""
        if topic.url not in self._triggered:
            previous, current = await self.versions() if self.stored.type in topic.resources else (None, None)
            is_one = self.stored.type in topic.resources and topic.triggered(previous, current, await self.interaction())
            self._triggered[topic.url] = is_one
        return self._triggered[topic.url]


async def events_among(
    changes: Sequence[ChangeInHand], asked: Asked, seen: Interactions, topics: Mapping[str, Topic]
) -> list[ChangeInHand]:
    """Those of the changes that the owner is to be told of, in their order; `seen`: the server as the owner sees it."""
    try:
        if asked.criteria is not None:
            return await _found([one for one in changes if not one.stored.deleted], asked.criteria, seen)
        topic = topics.get(str(asked.topic))
        fired = [one for one in changes if topic is not None and await one.triggers(topic)]
        for criteria in asked.filters:
            theirs = {one.stored.seq for one in await _found([one for one in fired if not one.stored.deleted], criteria, seen)}
            fired = [one for one in fired if one.stored.type != criteria.type or one.stored.seq in theirs]
        return [one for one in fired if await _is_seen(one.stored, seen)]
    except FhirError as error:
        if error.category in NOT_TOLD:
            return []
        raise


async def _found(changes: Sequence[ChangeInHand], criteria: Criteria, seen: Interactions) -> list[ChangeInHand]:
    """Those whose resource the search finds now: one search for all of them."""
    theirs = [one for one in changes if one.stored.type == criteria.type]
    ids = dict.fromkeys(one.stored.id for one in theirs)
    if not ids:
        return []
    asked = [*criteria.pairs, ("_id", ",".join(ids)), ("_count", str(len(ids))), ("_total", "none")]
    found = await seen.search(criteria.type, asked)
    matches = {one.id for one in found.matches}
    while found.next:
        found = await seen.search(criteria.type, [*asked, ("_page", found.next)])
        matches |= {one.id for one in found.matches}
    return [] if found.issues else [one for one in theirs if one.stored.id in matches]


async def _is_seen(stored: Stored, seen: Interactions) -> bool:
    """A deletion is seen where what was deleted was."""
    return await seen.store.read(stored.type, stored.id) is not None


def _decoded(stored: Stored | None) -> Resource | None:
    return cast("Resource", decode_json(stored.content)) if stored is not None and stored.content is not None else None
