"""A notification of a Subscription by topic, as bytes, for the one who is told of it now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fhir_server.interactions import Interactions
from fhir_server.model.json_format import Resource, encode_json
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import encode_xml
from fhir_server.store.subscription import Event
from fhir_server.subscriptions.channel import payload_type
from fhir_server.subscriptions.notification import Standing, notification, told
from fhir_server.subscriptions.subscription import Asked
from fhir_server.subscriptions.topic import Topic


@dataclass(frozen=True)
class Composer:
    """`base` is the FHIR base that notifications name, `clock` gives microseconds since 1970-01-01 UTC."""

    topics: Mapping[str, Topic]
    schema: Schema
    base: str
    clock: Callable[[], int]

    async def composed(self, kind: str, asked: Asked, newest: int, events: Sequence[Event], seen: Interactions) -> Resource:
        """The Bundle, with as much of the events as `seen` shows; `newest` is the number that the Subscription has come to."""
        content = asked.content or "empty"
        shown = [await told(one, content, self.topics.get(str(asked.topic)), seen) for one in events]
        standing = Standing(asked.id, str(asked.topic), asked.status, newest, self.base)
        return notification(standing, kind, shown, content, self.clock())

    def written(self, resource: Resource, asked: Asked) -> tuple[bytes, str]:
        """With its media type."""
        kind = payload_type(asked)
        return (encode_xml(resource, self.schema) if kind.endswith("xml") else encode_json(resource)), kind
