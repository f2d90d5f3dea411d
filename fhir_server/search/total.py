"""How far matches are counted (https://hl7.org/fhir/R4/search.html#total)."""

from __future__ import annotations

from fhir_server.search.query import Query
from fhir_server.search.selectivity import is_counted_by_index

COUNTED = 5_000
"""Where an index alone tells the matches. Without `_total` more than these are not counted: the total is left out, which R4 allows, and
the page does not wait."""

LOOKED_UP = 200
"""Where each match has to be looked up, which costs ten times as much: four pages of the usual size."""


def count_limit(query: Query) -> int | None:
    """Where to stop: 0 for no total, None for an exact one."""
    if query.total == "none":
        return 0
    if query.total or query.counts_only:
        return None
    guarded = query.sight is not None and query.sight.guard(query.searched_types)
    return 1 + (COUNTED if is_counted_by_index(query.clauses) and not guarded else LOOKED_UP)


def known_total(number: int, limit: int | None) -> int | None:
    """The total, where counting did not stop."""
    return None if limit is not None and number >= limit else number
