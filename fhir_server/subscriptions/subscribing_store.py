"""The store as a client writes to it who may ask to be told: every commit with a Subscription passes here, whatever interaction made it."""

from __future__ import annotations

from dataclasses import replace

from fhir_server.interactions import Interactions
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.security.caller import Caller
from fhir_server.store.around import StoreAround
from fhir_server.store.change import Change, Commit, Result, Write
from fhir_server.store.store import Store
from fhir_server.store.subscription import Subscriber
from fhir_server.subscriptions.acceptance import Acceptance
from fhir_server.subscriptions.owner import headers_kept, masked, owner_of, renewed, subscriber_of
from fhir_server.subscriptions.subscription import SERVED, TYPE, headers_of


class SubscribingStore(StoreAround):
    """Around the store as the caller sees it; `whole` is the server as it sees itself."""

    def __init__(self, store: Store, whole: Interactions, caller: Caller, acceptance: Acceptance):
        super().__init__(store)
        self._whole = whole
        self._caller = caller
        self._acceptance = acceptance

    async def commit(self, commit: Commit) -> list[Result]:
        """The owner and the headers are kept in the same commit as the resource."""
        if not any(_subscribes(one) for one in commit.changes):
            return await self._store.commit(commit)
        changes: list[Change] = []
        subscribers: list[Subscriber] = []
        more = 0
        for change in commit.changes:
            if isinstance(change, Write) and change.type == TYPE:
                change, subscriber, counts = await self._accepted(change)
                subscribers.append(subscriber)
                more += counts
            changes.append(change)
        await self._acceptance.require_room(more, self._caller, self._whole)
        return await self._store.commit(replace(commit, changes=changes, subscribers=tuple(subscribers)))

    async def _accepted(self, write: Write) -> tuple[Write, Subscriber, bool]:
        """Who changes what another client asked for asks from then on, with headers of their own: nobody has anything told to a place of
        theirs by what another may see. To end it is all that leaves it the other's. True where it is one more of the caller's."""
        seen = self._whole.of(self._store, self._caller.tenant)
        previous, known = (None, None) if write.fresh else await self._standing(write.id)
        resource: Resource = decode_json(write.body.render(0, 0))
        if known is not None and owner_of(known).subject != self._caller.subject:
            if resource.get("status") not in SERVED:
                return seen.rewritten(write, masked(resource, owner_of(known))), known, False
            known = None
        self._acceptance.require_client(self._caller)
        accepted = await self._acceptance.accepted(resource, previous, self._caller, seen)
        headers = renewed(headers_of(resource), headers_kept(known))
        counted = known is not None and (previous or {}).get("status") in SERVED
        one_more = accepted.get("status") in SERVED and not counted
        return seen.rewritten(write, masked(accepted, self._caller)), subscriber_of(write.id, self._caller, headers), one_more

    async def _standing(self, id_: str) -> tuple[Resource | None, Subscriber | None]:
        """What the caller sees under the id, and what is kept beside it."""
        found = await self._store.read(TYPE, id_)
        if found is None or found.content is None:
            return None, None
        return decode_json(found.content), await self._store.subscriptions.of(id_)


def _subscribes(change: Change) -> bool:
    return isinstance(change, Write) and change.type == TYPE
