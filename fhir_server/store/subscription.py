"""Who asked to be told of changes, as a store keeps it, and the log of what each is told of.

A follower of the change sequence takes one step after the other (`Step`): what the changes up to a number mean for the subscriptions is
written together with the number it has come to, and with the messages that tell of it, or not at all. A step that begins where the
follower no longer stands is not taken, so whoever takes it, each change is looked at once.
Times are microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from fhir_server.store.stored import Method

TYPE = "Subscription"
PREFIX = f"{TYPE}/"
"""A destination of the outbox that begins so is a subscription, by the id of its resource."""

MADE_ANEW = "the Subscription was made anew"
"""Why a message for one that was deleted is not told to another that has its id."""

NoticeKind = Literal["handshake", "heartbeat", "event-notification"]
"""http://hl7.org/fhir/ValueSet/subscription-notification-type, as far as it goes through the outbox."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What is kept of a subscription beside its resource. `owner` and `headers` belong to who reads the resource.

    `started`: changes behind this number of the change sequence are told, 0 for none; `events`: the newest event number; `told`: when
    something was last put into the outbox; `made`: the version that began it, another one where it was deleted and made anew.
    """

    id: str
    owner: bytes
    headers: bytes = b""
    started: int = 0
    events: int = 0
    told: int = 0
    made: int = 0


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest event number of a subscription, and which of its id it is (`Subscriber.made`)."""

    made: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A change that a subscription is told of; its number begins with 1."""

    subscription: str
    number: int
    type: str
    id: str
    version: int
    method: Method
    occurred: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that has no number yet."""

    subscription: str
    type: str
    id: str
    version: int
    method: Method
    occurred: int


class Start(NamedTuple):
    """Changes behind the number `seq` of the change sequence are told to a subscription; of 0 nothing is any more."""

    subscription: str
    seq: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of a subscription without events; `key` tells it from others of the same subscription."""

    subscription: str
    kind: NoticeKind
    key: str


@dataclass(frozen=True, slots=True)
class Step:
    """From `after` to `until` of the change sequence, at the time `now`.

    `starts`: which begin to be told, or end; `together`: how many events one message tells at most, by
    subscription, 1 where it is not said, 0 where they are only logged.
    """

    after: int
    until: int
    now: int
    starts: Sequence[Start] = ()
    occurrences: Sequence[Occurrence] = ()
    notices: Sequence[Notice] = ()
    together: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """What lets a socket be bound, once, until `ends`: the digest of what its holder knows, and what it binds."""

    digest: bytes
    bound: bytes
    ends: int


class Subscriptions(Protocol):
    """Shared by all processes of a database; durable when a method returns. Raises FhirError (STORAGE, BUSY) as the store does.

    A subscriber comes with the commit that writes its resource (`Commit.subscribers`).
    """

    async def lead(self, owner: str, now: int, until: int) -> int | None:
        """Up to where the change sequence has been looked at, for the one who looks, alone until `until`; None where another does."""

    async def take(self, step: Step) -> bool:
        """In one transaction; False, and nothing done, where the follower no longer stands at `step.after`."""

    async def all(self) -> list[Subscriber]:
        """Every subscriber, by id."""

    async def of(self, id_: str) -> Subscriber | None:
        """One subscriber."""

    async def events(self, id_: str, since: int, until: int, limit: int) -> list[Event]:
        """Events of a subscription by number, both ends included, the oldest first."""

    async def purge(self, before: int) -> int:
        """Remove events that occurred before; how many."""

    async def newest(self, ids: Collection[str]) -> dict[str, Newest]:
        """Where each that is known has come to."""

    async def keep_token(self, token: Token, now: int) -> None:
        """So that any process may take it; those that have ended by now are let go."""

    async def take_token(self, digest: bytes, now: int) -> bytes | None:
        """What it binds, to one who asks; None for whoever comes later, and where it is not known or has ended."""
