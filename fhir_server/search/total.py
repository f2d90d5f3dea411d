"""How far matches are counted (https://hl7.org/fhir/R4/search.html#total)."""

from __future__ import annotations

from fhir_server.search.query import Query

COUNTED = 10_000
"""Without `_total` more matches than these are not counted: the total is left out, which R4 allows, and the page does not wait."""


def count_limit(query: Query) -> int | None:
    """Where to stop: 0 for no total, None for an exact one."""
    if query.total == "none":
        return 0
    return None if query.total or query.counts_only else COUNTED + 1


def known_total(number: int, limit: int | None) -> int | None:
    """The total, where counting did not stop."""
    return None if limit is not None and number >= limit else number
