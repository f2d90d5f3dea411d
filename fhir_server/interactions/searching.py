"""How this server reads searches and what it indexes: one zone, one base URL, one size of page for both sides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from fhir_server.definitions.definitions import Definitions
from fhir_server.search.extract import IndexExtractor
from fhir_server.search.query import Pair, Query, parse_query


class Searching:
    """`zone` counts for dates without an offset; `base` is the FHIR base URL that references may begin with."""

    def __init__(self, definitions: Definitions, zone: tzinfo, base: str | None = None, *, default_count: int = 50, max_count: int = 1000):
        self.extractor = IndexExtractor(definitions, zone, base)
        self._definitions = definitions
        self._zone = zone
        self._base = base
        self._default_count = default_count
        self._max_count = max_count

    def query(self, type_name: str, pairs: Sequence[Pair]) -> Query:
        """The query that the pairs of a search ask for; FhirError where one cannot be read."""
        return parse_query(
            type_name, pairs, self._definitions,
            default_count=self._default_count, max_count=self._max_count, zone=self._zone, base=self._base,
        )  # fmt: skip
