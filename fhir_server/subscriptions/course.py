"""The course of a Subscription: how it begins, what is told of it while nothing happens, and how it ends
(https://hl7.org/fhir/R4/valueset-subscription-status.html)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import Notice, Start
from fhir_server.subscriptions.channel import channel_of, is_queued
from fhir_server.subscriptions.life import becomes, stands_in_error
from fhir_server.subscriptions.roll import Subscribed
from fhir_server.subscriptions.subscription import SERVED, asked_of
from fhir_server.subscriptions.topic import Topic

SECOND = 1_000_000


class Course:
    """`interactions` is the whole server, `clock` gives microseconds since 1970-01-01 UTC."""

    def __init__(self, interactions: Interactions, topics: Mapping[str, Topic], clock: Callable[[], int]):
        self._interactions = interactions
        self._topics = topics
        self._clock = clock

    async def turn(self, change: Stored) -> Start | Notice | None:
        """What a version of a Subscription means for its being served."""
        known = await self._interactions.store.subscriptions.of(change.id)
        status = "off" if change.content is None else str(decode_json(change.content).get("status"))
        if known is None:
            if status in ("requested", "active"):
                await becomes(self._interactions, change, "off", "No client of this server asked for it; ask by POST, with a token.")
            return None
        if status not in SERVED:
            return Start(change.id, 0)
        if status == "active" and not known.started:
            return Start(change.id, change.seq)
        return await self._begins(change) if status == "requested" else None

    async def _begins(self, change: Stored) -> Notice | None:
        """A topic's Subscription begins when its endpoint has answered a handshake; R4 knows none, so others begin at once."""
        try:
            asked = asked_of(decode_json(change.content or b"null"))
            needs_answer = asked.topic is not None and channel_of(asked).queued
        except FhirError as error:
            await becomes(self._interactions, change, "error", str(error))
            return None
        if needs_answer:
            return Notice(change.id, "handshake", f"handshake-{change.version}")
        await becomes(self._interactions, change, "active")
        return None

    async def by_time(self, subscribed: Iterable[Subscribed]) -> list[Notice]:
        """Those whose time is over end; those that were silent for long give a sign of life."""
        now = self._clock()
        found: list[Notice] = []
        for one in subscribed:
            if one.asked.has_ended:
                continue
            if one.asked.end and one.asked.end < now:
                await becomes(self._interactions, one.stored, "off")
            elif await self._has_topic(one) and _is_silent(one, now):
                found.append(Notice(one.id, "heartbeat", f"heartbeat-{now}"))
        return found

    async def _has_topic(self, one: Subscribed) -> bool:
        """A topic of one's own may go with its file. Once it is back, the endpoint is asked anew before anything else."""
        gone = f"There is no topic {one.asked.topic} here now: nothing of it is told."
        if one.asked.topic is not None and one.asked.topic not in self._topics:
            await becomes(self._interactions, one.stored, "error", gone)
            return False
        if one.asked.status == "error" and stands_in_error(one.stored, gone):
            await becomes(self._interactions, one.stored, "requested")
            return False
        return True


def _is_silent(one: Subscribed, now: int) -> bool:
    return bool(one.asked.heartbeat) and is_queued(one.asked) and now - one.subscriber.told >= one.asked.heartbeat * SECOND
