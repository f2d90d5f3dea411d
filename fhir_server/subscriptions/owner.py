"""Whose a Subscription is: who asked for it, and what only they and the server know of it.

The owner is kept as a `Caller` beside the resource, for what is told is decided by what the owner may see; a tag names the client, so that
it sees its Subscription again. Values of `channel.header` are secrets: the resource keeps their names, so that no read, search, history
or export shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.search.sight.marks import OWNER_SYSTEM
from fhir_server.security.caller import Caller, recognised
from fhir_server.store.subscription import Subscriber

KEPT = "(kept)"
"""Stands for the value of a header; sent back, it means the value as before."""


def subscriber_of(id_: str, owner: Caller, headers: Sequence[str]) -> Subscriber:
    return Subscriber(id_, msgspec.json.encode(owner), msgspec.json.encode(list(headers)))


def owner_of(subscriber: Subscriber) -> Caller:
    """Who asked for it."""
    return recognised(msgspec.json.decode(subscriber.owner, type=Caller))


def headers_kept(subscriber: Subscriber | None) -> list[str]:
    """As they were sent."""
    return msgspec.json.decode(subscriber.headers, type=list[str]) if subscriber is not None and subscriber.headers else []


def renewed(sent: Sequence[str], kept: Sequence[str]) -> list[str]:
    """The headers that count: those sent, with the values as before where they say so; INVALID where there was none."""
    before = {_name(one): one for one in kept}
    for one in sent:
        if _value(one) == KEPT and _name(one) not in before:
            sentence = f"No value of the header {_name(one)} is kept for you; send it."
            raise fault(Category.INVALID, "value", sentence, "Subscription.channel.header")
    return [before[_name(one)] if _value(one) == KEPT else one for one in sent]


def masked(resource: Resource, owner: Caller) -> Resource:
    """The resource as it is stored: tagged with its owner, without the values of headers."""
    meta: dict[str, Any] = dict(resource.get("meta") or {})
    others = [tag for tag in meta.get("tag", ()) if tag.get("system") != OWNER_SYSTEM]
    meta["tag"] = [*others, {"system": OWNER_SYSTEM, "code": owner.subject}]
    channel = resource.get("channel") or {}
    if not channel.get("header"):
        return {**resource, "meta": meta}
    shown = [f"{one.partition(':')[0]}: {KEPT}" for one in channel["header"]]
    return {**resource, "meta": meta, "channel": {**channel, "header": shown}}


def _name(header: str) -> str:
    return header.partition(":")[0].lower()


def _value(header: str) -> str:
    return header.partition(":")[2].strip()
