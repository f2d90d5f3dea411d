"""The newest rows of the inbox or the outbox, page by page backwards, the same on every store (`?` stands for a value)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_server.store.audit_statements import Statement


@dataclass(frozen=True, slots=True)
class Before:
    """A page of a list that begins with the newest: `count` rows at most, with numbers below `number` (None: from the newest on), that
    came or were written at `since` (microseconds since 1970-01-01 UTC) or later."""

    count: int = 100
    number: int | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where messages are kept; `moment` is the column that says when a message came or was written."""

    table: str
    columns: str
    moment: str


def newest(kept: Kept, equal: Mapping[str, object], page: Before) -> Statement:
    """The newest first; of `equal` (column to value) what is None is not asked for."""
    parts = {f"{name} = ?": value for name, value in equal.items() if value is not None}
    if page.since is not None:
        parts |= {f"{kept.moment} >= ?": page.since, f"number >= {_first_since(kept)}": page.since}
    if page.number is not None:
        parts["number < ?"] = page.number
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    return f"SELECT {kept.columns} FROM {kept.table}{where} ORDER BY number DESC LIMIT ?", (*parts.values(), page.count)


def _first_since(kept: Kept) -> str:
    """Where a walk backwards along the numbers ends, so that it does not go through all that is older. `+ 0`: a database that sees the
    plain minimum walks along the numbers from the oldest on instead of asking the index of moments."""
    return f"(SELECT min(number + 0) FROM {kept.table} WHERE {kept.moment} >= ?)"
