"""A transaction made ready: identities first, then links between entries, then bytes and index rows (https://hl7.org/fhir/R4/http.html#trules)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from fhir_server.interactions.conditional import ConditionalSearch, pairs_of
from fhir_server.interactions.conditional_write import check_wanted
from fhir_server.interactions.entry import METHODS, Entry, in_entry
from fhir_server.interactions.identity import checked_id, new_id, required_version
from fhir_server.interactions.integrity import Misses
from fhir_server.interactions.links import ConditionalReference, Links, Rewriting
from fhir_server.interactions.outcome import Outcome
from fhir_server.interactions.preparation import Preparation, id_in_body
from fhir_server.interactions.turns import beside, in_turns
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource, decode_json, encode_json
from fhir_server.patch import Patch, patch_of_entry
from fhir_server.store.change import NOTHING_ALONG, Along, Change, Commit, Condition, Deletion, Result, StaleCondition
from fhir_server.store.outbox import OutboxEntry

if TYPE_CHECKING:
    from fhir_server.interactions.interactions import Interactions

T = TypeVar("T")
_Search = tuple[str | tuple[str, str], ...]
"""A type and the parameters of a condition."""

_ORDER = {method: {"PATCH": METHODS.index("PUT")}.get(method, place) for place, method in enumerate(METHODS)}
LARGE = 20
"""Transactions of more entries are made ready in a thread."""

_RESTFUL = re.compile(r"https?://.*/([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})$")


@dataclass(slots=True)
class _Target:
    """What an entry writes to. `fresh`: the id was made here; `matched`: a conditional create found its resource;
    `version`: what was read to be patched or deleted, which must still be there; id None: a conditional delete found nothing."""

    entry: Entry
    id: str | None
    fresh: bool = False
    matched: bool = False
    version: int | None = None


class Transaction:
    """The entries of one transaction; `make_ready` may be called again when a condition turned stale."""

    def __init__(
        self, entries: list[Entry], interactions: Interactions, preparation: Preparation, conditional: ConditionalSearch,
        check_read: Callable[[Entry], None], *, absent: bool = False,
    ):  # fmt: skip
        """`absent`: who asks has just looked and found nothing of what is created under a condition, so it is not looked for again."""
        self.entries = entries
        self.absent = absent
        self._interactions = interactions
        self._check_read = check_read
        self._preparation = preparation
        self._conditional = conditional
        self._originals: list[bytes] = []
        self._targets: list[_Target] = []
        self._created: dict[_Search, str] = {}
        self._ids: dict[int, str] = {}
        self._patches: dict[int, Patch] = {}
        self._references: list[tuple[Entry, ConditionalReference]] = []
        self._checked = False
        self._judged: dict[int, tuple[Issue, ...]] = {}
        self._told: dict[int, tuple[Issue, ...]] = {}

    async def make_ready(self, along: Along = NOTHING_ALONG) -> Commit:
        """Everything the store needs; FhirError naming the entry that cannot be done."""
        self._start_over()
        await self._run(self._check)
        conditions = [condition async for entry in in_turns(self._writing()) for condition in await self._identify(entry)]
        _no_two_the_same(self._targets)
        self._references = await self._run(self._rewrite)
        conditions += await self._resolve()
        changes = await self._run(self._changes)
        conditions += await self._guard(changes)
        return Commit(changes, conditions, along.settles, sends=self._addressed(along.sends), delivered=along.delivered, by=along.by)

    def outcomes(self, results: Sequence[Result]) -> dict[int, list[Outcome]]:
        """The outcomes of each entry that wrote, by the entry's `id()`; those that only `matched` are left out."""
        remaining, outcomes = iter(results), dict[int, list[Outcome]]()
        for target in self._targets:
            if not target.matched:
                key = id(target.entry)
                issues = (*self._judged.get(key, ()), *self._told.get(key, ()))
                outcomes.setdefault(key, []).append(_outcome(next(remaining) if target.id else None, issues))
        return outcomes

    def matched(self) -> list[tuple[Entry, str]]:
        """The conditional creates that found their resource, with its id."""
        return [(target.entry, target.id) for target in self._targets if target.matched and target.id]

    def refused(self, error: FhirError) -> Exception:
        """What the store's refusal means: an error that names the entry, or StaleCondition where the version that was read to make
        ready was overtaken: what is read then tells whether ifMatch still holds."""
        for target in self._changing():
            if error.category is Category.PRECONDITION and error.issues[0].diagnostics.startswith(f"{target.entry.type}/{target.id} "):
                return in_entry(error, target.entry) if target.version is None else StaleCondition()
        return error

    def _writing(self) -> list[Entry]:
        return sorted((entry for entry in self.entries if entry.writes), key=lambda entry: _ORDER[entry.method])

    def _start_over(self) -> None:
        if self._targets and self._originals:
            for entry, original in zip(self.entries, self._originals, strict=True):
                entry.resource = decode_json(original)
        for _, reference in self._references:
            reference.holder["reference"] = reference.search
        self._targets, self._created, self._references, self._told = [], {}, [], {}

    def _check(self) -> None:
        if self._checked:
            return
        for entry in self.entries:
            _in(entry, partial(self._check_entry, entry))
        if any(_is_conditional(entry) for entry in self.entries):
            self._originals = [encode_json(entry.resource) for entry in self.entries]
        self._checked = True

    def _check_entry(self, entry: Entry) -> None:
        if not entry.writes:
            self._check_read(entry)
        elif entry.method == "PATCH":
            self._patches[id(entry)] = patch_of_entry(_resource(entry))
        elif entry.method != "DELETE":
            self._preparation.check(_resource(entry), entry.type)
            if told := self._preparation.judge(_resource(entry)):
                self._judged[id(entry)] = told

    async def _identify(self, entry: Entry) -> list[Condition]:
        """Decide what the entry writes to; the conditions under which that holds."""
        try:
            self._preparation.known_type(entry.type)
            search = entry.if_none_exist if entry.method == "POST" else entry.search
            if search is None:
                return await self._plain(entry)
            return await (self._deletions(entry, search) if entry.method == "DELETE" else self._found(entry, search))
        except FhirError as error:
            raise in_entry(error, entry) from None

    async def _plain(self, entry: Entry) -> list[Condition]:
        target = _plain_target(entry, self._new_id)
        self._targets.append(target)
        if entry.method == "PATCH":
            await self._patch(target)
        if entry.method == "PUT" and entry.if_none_match is not None:
            return [await self._must_be_vacant(entry, target)]
        return []

    async def _must_be_vacant(self, entry: Entry, target: _Target) -> Condition:
        """A PUT with ifNoneMatch * may only create."""
        if str(entry.if_none_match).strip() != "*":
            sentence = "ifNoneMatch of a PUT is *: store only where nothing stands yet."
            raise fault(Category.PRECONDITION, "not-supported", sentence)
        vacant = self._conditional.vacant(entry.type, target.id or "")
        if await self._interactions.store.matches(vacant.query):
            raise fault(Category.PRECONDITION, "conflict", f"{entry.type}/{target.id} is there already (ifNoneMatch *).")
        return vacant

    async def _found(self, entry: Entry, search: str) -> list[Condition]:
        """What a conditional create, update or patch leads to."""
        if entry.method == "POST":
            found = await self._conditional.for_create(entry.type, search, absent=self.absent)
        elif entry.method == "PUT":
            found = await self._conditional.for_update(entry.type, search, _resource(entry).get("id"))
        else:
            found = await self._conditional.for_patch(entry.type, search)
        target = self._same_creation(search, _Target(entry, self._new_id(entry) if found.fresh else found.id, found.fresh, found.matched))
        self._targets.append(target)
        if entry.method == "PATCH":
            await self._patch(target)
        return list(found.conditions)

    def _same_creation(self, search: str, target: _Target) -> _Target:
        """Of entries that create under the same condition the first one does, the others matched it. What matched and is deleted by this
        very transaction is gone by then, so it is created anew."""
        if target.matched and any(one.id == target.id and one.entry.type == target.entry.type for one in self._targets if _deletes(one)):
            target = _Target(target.entry, self._new_id(target.entry), fresh=True)
        if target.id is None or target.entry.method == "PATCH":
            return target
        first = self._created.setdefault((target.entry.type, *pairs_of(search)), target.id)
        if not target.fresh or first == target.id or target.entry.method != "POST":
            return target
        return _Target(target.entry, first, matched=True)

    async def _deletions(self, entry: Entry, search: str) -> list[Condition]:
        several = self._interactions.deletes == "multiple"
        found, conditions = await self._conditional.for_delete(entry.type, search, several=several)
        for stored in found:
            check_wanted(stored, required_version(entry.if_match))
        self._targets += [_Target(entry, stored.id, version=stored.version) for stored in found] or [_Target(entry, None)]
        return conditions

    async def _patch(self, target: _Target) -> None:
        """Make of the entry's patch the resource that it leaves."""
        entry = target.entry
        standing = await self._interactions.read(entry.type, target.id or "")
        check_wanted(standing, required_version(entry.if_match))
        entry.resource = await beside(partial(self._preparation.patched, self._patches[id(entry)], standing), True)
        self._judged[id(entry)] = self._preparation.judge(entry.resource)
        target.version = standing.version

    def _new_id(self, entry: Entry) -> str:
        """The same at every attempt, so that links already rewritten stay right."""
        return self._ids.setdefault(id(entry), new_id())

    def _rewrite(self) -> list[tuple[Entry, ConditionalReference]]:
        created = frozenset(f"{target.entry.type}/{target.id}" for target in self._targets if target.fresh)
        links, found = Links(_links(self._targets), created), list[tuple[Entry, ConditionalReference]]()
        for target in self._written():
            rewriting = Rewriting(links, self._interactions.schema, self._preparation.link_tables)
            rewriting.resource(_resource(target.entry))
            found += [(target.entry, reference) for reference in rewriting.conditional]
        return found

    def _addressed(self, sends: Sequence[OutboxEntry]) -> tuple[OutboxEntry, ...]:
        """Whom a message is for and what tells of it, where they come with this transaction."""
        links = _links(self._targets) if sends else {}
        return tuple(replace(one, lane=links.get(one.lane, one.lane), about=links.get(one.about, one.about)) for one in sends)

    def _written(self) -> list[_Target]:
        return [target for target in self._targets if not target.matched and target.entry.method != "DELETE"]

    def _changing(self) -> list[_Target]:
        """In the order of the changes of the commit."""
        return [target for target in self._targets if not target.matched and target.id]

    async def _resolve(self) -> list[Condition]:
        """Conditional references: to what an entry of the same condition writes, else to what is stored, which must stay so."""
        known: dict[str, str] = {}
        conditions: list[Condition] = []
        async for entry, reference in in_turns(self._references):
            if reference.search not in known:
                try:
                    known[reference.search] = await self._target(reference.search, conditions)
                except FhirError as error:
                    raise in_entry(error, entry) from None
            reference.holder["reference"] = known[reference.search]
        return conditions

    async def _target(self, reference: str, conditions: list[Condition]) -> str:
        type_name = reference.partition("?")[0]
        if made := self._created.get((type_name, *pairs_of(reference))):
            return f"{type_name}/{made}"
        place, condition = await self._conditional.target(reference)
        conditions.append(condition)
        return place

    def _changes(self) -> list[Change]:
        return [_in(target.entry, partial(self._change, target)) for target in self._changing()]

    def _change(self, target: _Target) -> Change:
        entry, id_ = target.entry, target.id or ""
        version = target.version if target.version is not None else required_version(entry.if_match)
        if entry.method == "DELETE":
            return Deletion(entry.type, id_, version)
        if entry.method == "PUT" and entry.search is None:
            id_in_body(_resource(entry), id_)
        return self._preparation.write(_resource(entry), id_, fresh=target.fresh and version is None, if_match=version)

    async def _guard(self, changes: list[Change]) -> list[Condition]:
        """What referential integrity asks of the commit."""
        targets = self._changing()
        try:
            guarded = await self._interactions.integrity.guard(
                [(change, target.entry.resource) for change, target in zip(changes, targets, strict=True)]
            )
        except Misses as error:
            raise in_entry(error, targets[error.position].entry) from None
        self._told = {id(targets[position].entry): issues for position, issues in guarded.told.items()}
        return guarded.conditions

    async def _run(self, work: Callable[[], T]) -> T:
        return await beside(work, len(self.entries) > LARGE or self._preparation.validates)


