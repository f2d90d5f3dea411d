"""Who listens on a socket, and what they are told of the Subscriptions that they have bound
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#websockets, https://hl7.org/fhir/R4/subscription.html#websocket).

The log of events is what is told from: a binding knows the newest number that it has told, and goes on from there, one notification
after the other, as fast as they are taken. Nothing waits in memory. Before each, it is asked anew who the caller is and what they see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.security.caller import Caller
from fhir_server.store.subscription import Event
from fhir_server.subscriptions.acceptance import Acceptance
from fhir_server.subscriptions.binding_token import redeemed
from fhir_server.subscriptions.composing import Composer
from fhir_server.subscriptions.evaluation import NOT_TOLD
from fhir_server.subscriptions.event_watch import EventWatch
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.socket_command import Command, command_of
from fhir_server.subscriptions.subscription import SERVED, TYPE, Asked, asked_of

SECOND = 1_000_000
CHECK = 10 * SECOND
"""So long after it was last asked whether a silent socket may still listen."""
MOST_BINDINGS = 100
_OVER = (Category.GONE, Category.INVALID)

NORMAL, POLICY, AGAIN = 1000, 1008, 1013
"""https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number"""


class Ended(Exception):
    """The socket is to be closed, with a code and a reason of at most 123 bytes."""

    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class Listening:
    """What all listeners of a process stand on. `interactions` is the whole server; `takes_seat` counts a client's sockets, and says no
    where it has too many."""

    interactions: Interactions
    sight: Sight
    acceptance: Acceptance
    composer: Composer
    watch: EventWatch
    clock: Callable[[], int]
    takes_seat: Callable[[Caller], bool]


@dataclass(slots=True)
class Binding:
    """`made` says which of its id is bound. Times are microseconds since 1970-01-01 UTC: when something was last `said`, and its rights
    last `checked`."""

    asked: Asked
    made: int
    caller: Caller
    told: int
    said: int
    checked: int

    def is_silent(self, now: int) -> bool:
        """True where a sign of life is due."""
        return bool(self.asked.topic and self.asked.heartbeat) and now - self.said >= self.asked.heartbeat * SECOND


@dataclass(eq=False)
class Listener:
    """One socket. `known` is who opened it, where that was shown: whoever binds on it later must be the same."""

    listening: Listening
    send: Callable[[str], Awaitable[None]]
    known: Caller | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    bindings: dict[str, Binding] = field(default_factory=dict)
    client: Caller | None = None

    def ids(self) -> frozenset[str]:
        return frozenset(self.bindings)

    async def hears(self, text: str) -> None:
        """Carry out what the client says; Ended where it is nothing, or it may not."""
        try:
            command = command_of(text)
        except FhirError as error:
            raise Ended(POLICY, str(error)) from None
        caller, ids = await self._bound_by(command)
        self._take_seat(caller)
        for id_ in ids:
            await self._bind(id_, caller, command.since.get(id_))

    async def turn(self) -> bool:
        """Tell each binding's next notification; True where more is to be told. Ended where nobody may listen any more."""
        more = [await self._attend(one) for one in list(self.bindings.values())]
        return any(more)

    async def _bound_by(self, command: Command) -> tuple[Caller, tuple[str, ...]]:
        """Who binds what."""
        if command.name == "bind":
            if self.known is None:
                raise Ended(POLICY, "bind needs Authorization when the socket is opened, or use bind-with-token.")
            return self.known, (command.value,)
        bound = await redeemed(command.value, self.listening.interactions.store.subscriptions, self.listening.clock)
        if bound is None:
            raise Ended(POLICY, "This token is not known, has ended, or was used; ask for another.")
        return bound.caller, bound.subscriptions

    def _take_seat(self, caller: Caller) -> None:
        """A socket belongs to one client."""
        one = self.client or self.known
        if one is not None and (one.subject, one.client, one.tenant) != (caller.subject, caller.client, caller.tenant):
            raise Ended(POLICY, "This token was given to another client than the one that opened the socket.")
        if self.client is None:
            try:
                self.listening.acceptance.require_client(caller)
            except FhirError:
                raise Ended(POLICY, "Registered clients listen, with a token of their own.") from None
            if not self.listening.takes_seat(caller):
                raise Ended(AGAIN, "This client has too many sockets open.")
            self.client = caller

    async def _bind(self, id_: str, caller: Caller, since: int | None) -> None:
        """Tell that it is bound; what is newer than `since` follows. A number that was not come to yet is that of one before it."""
        if len(self.bindings) >= MOST_BINDINGS and id_ not in self.bindings:
            raise Ended(POLICY, f"At most {MOST_BINDINGS} Subscriptions are bound to a socket.")
        seen = self.listening.sight.of(await self._current(caller))
        asked = await self._asked(id_, seen)
        subscriber = await seen.store.subscriptions.of(id_)
        if asked is None or subscriber is None:
            raise Ended(POLICY, f"Subscription {id_} is not told on sockets, or is off.")
        newest, now = subscriber.events, self.listening.clock()
        told = newest if since is None else since if since <= newest else 0
        await self.send(await self._text("handshake", asked, newest, (), seen))
        self.bindings[id_] = Binding(asked, subscriber.made, caller, told, now, now)

    async def _attend(self, binding: Binding) -> bool:
        """One notification at most."""
        now, newest = self.listening.clock(), self._newest(binding)
        if newest <= binding.told and not binding.is_silent(now) and now - binding.checked < CHECK and not self._is_anew(binding):
            return False
        caller = await self._current(binding.caller)
        seen = self.listening.sight.of(caller)
        asked = await self._asked(binding.asked.id, seen)
        if asked is None:
            await self._end(binding, seen)
            return False
        if self._is_anew(binding):
            await self._bind(asked.id, binding.caller, 0)
            return True
        binding.asked, binding.checked = asked, now
        if newest > binding.told:
            await self._tell(binding, newest, caller)
        elif binding.is_silent(now):
            await self.send(await self._text("heartbeat", asked, binding.told, (), seen))
            binding.said = now
        return binding.told < newest

    def _is_anew(self, binding: Binding) -> bool:
        """It was deleted, and another one has its id."""
        newest = self.listening.watch.newest(binding.asked.id)
        return newest is not None and newest.made > binding.made

    def _newest(self, binding: Binding) -> int:
        newest = self.listening.watch.newest(binding.asked.id)
        return newest.events if newest is not None else 0

    async def _tell(self, binding: Binding, newest: int, caller: Caller) -> None:
        """What is shown is told to the audit trail first. Events that are kept no more leave a gap, which their numbers show."""
        asked, text, last = binding.asked, f"ping {binding.asked.id}", newest
        if asked.topic:
            async with self.listening.sight.working_for(caller, "notification") as seen:
                events = await seen.store.subscriptions.events(asked.id, binding.told + 1, newest, asked.together)
                last = events[-1].number if events else newest
                text = await self._text("event-notification", asked, last, events, seen)
        await self.send(text)
        binding.told, binding.said = last, self.listening.clock()

    async def _end(self, binding: Binding, seen: Interactions) -> None:
        """Nothing more is told of this one."""
        del self.bindings[binding.asked.id]
        if binding.asked.topic:
            await self.send(await self._text("heartbeat", replace(binding.asked, status="off"), binding.told, (), seen))
        if not self.bindings:
            raise Ended(NORMAL, "What was bound is over.")

    async def _current(self, caller: Caller) -> Caller:
        """As they are now."""
        try:
            return await self.listening.sight.current(caller)
        except FhirError as error:
            if error.category in NOT_TOLD:
                raise Ended(POLICY, "This client is let in no more.") from None
            raise

    async def _asked(self, id_: str, seen: Interactions) -> Asked | None:
        """What the Subscription asks, where it is seen; None where it is not, or no more, served on sockets."""
        try:
            resource = decode_json((await seen.read(TYPE, id_)).content or b"null")
            asked = asked_of(resource) if resource.get("status") in SERVED else None
        except FhirError as error:
            if error.category in _OVER:
                return None
            if error.category in NOT_TOLD:
                raise Ended(POLICY, f"There is no Subscription {id_} that this client sees.") from None
            raise
        return asked if asked is not None and asked.channel == "websocket" else None

    async def _text(self, kind: str, asked: Asked, newest: int, events: Sequence[Event], seen: Interactions) -> str:
        """R4's own knows neither notifications nor signs of life."""
        if asked.topic is None:
            return f"bound {asked.id}"
        composer = self.listening.composer
        return composer.written(await composer.composed(kind, asked, newest, events, seen), asked)[0].decode()
