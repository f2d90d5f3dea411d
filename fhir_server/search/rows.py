"""The search values of one resource, ready to be inserted: a list of rows for each index table of the store.

Rows begin with the parameter's key (`SearchParameter.key(resource_type)`); the store puts the resource's pk in front. Rows of
composite parameters have the key of their component, then the number of the element they came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fhir_server.search.sight.grant import Grant

QuantityRow = tuple[int, float, float, str, str, str, str, float, float]


@dataclass(slots=True)
class IndexRows:
    """Rows by table; times in microseconds since 1970-01-01 UTC, both ends included."""

    strings: list[tuple[int, str, str]] = field(default_factory=list)  # key, normalised, exact
    tokens: list[tuple[int, str, str]] = field(default_factory=list)  # key, code, system ('' where none)
    references: list[tuple[int, str, str, str]] = field(default_factory=list)  # key, id or URL, type ('' with a URL), version
    dates: list[tuple[int, int, int]] = field(default_factory=list)  # key, low, high
    numbers: list[tuple[int, float, float]] = field(default_factory=list)  # key, low, high
    quantities: list[QuantityRow] = field(default_factory=list)  # key, low, high, system, code, unit, dimension, low and high in base units
    uris: list[tuple[int, str]] = field(default_factory=list)  # key, value
    positions: list[tuple[int, float, float, float]] = field(default_factory=list)  # key, point on the unit sphere
    component_strings: list[tuple[int, int, str, str]] = field(default_factory=list)
    component_tokens: list[tuple[int, int, str, str]] = field(default_factory=list)
    component_references: list[tuple[int, int, str, str, str]] = field(default_factory=list)
    component_dates: list[tuple[int, int, int, int]] = field(default_factory=list)
    component_numbers: list[tuple[int, int, float, float]] = field(default_factory=list)
    component_quantities: list[tuple[int, int, float, float, str, str, str, str, float, float]] = field(default_factory=list)
    component_uris: list[tuple[int, int, str]] = field(default_factory=list)
    marks: list[tuple[str]] = field(default_factory=list)  # fhir_server.search.sight.marks
    grants: list[Grant] = field(default_factory=list)  # fhir_server.search.sight.grants
    texts: list[tuple[str, str]] = field(default_factory=list)  # words of the narrative, words of the rest; one row or none


ROWS_OF_TYPE = {
    "string": "strings", "token": "tokens", "reference": "references", "date": "dates", "number": "numbers", "quantity": "quantities",
    "uri": "uris", "special": "positions",
}  # fmt: skip
"""The attribute with the rows of a search type; of a component it is `component_...`."""
