"""Subscriptions on the tables of a store: what both stores do the same way, given how each writes in the order of commits, and asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeVar

from fhir_server.store import subscription_statements as statements
from fhir_server.store.outbox_statements import Work
from fhir_server.store.subscription import Event, Newest, Step, Subscriber, Token

T = TypeVar("T")


class InTurn(Protocol):
    """Runs the statements of the generator that it makes, in the turn of all who write; where the turn is tried again, of a new one."""

    async def __call__(self, work: Callable[[], Work[T]], /) -> T: ...


class StoredSubscriptions:
    """See `fhir_server.store.subscription.Subscriptions`."""

    def __init__(self, in_turn: InTurn, ask: Callable[[Work[Any]], Awaitable[Any]]):
        self._in_turn, self._ask = in_turn, ask

    async def lead(self, owner: str, now: int, until: int) -> int | None:
        return await self._in_turn(lambda: statements.led(owner, now, until))

    async def take(self, step: Step) -> bool:
        return await self._in_turn(lambda: statements.taken(step))

    async def all(self) -> list[Subscriber]:
        found: list[Subscriber] = await self._ask(statements.all_of_them())
        return found

    async def of(self, id_: str) -> Subscriber | None:
        found: Subscriber | None = await self._ask(statements.one_of_them(id_))
        return found

    async def events(self, id_: str, since: int, until: int, limit: int) -> list[Event]:
        found: list[Event] = await self._ask(statements.events(id_, since, until, limit))
        return found

    async def purge(self, before: int) -> int:
        return await self._in_turn(lambda: statements.purged(before))

    async def newest(self, ids: Collection[str]) -> dict[str, Newest]:
        found: dict[str, Newest] = await self._ask(statements.newest(sorted(ids)))
        return found

    async def keep_token(self, token: Token, now: int) -> None:
        await self._in_turn(lambda: statements.token_kept(token, now))

    async def take_token(self, digest: bytes, now: int) -> bytes | None:
        return await self._in_turn(lambda: statements.token_taken(digest, now))
