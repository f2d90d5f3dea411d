"""What an interaction gives back to HTTP, to operations and to the in-process endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fhir_server.model.issue import Issue
from fhir_server.search.including import MAX_INCLUDED
from fhir_server.search.query import Query
from fhir_server.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a create, update or delete; `matched` is a conditional create that found its resource.

    `stored` is None only for the deletion of what never was.
    """

    status: Literal["created", "updated", "unchanged", "matched", "deleted", "absent"]
    stored: Stored | None
    issues: tuple[Issue, ...] = ()
    """What validation on write found, where the settings ask to be told."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of search. `issues` name the parameters that were not understood; `query.self_pairs` those that were."""

    query: Query
    matches: list[Stored]
    includes: list[Stored]
    total: int | None
    next: str | None
    previous: str | None = None
    last: str | None = None
    """Where there is more than one page, as `next` and `previous` are where there is one to that side."""
    issues: list[Issue] = field(default_factory=list)
    told: list[Issue] = field(default_factory=list)
    """What is to be known of the page besides."""


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """A page of history; `next` is the sealed token of the following one, None at the end."""

    versions: list[Stored]
    total: int | None
    next: str | None


def includes_cut() -> Issue:
    """Said of a page that leaves out some of what it was to include."""
    sentence = f"The page includes {MAX_INCLUDED} resources at most; more were left out. Ask for a smaller _count, or for fewer includes."
    return Issue("warning", "incomplete", sentence)
