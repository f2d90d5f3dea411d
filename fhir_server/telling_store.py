"""A store around another that adds to a commit what others are told of it (`Commit.sends`), whoever writes: HTTP, HL7 v2, the server.

A message tells of a version that only the commit gives. It is foretold from what stands, and the store refuses where something else stands
by then (`Write.basis`); then the messages are made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from fhir_server.model.issue import Category, fault
from fhir_server.search.query import Query
from fhir_server.store.around import StoreAround
from fhir_server.store.change import Change, Commit, Deletion, Result, StaleCondition, Write
from fhir_server.store.outbox import OutboxEntry
from fhir_server.store.store import Store
from fhir_server.store.stored import SearchPage, Stored

ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A change that is to be committed; `previous` is what stands until then."""

    change: Change
    previous: Stored | None

    @property
    def version(self) -> int:
        return self.previous.version + 1 if self.previous else 1

    @property
    def is_unchanged(self) -> bool:
        """True where the store will find that nothing changes, and make no version (`fhir_server.store.decision`)."""
        change, previous = self.change, self.previous
        if isinstance(change, Deletion):
            return previous is None or previous.deleted
        return previous is not None and previous.content == change.body.render(previous.version, previous.updated)


@dataclass(frozen=True, slots=True)
class Telling:
    """What goes out with a commit, and what is written of that."""

    sends: tuple[OutboxEntry, ...] = ()
    writes: tuple[Write, ...] = ()


class Teller(Protocol):
    """Who knows whom to tell."""

    @property
    def types(self) -> Collection[str]:
        """Whose writes it looks at."""

    @property
    def deletions(self) -> Collection[str]:
        """Whose deletions it looks at."""

    async def telling(self, upcoming: Sequence[Upcoming], commit: Commit) -> Telling:
        """What these changes of the commit, all of its types, make it say; some may leave things as they are."""


class TellingStore(StoreAround):
    """See `fhir_server.store.Store`."""

    def __init__(self, store: Store, teller: Teller):
        super().__init__(store)
        self._teller = teller

    async def search_each(self, queries: Sequence[Query]) -> list[SearchPage]:
        return await self._store.search_each(queries)

    async def commit(self, commit: Commit) -> list[Result]:
        if not any(self._is_told(one) for one in commit.changes):
            return await self._store.commit(commit)
        for _ in range(ATTEMPTS):
            try:
                return await self._committed(commit)
            except StaleCondition:
                if commit.conditions or any(one.basis is not None for one in commit.changes):  # maybe these: who made them looks again
                    raise
        raise fault(Category.CONFLICT, "conflict", "Others kept changing what this request changes; nothing was stored. Try again.")

    def _is_told(self, change: Change) -> bool:
        return change.type in (self._teller.deletions if isinstance(change, Deletion) else self._teller.types)

    async def _committed(self, commit: Commit) -> list[Result]:
        changes, upcoming = list(commit.changes), list[Upcoming]()
        for position, change in enumerate(changes):
            if self._is_told(change):
                previous = None if isinstance(change, Write) and change.fresh else await self._store.read(change.type, change.id)
                if change.basis is None:  # else who made it ready decides upon what
                    changes[position] = replace(change, basis=previous.version if previous else 0)
                upcoming.append(Upcoming(change, previous))
        said = await self._teller.telling(upcoming, commit) if upcoming else Telling()
        told = replace(commit, changes=[*changes, *said.writes], sends=(*commit.sends, *said.sends))
        return (await self._store.commit(told))[: len(changes)]
