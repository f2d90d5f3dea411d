"""Searches as conditions: If-None-Exist, conditional references, conditional update (https://hl7.org/fhir/R4/http.html#ccreate)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from fhir_server.interactions.searching import Searching
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.search.query import Query
from fhir_server.store.store import Store

ATTEMPTS = 20
"""How often a conditional interaction is made ready again when another commit came between; each means that somebody advanced."""


def too_busy() -> FhirError:
    """What a conditional interaction ends with when others kept changing what it depends on."""
    return fault(Category.CONFLICT, "conflict", "Others kept changing what this request depends on; nothing was stored. Try again.")


class ConditionalSearch:
    """Conditions are always read strictly: one that is not wholly understood would match too much."""

    def __init__(self, store: Store, searching: Searching):
        self._store = store
        self._searching = searching

    def query(self, type_name: str, search: str) -> Query:
        """The condition `identifier=urn:oid:1.2|3` (a leading `Type?` or `?` is allowed) as a query; FhirError where it says nothing."""
        pairs = parse_qsl(search.rpartition("?")[2] if "?" in search else search, keep_blank_values=True)
        if not any(value for _, value in pairs):
            raise fault(Category.PRECONDITION, "required", f"The condition {search[:200]!r} names no search parameter; nothing was stored.")
        query = self._searching.query(type_name, pairs)
        if query.not_understood:
            raise FhirError(Category.PRECONDITION, query.not_understood)
        return query

    async def match(self, query: Query, type_name: str, search: str) -> tuple[str, ...]:
        """No id or one; FhirError where several resources match."""
        ids = await self._store.matches(query)
        if len(ids) > 1:
            sentence = f"Several resources match {type_name}?{search[:200]}; say it more narrowly. Nothing was stored."
            raise fault(Category.PRECONDITION, "multiple-matches", sentence)
        return ids

    async def resolve(self, references: Iterable[str]) -> dict[str, str]:
        """What each conditional reference stands for: {"Practitioner?identifier=...": "Practitioner/17"}."""
        return {reference: await self._target(reference) for reference in references}

    async def _target(self, reference: str) -> str:
        type_name, _, search = reference.partition("?")
        ids = await self.match(self.query(type_name, search), type_name, search)
        if not ids:
            sentence = f"Nothing matches the conditional reference {reference[:200]!r}; store its target first."
            raise fault(Category.PRECONDITION, "not-found", sentence)
        return f"{type_name}/{ids[0]}"
