"""A transaction made ready: identities first, then links between entries, then bytes and index rows (https://hl7.org/fhir/R4/http.html#trules)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from fhir_server.interactions.conditional import ConditionalSearch
from fhir_server.interactions.entry import METHODS, Entry, in_entry
from fhir_server.interactions.identity import checked_id, new_id, required_version
from fhir_server.interactions.links import ConditionalReference, rewrite
from fhir_server.interactions.outcome import Outcome
from fhir_server.interactions.preparation import Preparation, id_in_body
from fhir_server.interactions.turns import beside, in_turns
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource, decode_json, encode_json
from fhir_server.store.change import Change, Commit, Condition, Deletion, InboxSettlement, Result

T = TypeVar("T")
LARGE = 20
"""Transactions of more entries are made ready in a thread."""

_RESTFUL = re.compile(r"https?://.*/([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})$")


@dataclass(slots=True)
class _Target:
    """What an entry writes to. `fresh`: the id was made here; `matched`: a conditional create found its resource."""

    entry: Entry
    id: str | None
    fresh: bool = False
    matched: bool = False


class Transaction:
    """The entries of one transaction; `make_ready` may be called again when a condition turned stale."""

    def __init__(self, entries: list[Entry], preparation: Preparation, conditional: ConditionalSearch, check_read: Callable[[Entry], None]):
        self.entries = entries
        self._check_read = check_read
        self._preparation = preparation
        self._conditional = conditional
        self._originals: list[bytes] = []
        self._targets: list[_Target] = []
        self._created: dict[tuple[str, str], str] = {}
        self._checked = False
        self._told: dict[int, tuple[Issue, ...]] = {}

    async def make_ready(self, settles: InboxSettlement | None = None) -> Commit:
        """Everything the store needs; FhirError naming the entry that cannot be done."""
        self._start_over()
        await self._run(self._check)
        conditions = [condition async for entry in in_turns(self._writing()) for condition in await self._identify(entry)]
        _no_two_the_same(self._targets)
        references = await self._run(self._rewrite)
        await self._resolve(references)
        return Commit(await self._run(self._changes), conditions, settles)

    def outcomes(self, results: Sequence[Result]) -> dict[int, Outcome]:
        """The outcome of each entry that wrote, by the entry's `id()`; those that only `matched` are left out."""
        remaining = iter(results)
        written = [target for target in self._targets if not target.matched]
        outcomes = {id(target.entry): _outcome(next(remaining) if target.id else None) for target in written}
        return {key: replace(outcome, issues=self._told.get(key, ())) for key, outcome in outcomes.items()} if self._told else outcomes

    def matched(self) -> list[tuple[Entry, str]]:
        """The conditional creates that found their resource, with its id."""
        return [(target.entry, target.id) for target in self._targets if target.matched and target.id]

    def _writing(self) -> list[Entry]:
        return sorted((entry for entry in self.entries if entry.writes), key=lambda entry: METHODS.index(entry.method))

    def _start_over(self) -> None:
        if self._targets and self._originals:
            for entry, original in zip(self.entries, self._originals, strict=True):
                entry.resource = decode_json(original)
        self._targets, self._created = [], {}

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
        elif entry.method != "DELETE":
            self._preparation.check(_resource(entry), entry.type)
            if told := self._preparation.judge(_resource(entry)):
                self._told[id(entry)] = told

    async def _identify(self, entry: Entry) -> list[Condition]:
        """Decide what the entry writes to; the conditions under which that holds."""
        search = entry.if_none_exist if entry.method == "POST" else entry.search
        try:
            self._preparation.known_type(entry.type)
            if search is None:
                self._targets.append(_plain_target(entry))
                return []
            query = self._conditional.query(entry.type, search)
            ids = await self._conditional.match(query, entry.type, search)
            target = self._same_creation(search, _conditional_target(entry, ids))
            named = await self._name_is_free(entry) if entry.method == "PUT" and not ids and target.id and not target.fresh else []
        except FhirError as error:
            raise in_entry(error, entry) from None
        self._targets.append(target)
        return [Condition(query, ids), *named]

    def _same_creation(self, search: str, target: _Target) -> _Target:
        """Of entries that create under the same condition the first one does; the others matched it."""
        if not (target.fresh and target.entry.method == "POST" and target.id):
            return target
        first = self._created.setdefault((target.entry.type, search), target.id)
        return target if first == target.id else _Target(target.entry, first, matched=True)

    async def _name_is_free(self, entry: Entry) -> list[Condition]:
        """A conditional update that matched nothing may create under the id of its body, and must overwrite nobody else there."""
        id_ = _resource(entry)["id"]
        query = self._conditional.query(entry.type, f"_id={id_}")
        if await self._conditional.match(query, entry.type, f"_id={id_}"):
            sentence = f"Nothing matches {entry.url[:200]}, but {entry.type}/{id_}, the id of the body, is another resource."
            raise fault(Category.CONFLICT, "conflict", sentence)
        return [Condition(query, ())]

    def _rewrite(self) -> list[tuple[Entry, ConditionalReference]]:
        urls = _links(self._targets)
        return [(target.entry, found) for target in self._written() for found in rewrite(_resource(target.entry), urls)]

    def _written(self) -> list[_Target]:
        return [target for target in self._targets if not target.matched and target.entry.method != "DELETE"]

    async def _resolve(self, references: list[tuple[Entry, ConditionalReference]]) -> None:
        known: dict[str, str] = {}
        async for entry, reference in in_turns(references):
            if reference.search not in known:
                try:
                    known |= await self._conditional.resolve([reference.search])
                except FhirError as error:
                    raise in_entry(error, entry) from None
            reference.holder["reference"] = known[reference.search]

    def _changes(self) -> list[Change]:
        written = [target for target in self._targets if not target.matched and target.id]
        return [_in(target.entry, partial(self._change, target)) for target in written]

    def _change(self, target: _Target) -> Change:
        entry, id_ = target.entry, target.id or ""
        version = required_version(entry.if_match)
        if entry.method == "DELETE":
            return Deletion(entry.type, id_, version)
        if entry.method == "PUT" and entry.search is None:
            id_in_body(_resource(entry), id_)
        return self._preparation.write(_resource(entry), id_, fresh=target.fresh, if_match=version)

    async def _run(self, work: Callable[[], T]) -> T:
        return await beside(work, len(self.entries) > LARGE or self._preparation.validates)


