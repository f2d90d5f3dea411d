"""Which Subscriptions are accepted, whoever writes them and by whatever interaction (https://hl7.org/fhir/R4/subscription.html#status).

- A client asks with status `requested`, and ends with `off`; `active` and `error` are the server's to say. What is written back as it
  stands keeps its status; where what is asked or where it goes was changed, it is `requested` anew.
- A Subscription outlives the token that asked for it, so only registered clients have some.
- One without a status of these asks nothing, so it may say anything.
- What is asked must be searched and read by the owner now, be understood, and not be over: nothing is accepted that would never be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fhir_server.access.permission import insufficient, permits
from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.search.sight.marks import OWNER_SYSTEM
from fhir_server.security.caller import OPEN, Caller
from fhir_server.security.outgoing import Outgoing
from fhir_server.store.opening import now
from fhir_server.subscriptions.channel import channel_of
from fhir_server.subscriptions.subscription import SERVED, TYPE, Asked, Criteria, asked_of
from fhir_server.subscriptions.topic import Topic

_OURS = ("active", "error")
_NEVER_TOLD = frozenset((TYPE, "AuditEvent"))


@dataclass(frozen=True)
class Acceptance:
    """`outgoing` says which endpoints may be asked, `most` how many Subscriptions that are served a client has; 0: any number.
    `clock` gives microseconds since 1970-01-01 UTC."""

    outgoing: Outgoing = field(default_factory=Outgoing)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    most: int = 0
    clock: Callable[[], int] = now

    def require_client(self, caller: Caller) -> None:
        """FORBIDDEN for whom no registered client answers."""
        if caller is not OPEN and (caller.subject != caller.client or caller.patient):
            sentence = "A Subscription outlives the token of a person: have a registered client ask for it, with a token of its own."
            raise fault(Category.FORBIDDEN, "forbidden", sentence)

    async def accepted(self, resource: Resource, previous: Resource | None, owner: Caller, seen: Interactions) -> Resource:
        """The resource with the status that it gets; FhirError where it is not accepted. `seen`: the server as the owner sees it."""
        if resource.get("status") not in SERVED:
            return resource
        asked = asked_of(resource)
        status = _status(resource, previous)
        self._require_time(asked)
        channel_of(asked).check(asked, self.outgoing)
        await self.require_told(asked, owner, seen)
        return {**resource, "status": status}

    def _require_time(self, asked: Asked) -> None:
        """INVALID where its time is over already: R4 would have it turned off at once."""
        if asked.end and asked.end < self.clock():
            mend = "give a later time, or leave it out; to end a Subscription, write the status off"
            raise fault(Category.INVALID, "business-rule", f"The end of this Subscription has passed: {mend}.", "Subscription.end")

    async def require_room(self, more: int, caller: Caller, whole: Interactions) -> None:
        """INVALID where so many more are too many: each costs every change something, whoever made it. `whole`: the server as it sees
        itself, for a client may create what it may not search."""
        if not self.most or not more or caller is OPEN:
            return
        served = [("_tag", f"{OWNER_SYSTEM}|{caller.subject}"), ("status", ",".join(sorted(SERVED))), ("_summary", "count")]
        found = await whole.search(TYPE, served)
        if (found.total or 0) + more > self.most:
            most = f"A client has at most {self.most} Subscriptions that are served (subscriptions_per_client)"
            raise fault(Category.INVALID, "too-costly", f"{most}: end some, or ask for more in one.")

    async def require_told(self, asked: Asked, owner: Caller, seen: Interactions) -> None:
        """FhirError where the owner could not be told of this."""
        if asked.criteria is not None:
            await _require_found(asked.criteria, owner, seen)
            return
        topic = self.topics.get(str(asked.topic))
        if topic is None:
            known = ", ".join(self.topics) or "none"
            raise fault(Category.INVALID, "not-found", f"There is no topic {asked.topic}; topics here: {known}.", "Subscription.criteria")
        for type_name in topic.resources:
            _require_scopes(type_name, owner)
        for one in asked.filters:
            _require_filters(one, topic)
            await _require_found(one, owner, seen)


async def _require_found(criteria: Criteria, owner: Caller, seen: Interactions) -> None:
    """The search is asked as it will be, of a resource that is not there."""
    if criteria.type in _NEVER_TOLD:
        raise _not_told(f"{criteria.type} is not told of")
    try:
        known = seen.known_type(criteria.type)
    except FhirError as error:
        raise _not_told(str(error)) from None
    _require_scopes(known, owner)
    try:
        found = await seen.search(criteria.type, [*criteria.pairs, ("_id", "none"), ("_total", "none")])
    except FhirError as error:
        if error.category is Category.BUSY:
            raise
        raise _not_told(str(error)) from None
    if found.issues:
        raise _not_told("; ".join(one.diagnostics for one in found.issues))


def _require_scopes(type_name: str, owner: Caller) -> None:
    """What is told is found and read."""
    if not permits(owner, type_name, "r"):
        raise insufficient(owner, type_name, "r")
    if not permits(owner, type_name, "s"):
        raise insufficient(owner, type_name, "s")


def _require_filters(one: Criteria, topic: Topic) -> None:
    for name, _ in one.pairs:
        parameter, _, modifier = name.partition(":")
        found = topic.filter(one.type, parameter)
        if found is None or (modifier and modifier not in found.modifiers):
            known = ", ".join(f"{each.resource}?{each.parameter}=" for each in topic.filters) or "none"
            raise _not_told(f"the topic cannot be narrowed by {one.type}?{name}; filters of it: {known}")


def _status(resource: Resource, previous: Resource | None) -> str:
    """The status that is stored."""
    said = str(resource.get("status"))
    if said not in _OURS:
        return "requested"
    if previous is None or previous.get("status") not in _OURS:
        mend = "write requested; the server says active once your endpoint has answered"
        raise fault(Category.INVALID, "business-rule", f"The status {said} is the server's to give: {mend}.", "Subscription.status")
    return str(previous["status"]) if _is_same(resource, previous) else "requested"


def _is_same(resource: Resource, previous: Resource) -> bool:
    names = ("criteria", "_criteria", "channel", "end")
    return all(resource.get(name) == previous.get(name) for name in names)


def _not_told(reason: str) -> FhirError:
    return fault(
        Category.INVALID, "invalid", f"This Subscription could never be told of anything: {reason.rstrip('.')}.", "Subscription.criteria"
    )
