"""How this server reads searches and what it indexes: one zone, one base URL, one size of page for both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.search.compartment import Compartment
from fhir_server.search.extract import IndexExtractor
from fhir_server.search.query import Pair, Query, parse_query
from fhir_server.search.query_form import QueryForms


class Searching:
    """`zone` counts for dates without an offset; `base` is the FHIR base URL that references may begin with."""

    def __init__(self, definitions: Definitions, zone: tzinfo, base: str | None = None, *, default_count: int = 50, max_count: int = 1000):
        self.extractor = IndexExtractor(definitions, zone, base)
        self._definitions = definitions
        self._zone = zone
        self.base = base.rstrip("/") if base else None
        self._base = base
        self._default_count = default_count
        self._max_count = max_count
        self._forms = QueryForms(definitions, self._parsed)
        self.incomplete: Mapping[str, frozenset[str]] = {}
        """By resource type the parameters whose index rows are not all made yet; set by the reindexing."""

    def query(self, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None = None) -> Query:
        """The query that the pairs of a search ask for ("" for all types); FhirError where one cannot be read."""
        query = self._parsed(type_name, pairs, compartment) if compartment else self._forms.query(type_name, pairs)
        return replace(query, incomplete=self._missing(query)) if self.incomplete else query

    def _parsed(self, type_name: str, pairs: Sequence[Pair], compartment: Compartment | None = None) -> Query:
        return parse_query(
            type_name, pairs, self._definitions, compartment=compartment,
            default_count=self._default_count, max_count=self._max_count, zone=self._zone, base=self._base,
        )  # fmt: skip

    @property
    def zone(self) -> str:
        """The name of the zone."""
        return str(self._zone)

    def _missing(self, query: Query) -> tuple[Issue, ...]:
        missing = sorted(one for one in query.parameters if one[1] in self.incomplete.get(one[0], ()))
        return tuple(_being_indexed(*one) for one in missing)


def require_complete(query: Query) -> None:
    """BUSY where the query may find too little, for those who cannot do with less."""
    if query.incomplete:
        raise FhirError(Category.BUSY, [replace(issue, severity="error") for issue in query.incomplete])


def _being_indexed(resource_type: str, code: str) -> Issue:
    sentence = f"The search parameter {code} of {resource_type} is still being indexed: what is here may not all be found. Ask again later."
    return Issue("warning", "incomplete", sentence)
