"""Read, create, update, delete, history and search on one resource; batch and transaction are in `bundle.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.bundle import BundleInteractions
from fhir_server.interactions.conditional import ATTEMPTS, ConditionalSearch, too_busy
from fhir_server.interactions.conformance import ConformanceFeed
from fhir_server.interactions.identity import checked_id, new_id, required_version, version_number
from fhir_server.interactions.outcome import Outcome, SearchResult
from fhir_server.interactions.preparation import Preparation, id_in_body
from fhir_server.interactions.searching import Searching
from fhir_server.interactions.turns import beside, is_large
from fhir_server.interactions.write_validation import WriteValidation
from fhir_server.model.issue import Category, Issue, fault
from fhir_server.model.json_format import Resource
from fhir_server.store.change import Change, Commit, Condition, Deletion, InboxSettlement, Result, StaleCondition, Write
from fhir_server.store.store import Store
from fhir_server.store.stored import HistoryPage, Stored

Ready = tuple[Write, tuple[Issue, ...]]
"""A change, and what validation has to tell about it."""


class Interactions:
    """The server as its own parts see it. Every method raises FhirError with a category and issues where it refuses.

    `conformance` tells the definitions what was stored that defines something; without it only packages define.
    `validation` judges what is written; without it, only its structure is checked.
    """

    def __init__(
        self, store: Store, definitions: Definitions, searching: Searching,
        conformance: ConformanceFeed | None = None, validation: WriteValidation | None = None,
    ):  # fmt: skip
        self.store = store
        self._conformance = conformance
        self.definitions = definitions
        self.schema = definitions.schema
        self._searching = searching
        self._preparation = Preparation(definitions, searching, validation)
        self._conditional = ConditionalSearch(store, searching)
        self._bundles = BundleInteractions(self, self._preparation, self._conditional, searching)

    async def read(self, type_name: str, id_: str) -> Stored:
        """The current version; NOT_FOUND, or GONE for a deleted one."""
        found = await self.store.read(type_name, id_)
        if found is None:
            raise self._absent(type_name, id_)
        if found.deleted:
            sentence = f"{type_name}/{id_} was deleted in version {found.version} ({found.last_updated}); its history remains."
            raise fault(Category.GONE, "deleted", sentence)
        return found

    async def vread(self, type_name: str, id_: str, version: str) -> Stored:
        """One version; NOT_FOUND, or GONE where that version is a deletion."""
        number = version_number(version)
        found = await self.store.vread(type_name, id_, number) if number else None
        if found is None:
            raise fault(Category.NOT_FOUND, "not-found", f"{type_name}/{id_} has no version {version}; its history lists those it has.")
        if found.deleted:
            raise fault(Category.GONE, "deleted", f"Version {version} of {type_name}/{id_} is its deletion.")
        return found

    async def create(self, type_name: str, resource: Resource, if_none_exist: str | None = None) -> Outcome:
        """Store under a new id; with `if_none_exist` (a search, as in the header) only where nothing matches."""
        write, told = await self._made_ready(partial(self._creation, type_name, resource), resource)
        if if_none_exist is None:
            return await self._one(write, told=told)
        query = self._conditional.query(type_name, if_none_exist)
        for _ in range(ATTEMPTS):
            if ids := await self._conditional.match(query, type_name, if_none_exist):
                if (found := await self.store.read(type_name, ids[0])) and not found.deleted:
                    return Outcome("matched", found)
                continue
            try:
                return await self._one(write, Condition(query, ()), told=told)
            except StaleCondition:
                continue
        raise too_busy()

    async def update(self, type_name: str, id_: str, resource: Resource, if_match: str | None = None) -> Outcome:
        """Store under this id, which need not exist (update as create); `if_match` is an ETag such as W/"3"."""
        write, told = await self._made_ready(partial(self._replacement, type_name, id_, resource, if_match), resource)
        return await self._one(write, told=told)

    async def delete(self, type_name: str, id_: str, if_match: str | None = None) -> Outcome:
        """Delete; what is not there, or no longer, is no error."""
        self._preparation.known_type(type_name)
        return await self._one(Deletion(type_name, id_, required_version(if_match)))

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, before: int | None = None, since: int | None = None
    ) -> HistoryPage:
        """Versions, newest first; NOT_FOUND for an instance that never was."""
        if type_name:
            self._preparation.known_type(type_name)
        page = await self.store.history(type_name, id_, count=count, before=before, since=since)
        if type_name and id_ and not page.versions and before is None and await self.store.read(type_name, id_) is None:
            raise self._absent(type_name, id_)
        return page

    async def search(self, type_name: str, pairs: Sequence[tuple[str, str]]) -> SearchResult:
        """A page of matches with what they include; what was not understood comes back as issues, for the caller to judge."""
        self.known_type(type_name)
        query = self._searching.query(type_name, pairs)
        page = await self.store.search(query)
        return SearchResult(query, page.matches, page.includes, page.total, page.next, list(query.not_understood))

    async def batch(self, bundle: Resource, *, representation: bool = False) -> Resource:
        """Each entry on its own; the response tells what became of each, with `representation` the stored resources too."""
        return await self._bundles.batch(bundle, representation=representation)

    async def transaction(self, bundle: Resource, settles: InboxSettlement | None = None, *, representation: bool = False) -> Resource:
        """All entries or none; the bundle's resources are changed in place (links between entries)."""
        return await self._bundles.transaction(bundle, settles, representation=representation)

    def known_type(self, type_name: str) -> str:
        """The type itself; NOT_FOUND where R4 has no such resource type."""
        return self._preparation.known_type(type_name)

    async def commit(self, commit: Commit) -> list[Result]:
        """All changes or none. Definitions among them count from here on."""
        results = await self.store.commit(commit)
        if self._conformance is not None:
            self._conformance.committed(results)
        return results

    async def _made_ready(self, work: Callable[[], Ready], resource: Resource) -> Ready:
        return await beside(work, self._preparation.validates or is_large(resource))

    def _creation(self, type_name: str, resource: Resource) -> Ready:
        self._preparation.check(resource, type_name)
        return self._preparation.write(resource, new_id(), fresh=True), self._preparation.judge(resource)

    def _replacement(self, type_name: str, id_: str, resource: Resource, if_match: str | None) -> Ready:
        self._preparation.check(resource, type_name)
        id_in_body(resource, checked_id(id_))
        write = self._preparation.write(resource, id_, fresh=False, if_match=required_version(if_match))
        return write, self._preparation.judge(resource)

    def _absent(self, type_name: str, id_: str) -> Exception:
        self._preparation.known_type(type_name)
        return fault(Category.NOT_FOUND, "not-found", f"There is no {type_name} with the id {id_[:80]!r}.")

    async def _one(self, change: Change, *conditions: Condition, told: tuple[Issue, ...] = ()) -> Outcome:
        (result,) = await self.commit(Commit([change], list(conditions)))
        return Outcome(result.status, result.stored, told)
