"""The outbox on the tables of a store: what both stores do the same way, given how each adds, does and asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from fhir_server.store import outbox_statements as statements
from fhir_server.store.newest import Before
from fhir_server.store.outbox import (
    DestinationState,
    OutboxClaim,
    OutboxEntry,
    OutboxFilter,
    OutboxRow,
    OutboxSettlement,
    OutboxTally,
)

T = TypeVar("T")


class CarryOut(Protocol):
    """Runs the statements of one generator; what it returns."""

    async def __call__(self, work: statements.Work[T], /) -> T: ...


class StoredOutbox:
    """See `fhir_server.store.outbox.Outbox`. `add` goes through the store's writer, so that numbers are in the order of commits;
    `do` changes in one transaction, `ask` only reads; `lease` is as `do`, for what may be forgotten when the database crashes: a claim that
    nobody remembers is made again."""

    def __init__(self, add: Callable[[Sequence[OutboxEntry]], Awaitable[None]], do: CarryOut, ask: CarryOut, lease: CarryOut | None = None):
        self._add, self._do, self._ask, self._lease = add, do, ask, lease or do

    async def add(self, entries: Sequence[OutboxEntry]) -> None:
        await self._add(entries)

    async def destinations(self) -> list[DestinationState]:
        return await self._ask(statements.destinations())

    async def waited_for(self, now: int) -> list[str]:
        return await self._ask(statements.waited_for(now))

    async def claim(self, claim: OutboxClaim) -> list[OutboxRow]:
        return await self._lease(statements.claimed(claim))

    async def settle(self, settlements: Sequence[OutboxSettlement]) -> None:
        await self._do(statements.settled(settlements))

    async def hold(self, destination: str, until: int) -> None:
        await self._do(statements.held(destination, until))

    async def pause(self, destination: str) -> None:
        await self._do(statements.paused(destination))

    async def resume(self, destination: str) -> None:
        await self._do(statements.resumed(destination))

    async def find(self, wanted: OutboxFilter, limit: int = 100, after: int = 0) -> list[OutboxRow]:
        return await self._ask(statements.found(wanted, limit, after))

    async def newest(self, wanted: OutboxFilter, page: Before) -> list[OutboxRow]:
        return await self._ask(statements.found_newest(wanted, page))

    async def replay(self, wanted: OutboxFilter) -> int:
        return await self._do(statements.replayed(wanted))

    async def purge(self, wanted: OutboxFilter, before: int) -> int:
        return await self._do(statements.purged(wanted, before))

    async def tally(self) -> list[OutboxTally]:
        return await self._ask(statements.tallied())
