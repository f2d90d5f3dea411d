"""What the expressions of a form may ask of this server: the interactions as the caller has them, so that access stays in one place.

Forms are worked on in a worker thread; each question goes back to the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl

from anyio import from_thread

from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.references import parse_reference
from fhir_server.store.stored import Stored

MAX_QUESTIONS = 300
"""Different reads and searches for one form."""

PAGE = 1000
_GONE = frozenset((Category.NOT_FOUND, Category.GONE))


class Interactions(Protocol):
    """The two interactions that are needed."""

    async def read(self, type_name: str, id_: str) -> Stored: ...

    async def search(self, type_name: str, pairs: Sequence[tuple[str, str]]) -> SearchResult: ...


class FormSource:
    """A `fhir_server.questionnaires.Source`; what was asked is remembered, refusals too. `base` is this server's own URL."""

    def __init__(self, interactions: Interactions, base: str):
        self._interactions, self._base = interactions, base
        self._answers: dict[tuple[str, str], Resource | FhirError | None] = {}

    def read(self, type_name: str, id_: str) -> Resource | None:
        return self._remembered((type_name, id_), lambda: self._read(type_name, id_))

    def search(self, type_name: str, query: str) -> Resource:
        found = self._remembered((type_name, f"?{query}"), lambda: self._search(type_name, query))
        return found or {"resourceType": "Bundle", "type": "searchset"}

    def relative(self, reference: str) -> str:
        """The text of a reference as it is below this server's base."""
        return reference.removeprefix(f"{self._base}/")

    def resolve(self, reference: str) -> Resource | None:
        """What a reference in a resource names, for FHIRPath's resolve(); None where it is not here or not to be seen."""
        text = self.relative(reference)
        type_name, _, id_ = (parse_reference(text).type_and_id or "").partition("/")
        try:
            return self.read(type_name, id_) if id_ and "://" not in text else None
        except FhirError:
            return None

    def _remembered(self, key: tuple[str, str], ask: Callable[[], Resource | None]) -> Resource | None:
        if key not in self._answers:
            self._answers[key] = self._asked(ask)
        answer = self._answers[key]
        if isinstance(answer, FhirError):
            raise answer
        return answer

    def _asked(self, ask: Callable[[], Resource | None]) -> Resource | FhirError | None:
        if len(self._answers) >= MAX_QUESTIONS:
            return fault(Category.TOO_LARGE, "too-costly", f"The form asks more than {MAX_QUESTIONS} questions; ask for less.")
        try:
            return ask()
        except FhirError as error:
            return error

    def _read(self, type_name: str, id_: str) -> Resource | None:
        try:
            stored = from_thread.run(self._interactions.read, type_name, id_)
        except FhirError as error:
            if error.category in _GONE:
                return None
            raise
        return decode_resource(stored.content or b"")

    def _search(self, type_name: str, query: str) -> Resource:
        pairs = parse_qsl(query, keep_blank_values=True)
        is_counted = any(name == "_count" for name, _ in pairs)
        page = [] if is_counted else [("_count", str(PAGE))]
        result = from_thread.run(self._interactions.search, type_name, [*pairs, *page, ("_total", "accurate")])
        if result.issues:
            raise FhirError(Category.MALFORMED, result.issues)
        if result.next and not is_counted:
            raise fault(Category.TOO_LARGE, "too-costly", f"{type_name}?{query[:200]} finds more than {PAGE}; narrow it, or say _count.")
        return self._searchset(result)

    def _searchset(self, result: SearchResult) -> Resource:
        entries = [self._entry(one, "match") for one in result.matches] + [self._entry(one, "include") for one in result.includes]
        total: dict[str, Any] = {} if result.total is None else {"total": result.total}
        return {"resourceType": "Bundle", "type": "searchset", **total} | ({"entry": entries} if entries else {})

    def _entry(self, stored: Stored, mode: str) -> dict[str, Any]:
        url = f"{self._base}/{stored.type}/{stored.id}"
        return {"fullUrl": url, "resource": decode_resource(stored.content or b""), "search": {"mode": mode}}
