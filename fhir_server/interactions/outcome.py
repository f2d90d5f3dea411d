"""What an interaction gives back to HTTP, to operations and to the in-process endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fhir_server.model.issue import Issue
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
    issues: list[Issue] = field(default_factory=list)