def _outcome(result: Result | None, issues: tuple[Issue, ...]) -> Outcome:
    return Outcome(result.status, result.stored, issues) if result else Outcome("absent", None, issues)


def _deletes(target: _Target) -> bool:
    return target.entry.method == "DELETE"


def _is_conditional(entry: Entry) -> bool:
    return entry.if_none_exist is not None or (entry.search is not None and entry.writes)


def _resource(entry: Entry) -> Resource:
    return entry.resource if entry.resource is not None else {}


def _plain_target(entry: Entry, fresh_id: Callable[[Entry], str]) -> _Target:
    if entry.method == "POST":
        if entry.id is not None:
            sentence = f"POST {entry.url[:200]} is not supported in a transaction; create with POST {entry.type}."
            raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)
        return _Target(entry, fresh_id(entry), fresh=True)
    if entry.id is None:
        raise fault(Category.MALFORMED, "required", f"{entry.method} needs an id or a condition in request.url, as in {entry.type}/123.")
    return _Target(entry, checked_id(entry.id))


def _links(targets: list[_Target]) -> dict[str, str]:
    """Where each URL leads that entries are known by; FhirError where it would lead to two."""
    links: dict[str, str] = {}
    for target in targets:
        for url, place in _urls(target):
            if links.setdefault(url, place) != place:
                sentence = f"Two entries have the fullUrl {url[:200]}, so that a reference to it may mean either; give each its own."
                raise in_entry(fault(Category.MALFORMED, "duplicate", sentence), target.entry)
    return links


def _urls(target: _Target) -> list[tuple[str, str]]:
    """What the entry's full URL, and its relative form, stand for once stored."""
    full_url, place = target.entry.full_url, f"{target.entry.type}/{target.id}"
    if not full_url or target.id is None:
        return []
    restful = _RESTFUL.match(full_url)
    return [(full_url, place), (restful[1], place)] if restful else [(full_url, place)]


def _no_two_the_same(targets: list[_Target]) -> None:
    seen: dict[tuple[str, str], Entry] = {}
    for target in targets:
        if target.id is None or target.matched:
            continue
        first = seen.setdefault((target.entry.type, target.id), target.entry)
        if first is not target.entry:
            places = f"{first.place} and {target.entry.place}"
            sentence = f"{places} write the same resource {target.entry.type}/{target.id}; a transaction may do so once."
            raise fault(Category.MALFORMED, "duplicate", sentence, target.entry.place)


def _in(entry: Entry, work: Callable[[], T]) -> T:
    try:
        return work()
    except FhirError as error:
        raise in_entry(error, entry) from None