def _outcome(result: Result | None) -> Outcome:
    return Outcome(result.status, result.stored) if result else Outcome("absent", None)


def _is_conditional(entry: Entry) -> bool:
    return entry.if_none_exist is not None or (entry.search is not None and entry.writes)


def _resource(entry: Entry) -> Resource:
    return entry.resource if entry.resource is not None else {}


def _plain_target(entry: Entry) -> _Target:
    if entry.method == "POST":
        if entry.id is not None:
            sentence = f"POST {entry.url[:200]} is not supported in a transaction; create with POST {entry.type}."
            raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)
        return _Target(entry, new_id(), fresh=True)
    if entry.id is None:
        raise fault(Category.MALFORMED, "required", f"{entry.method} needs an id or a condition in request.url, as in {entry.type}/123.")
    return _Target(entry, checked_id(entry.id))


def _conditional_target(entry: Entry, ids: tuple[str, ...]) -> _Target:
    given = _resource(entry).get("id") if entry.method == "PUT" else None
    if ids:
        if given not in (None, ids[0]):
            sentence = f"The body has the id {given!r}, but {entry.url[:200]} matches {entry.type}/{ids[0]}; leave the id out or mend it."
            raise fault(Category.MALFORMED, "value", sentence)
        return _Target(entry, ids[0], matched=entry.method == "POST")
    if entry.method == "DELETE":
        return _Target(entry, None)
    return _Target(entry, checked_id(given)) if given else _Target(entry, new_id(), fresh=True)


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
