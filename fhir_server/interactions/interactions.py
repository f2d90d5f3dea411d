"""Read, create, update, delete, history and search on one resource; batch and transaction are in `bundle.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property, partial

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.authorship import UNKNOWN, Authorship
from fhir_server.interactions.bundle import BundleInteractions
from fhir_server.interactions.conditional import ATTEMPTS, ConditionalSearch, too_busy
from fhir_server.interactions.conditional_write import ConditionalDelete, ConditionalWrites
from fhir_server.interactions.conformance import ConformanceFeed
from fhir_server.interactions.entry import Returns
from fhir_server.interactions.entry_read import Asks
from fhir_server.interactions.identity import checked_id, new_id, required_version, version_number
from fhir_server.interactions.integrity import Integrity, IntegrityMode, Referring
from fhir_server.interactions.outcome import HistoryResult, Outcome, SearchResult, includes_cut
from fhir_server.interactions.page_seal import PageSeal, history_pairs
from fhir_server.interactions.preparation import Preparation, id_in_body
from fhir_server.interactions.reindexing import Reindexing
from fhir_server.interactions.searching import Searching, require_complete
from fhir_server.interactions.turns import beside, is_large
from fhir_server.interactions.write_validation import WriteValidation
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.language import DEFAULT
from fhir_server.model.phrase import Phrase, phrase
from fhir_server.patch import Patch
from fhir_server.search.compartment import Compartment
from fhir_server.search.page import LAST_PAGE, page_token
from fhir_server.store.change import NOTHING_ALONG, Along, Change, Commit, Condition, Deletion, Result, StaleCondition, Write
from fhir_server.store.erasure import Erasure
from fhir_server.store.store import Store
from fhir_server.store.stored import Period, Stored, instant

Ready = tuple[Write, tuple[Issue, ...]]
"""A change, and what validation has to tell about it."""

_ON_STORE = frozenset(("integrity", "_conditional", "_conditionally", "_bundles"))
"""Parts that stand on the store, made when they are first needed: most requests need none of them."""


class Interactions:
    """The server as its own parts see it. Every method raises FhirError with a category and issues where it refuses.

    `conformance` tells the definitions what was stored that defines something; without it only packages define.
    `validation` judges what is written; without it, only its structure is checked. `integrity` says what is made of references to
    what is not here, `deletes` whether a conditional delete may take away several resources. `reindexing` keeps the index true to the
    search parameters. Types of the `trail` are made by the server itself: they are not written.
    """

    def __init__(
        self, store: Store, definitions: Definitions, searching: Searching,
        conformance: ConformanceFeed | None = None, validation: WriteValidation | None = None,
        *, integrity: IntegrityMode = "off", deletes: ConditionalDelete = "single",
        reindexing: Reindexing | None = None, trail: frozenset[str] = frozenset(),
    ):  # fmt: skip
        self.trail = trail
        self._conformance = conformance
        self._reindexing = reindexing
        self.definitions = definitions
        self.schema = definitions.schema
        self._searching = searching
        self._preparation = Preparation(definitions, searching, validation)
        self.deletes = deletes
        self.store = store
        self._pages = PageSeal(store)
        self._integrity_mode: IntegrityMode = integrity
        self._referring: Referring = {}

    def of(self, store: Store, tenant: str = "", authorship: Authorship = UNKNOWN) -> Interactions:
        """The same interactions on the store as a caller sees it; what they write is kept for their tenant, and their answers to forms are
        theirs."""
        other = object.__new__(Interactions)
        other.__dict__.update({name: part for name, part in self.__dict__.items() if name not in _ON_STORE})
        other.store = store
        if tenant or authorship.persons:
            other._preparation = self._preparation.of(tenant, authorship)
        return other

    @property
    def base(self) -> str | None:
        """Where this server's absolute references begin, without a slash behind; None where that is taken from each request."""
        return self._searching.base

    @cached_property
    def integrity(self) -> Integrity:
        return Integrity(self._integrity_mode, self.store, self.definitions, self._searching, self._referring)

    @cached_property
    def _conditional(self) -> ConditionalSearch:
        return ConditionalSearch(self.store, self._searching)

    @cached_property
    def _conditionally(self) -> ConditionalWrites:
        return ConditionalWrites(self, self._preparation, self._conditional, self.deletes)

    @cached_property
    def _bundles(self) -> BundleInteractions:
        return BundleInteractions(self, self._preparation, self._conditional, self._searching)

    def incomplete(self) -> Collection[frozenset[str]]:
        """The indexes that are still being made, by type."""
        return self._searching.incomplete.values()

    def marks_of(self, resource: Resource, id_: str) -> list[str]:
        """Whose the resource is (`fhir_server.search.sight.marks`)."""
        return self._searching.extractor.marks.of(resource, id_)

    def rewritten(self, write: Write, resource: Resource) -> Write:
        """The write with this checked resource in place of its own."""
        return self._preparation.write(resource, write.id, fresh=write.fresh, if_match=write.if_match)

    @property
    def zone(self) -> str:
        """The name of the time zone that dates without an offset are meant in."""
        return self._searching.zone

    async def read(self, type_name: str, id_: str) -> Stored:
        """The current version; NOT_FOUND, or GONE for a deleted one."""
        found = await self.store.read(type_name, id_)
        if found is None:
            raise self._absent(type_name, id_)
        if found.deleted:
            sentence = phrase(
                "{place} was deleted in version {version} ({when}); its history remains.",
                place=f"{type_name}/{id_}", version=found.version, when=found.last_updated,
            )  # fmt: skip
            erasure = await self.store.erasures.of(type_name, id_)
            raise fault(Category.GONE, "deleted", sentence if erasure is None else sentence + " " + _erased(erasure))
        return found

    async def vread(self, type_name: str, id_: str, version: str) -> Stored:
        """One version; NOT_FOUND, or GONE where that version is a deletion."""
        number, place = version_number(version), f"{type_name}/{id_}"
        found = await self.store.vread(type_name, id_, number) if number else None
        if found is None:
            sentence = phrase("{place} has no version {version}; its history lists those it has.", place=place, version=version[:40])
            raise fault(Category.NOT_FOUND, "not-found", sentence)
        if found.deleted:
            erasure = await self.store.erasures.of(type_name, id_) if found.method != "DELETE" else None
            deleted = phrase("Version {version} of {place} is its deletion.", version=version, place=place)
            raise fault(Category.GONE, "deleted", deleted if erasure is None else _erased(erasure))
        return found

    async def create(self, type_name: str, resource: Resource, if_none_exist: str | None = None, *, data: bytes = b"") -> Outcome:
        """Store under a new id; with `if_none_exist` (a search, as in the header) only where nothing matches.

        `data` (Base64) is stored in place of the resource's element `data`, which only stands for it then: large content is not decoded.
        """
        write, told = await self._made_ready(partial(self._creation, type_name, resource, data), resource)
        if if_none_exist is None:
            return await self._one(write, resource, told=told)
        query = self._conditional.query(type_name, if_none_exist)
        for _ in range(ATTEMPTS):
            if ids := await self._conditional.match(query, type_name, if_none_exist):
                if (found := await self.store.read(type_name, ids[0])) and not found.deleted:
                    return Outcome("matched", found)
                continue
            try:
                return await self._one(write, resource, Condition(query, ()), told=told)
            except StaleCondition:
                continue
        raise too_busy()

    async def update(
        self, type_name: str, id_: str, resource: Resource, if_match: str | None = None, if_none_match: str | None = None,
        *, data: bytes = b"",
    ) -> Outcome:  # fmt: skip
        """Store under this id, which need not exist (update as create); `if_match` is `*` or ETags such as W/"3", `if_none_match` only
        `*`: nothing may stand there. `data` as for `create`."""
        write, told = await self._made_ready(partial(self._replacement, type_name, id_, resource, if_match, data), resource)
        if if_none_match is None:
            return await self._one(write, resource, told=told)
        if if_none_match.strip() != "*":
            sentence = phrase("If-None-Match of an update is *: store only where nothing stands yet.")
            raise fault(Category.PRECONDITION, "not-supported", sentence)
        vacant = self._conditional.vacant(type_name, id_)
        for _ in range(ATTEMPTS):
            if await self.store.matches(vacant.query):
                sentence = phrase("{place} is there already (If-None-Match: *).", place=f"{type_name}/{id_}")
                raise fault(Category.PRECONDITION, "conflict", sentence)
            try:
                return await self._one(write, resource, vacant, told=told)
            except StaleCondition:
                continue
        raise too_busy()

    async def update_match(self, type_name: str, search: str, resource: Resource, if_match: str | None = None) -> Outcome:
        """Conditional update: replace the one that the search finds, or create."""
        return await self._conditionally.update(type_name, search, resource, if_match)

    async def patch(self, type_name: str, id_: str, patch: Patch, if_match: str | None = None) -> Outcome:
        """Change what stands under the id; NOT_FOUND or GONE where nothing does, INVALID where the patch does not apply."""
        return await self._conditionally.patch(type_name, id_, patch, if_match)

    async def patch_match(self, type_name: str, search: str, patch: Patch, if_match: str | None = None) -> Outcome:
        """Conditional patch: change the one that the search finds."""
        return await self._conditionally.patch_match(type_name, search, patch, if_match)

    async def delete(self, type_name: str, id_: str, if_match: str | None = None) -> Outcome:
        """Delete; what is not there, or no longer, is no error."""
        self._preparation.known_type(type_name)
        return await self._one(Deletion(type_name, id_, required_version(if_match)), None)

    async def delete_match(self, type_name: str, search: str, if_match: str | None = None) -> list[Outcome]:
        """Conditional delete: what the search finds, one resource or, where `deletes` is multiple, all of them."""
        return await self._conditionally.delete(type_name, search, if_match)

    async def history(
        self, type_name: str | None, id_: str | None, *, count: int, page: str | None = None, since: int | None = None,
        at: Period | None = None, oldest_first: bool = False,
    ) -> HistoryResult:  # fmt: skip
        """Versions, newest first, of those current in the period `at` if it is given; NOT_FOUND for an instance that never was.

        `page` is the token of the page before's `next`: MALFORMED where it comes from another history, or from elsewhere.
        """
        if type_name:
            self._preparation.known_type(type_name)
        asked = history_pairs(id_, since, at, oldest_first)
        before = None if page is None else await self._pages.history_place(page, type_name or "", asked)
        found = await self.store.history(type_name, id_, count=count, before=before, since=since, at=at, oldest_first=oldest_first)
        if type_name and id_ and not found.versions and before is None and await self.store.read(type_name, id_) is None:
            raise self._absent(type_name, id_)
        following = None if found.next is None else await self._pages.sealed(str(found.next), type_name or "", asked, None)
        return HistoryResult(found.versions, found.total, following)

    async def search(
        self, type_name: str, pairs: Sequence[tuple[str, str]], compartment: Compartment | None = None, *, tolerant: bool = False
    ) -> SearchResult:
        """A page of matches with what they include; what was not understood comes back as issues, for the caller to judge.

        The type "" is all types; with a `compartment` only what belongs to it is found.
        While an index that the search needs is being made, it is refused (BUSY), or with `tolerant` told that it may find too little.
        """
        if type_name:
            self.known_type(type_name)
        query = self._searching.query(type_name, await self._pages.opened(type_name, pairs, compartment), compartment)
        if not tolerant:
            require_complete(query)
        page = await self.store.search(query)
        tokens = (page.next, page.previous, page_token(LAST_PAGE) if page.next or page.previous else None)
        following, previous, last = [await self._pages.sealed(one, type_name, pairs, compartment) if one else None for one in tokens]
        told = [*query.incomplete, *([includes_cut()] if page.includes_cut else [])]
        issues = list(query.not_understood)
        return SearchResult(query, page.matches, page.includes, page.total, following, previous, last, issues, told)

    async def search_each(self, searches: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> list[list[Stored]]:
        """The matches on the first page of several searches; MALFORMED where something in one is not understood, BUSY where an index that
        it needs is being made."""
        queries = [self._searching.query(self.known_type(type_name), pairs) for type_name, pairs in searches]
        for query in queries:
            if query.not_understood:
                raise FhirError(Category.MALFORMED, query.not_understood)
            require_complete(query)
        return [page.matches for page in await self.store.search_each(queries)]

    async def batch(self, bundle: Resource, *, returns: Returns = None, asks: Asks | None = None, language: str = DEFAULT) -> Resource:
        """Each entry on its own; the response tells what became of each, `returns` (as of Prefer) what it holds besides; `language`, in
        which refusals are said.

        `asks` answers what only HTTP offers (operations, histories); without it such entries are refused.
        """
        return await self._bundles.batch(bundle, returns=returns, asks=asks, language=language)

    async def transaction(
        self, bundle: Resource, along: Along = NOTHING_ALONG, *, returns: Returns = None, asks: Asks | None = None,
        language: str = DEFAULT, absent: bool = False,
    ) -> Resource:  # fmt: skip
        """All entries or none, with what goes `along`; the bundle's resources are changed in place (links between entries).

        `absent`: the caller has just found nothing of what its entries create under a condition, so it is not looked for until the commit;
        CONFLICT where it stands by then, so that the caller looks again: what it would have changed there must not be passed over.
        """
        return await self._bundles.transaction(bundle, along, returns=returns, asks=asks, language=language, absent=absent)

    def known_type(self, type_name: str) -> str:
        """The type itself; NOT_FOUND where R4 has no such resource type."""
        return self._preparation.known_type(type_name)

    async def commit(self, commit: Commit) -> list[Result]:
        """All changes or none. Definitions among them count from here on."""
        if self.trail and any(change.type in self.trail for change in commit.changes):
            raise _not_written(next(change.type for change in commit.changes if change.type in self.trail))
        results = await self.store.commit(commit)
        if self._conformance is not None:
            self._conformance.committed(results)
        if self._reindexing is not None:
            await self._reindexing.catch_up()
        return results

    async def committed(
        self, changes: Sequence[tuple[Change, Resource | None]], conditions: Sequence[Condition], told: tuple[Issue, ...] = ()
    ) -> list[Outcome]:
        """Changes with the resources they write, as referential integrity allows; `told` is what is said of each."""
        guarded = await self.integrity.guard(changes)
        results = await self.commit(Commit([change for change, _ in changes], [*conditions, *guarded.conditions]))
        return [Outcome(result.status, result.stored, (*told, *guarded.told.get(position, ()))) for position, result in enumerate(results)]

    async def _made_ready(self, work: Callable[[], Ready], resource: Resource) -> Ready:
        return await beside(work, self._preparation.validates or is_large(resource))

    def _creation(self, type_name: str, resource: Resource, data: bytes) -> Ready:
        self._preparation.check(resource, type_name)
        return self._preparation.write(resource, new_id(), fresh=True, data=data), self._preparation.judge(resource)

    def _replacement(self, type_name: str, id_: str, resource: Resource, if_match: str | None, data: bytes) -> Ready:
        self._preparation.check(resource, type_name)
        id_in_body(resource, checked_id(id_))
        write = self._preparation.write(resource, id_, fresh=False, if_match=required_version(if_match), data=data)
        return write, self._preparation.judge(resource)

    def _absent(self, type_name: str, id_: str) -> Exception:
        self._preparation.known_type(type_name)
        return fault(Category.NOT_FOUND, "not-found", phrase("There is no {type} with the id {id}.", type=type_name, id=repr(id_[:80])))

    async def _one(self, change: Change, resource: Resource | None, *conditions: Condition, told: tuple[Issue, ...] = ()) -> Outcome:
        if self.integrity.is_off:
            (result,) = await self.commit(Commit([change], list(conditions)))
            return Outcome(result.status, result.stored, told)
        for _ in range(ATTEMPTS):
            try:
                (outcome,) = await self.committed([(change, resource)], conditions, told)
            except StaleCondition:
                if conditions:
                    raise
                continue
            return outcome
        raise too_busy()


def _erased(erasure: Erasure) -> Phrase:
    when = instant(erasure.erased)
    return phrase("The content was erased on {when} on the order of {who}.", when=when, who=erasure.ordered_by)


def _not_written(type_name: str) -> FhirError:
    """The trail is what this server saw itself; one that somebody sends would stand in it unproven."""
    sentence = (
        f"{type_name}s are this server's own here (audit=on): they come of what is done and cannot be sent or changed. "
        "Send yours to an audit record repository (IHE ATNA, ITI-20)."
    )
    return fault(Category.METHOD, "not-supported", sentence)
