"""What a store gives back: versions of resources, pages of history and of search."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

import msgspec

Period = tuple[int, int]
"""First and last microsecond since 1970-01-01 UTC."""

Method = Literal["POST", "PUT", "DELETE"]


class Stored(msgspec.Struct, frozen=True, gc=False):
    """One version of a resource; `content` is the JSON that is served, None for a deletion. A dataclass is ten times slower to make."""

    type: str
    id: str
    version: int
    updated: int  # microseconds since 1970-01-01 UTC
    method: Method
    content: bytes | None
    seq: int  # its place in the change sequence

    @property
    def deleted(self) -> bool:
        return self.content is None

    @property
    def last_updated(self) -> str:
        return instant(self.updated)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Versions, newest first; `next` is what to pass as `before` for the following page, None at the end. `total` None: nobody counted."""

    versions: list[Stored]
    next: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of matches in the asked order, what they include, and `next` and `previous` (opaque tokens, None at the ends)."""

    matches: list[Stored]
    includes: list[Stored] = field(default_factory=list)
    total: int | None = None
    next: str | None = None
    previous: str | None = None
    includes_cut: bool = False
    """There would have been more to include than a page may hold."""


CURRENT_AT = (
    "updated <= {last} AND NOT EXISTS"
    " (SELECT 1 FROM version later WHERE later.pk = version.pk AND later.version = version.version + 1 AND later.updated <= {first})"
)
"""SQL: the version was current at some time from `first` to `last` (placeholders)."""


CURRENT_WHEN = (
    "type = {type} AND seq > {after} AND seq <= {seq} AND updated > {since} AND updated <= {until} AND NOT EXISTS"
    " (SELECT 1 FROM version later WHERE later.pk = version.pk AND later.version = version.version + 1"
    " AND later.seq <= {seq} AND later.updated <= {until})"
)
"""SQL: versions of a type that were current when the change sequence stood at `seq`, or before it at the time `until` (placeholders)."""


@lru_cache(maxsize=1024)
def instant(microseconds: int) -> str:
    """A FHIR instant in UTC with milliseconds: 2026-11-23T09:30:00.125Z. All commits of a group share one, so it is cached."""
    moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{microseconds // 1000 % 1000:03d}Z"
