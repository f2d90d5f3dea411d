"""The interface of a store; SQLite implements it now, PostgreSQL later. Every method is durable or consistent when it returns."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from fhir_server.search.query import Query
from fhir_server.store.change import Commit, Result
from fhir_server.store.stored import HistoryPage, SearchPage, Stored


class Store(Protocol):
    """Resources, their versions and their search index. Raises FhirError (STORAGE, BUSY, CONFLICT, PRECONDITION)."""

    async def read(self, type_name: str, id_: str) -> Stored | None:
        """The newest version, a deletion included; None where nothing ever was."""

    async def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        """One version."""

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None
    ) -> HistoryPage:
        """Versions of one resource, one type or all, newest first; `since` in microseconds, `before` a seq (exclusive)."""

    async def search(self, query: Query) -> SearchPage:
        """The page that the query asks for."""

    async def matches(self, query: Query) -> tuple[str, ...]:
        """The ids of the first two matches, sorted: enough to tell none, one, several."""

    async def commit(self, commit: Commit) -> list[Result]:
        """All changes or none, in order; StaleCondition where a condition no longer holds."""

    async def newest(self) -> int:
        """The newest number of the change sequence, 0 for an empty store."""

    async def backup(self, target: Path) -> None:
        """A consistent copy of the whole store, made while others read and write."""

    async def close(self) -> None:
        """Finish what was accepted, then let go of files and threads."""
