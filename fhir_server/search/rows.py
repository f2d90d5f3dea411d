"""The search values of one resource, ready to be inserted: a list of rows for each index table of the store.

Rows begin with the parameter's key (`SearchParameter.key(resource_type)`); the store puts the resource's pk in front.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class IndexRows:
    """Rows by table; times in microseconds since 1970-01-01 UTC, both ends included."""

    strings: list[tuple[int, str, str]] = field(default_factory=list)  # key, normalised, exact
    tokens: list[tuple[int, str, str]] = field(default_factory=list)  # key, code, system ('' where none)
    references: list[tuple[int, str, str, str]] = field(default_factory=list)  # key, id or URL, type ('' with a URL), version
    dates: list[tuple[int, int, int]] = field(default_factory=list)  # key, low, high
    numbers: list[tuple[int, float, float]] = field(default_factory=list)  # key, low, high
    quantities: list[tuple[int, float, float, str, str, str]] = field(default_factory=list)  # key, low, high, system, code, unit
    uris: list[tuple[int, str]] = field(default_factory=list)  # key, value
