"""Searches as conditions (https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1, references.html#conditional).

What matched is a `Condition` of the commit: the store looks again under its writer, so that of many who race one is first, and the
others are made ready anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from fhir_server.interactions.identity import checked_id, new_id
from fhir_server.interactions.searching import Searching, require_complete
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase
from fhir_server.search.query import Query
from fhir_server.search.scope import refusal
from fhir_server.store.change import Condition
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored

ATTEMPTS = 100
"""How often a conditional interaction is made ready again when another commit came between; each means that somebody advanced."""

MAX_DELETED = 1000
"""A conditional delete takes away no more at once."""


def too_busy() -> FhirError:
    """What a conditional interaction ends with when others kept changing what it depends on."""
    return fault(Category.CONFLICT, "conflict", phrase("Others kept changing what this request depends on; nothing was stored. Try again."))


@dataclass(frozen=True, slots=True)
class Identified:
    """The resource that a condition leads to, and what must still hold at the commit.

    `fresh`: nothing matched and the id was made here; `matched`: a conditional create found its resource.
    """

    id: str
    conditions: tuple[Condition, ...]
    fresh: bool = False
    matched: bool = False


class ConditionalSearch:
    """Conditions are always read strictly: one that is not wholly understood would match too much."""

    def __init__(self, store: Store, searching: Searching):
        self._store = store
        self._searching = searching

    def query(self, type_name: str, search: str) -> Query:
        """The condition `identifier=urn:oid:1.2|3` (a leading `Type?` or `?` is allowed) as a query; FhirError where it says nothing."""
        pairs = pairs_of(search)
        if not any(value for _, value in pairs):
            sentence = phrase("The condition {search} names no search parameter; nothing was stored.", search=repr(search[:200]))
            raise fault(Category.PRECONDITION, "required", sentence)
        query = self._searching.query(type_name, pairs)
        if query.not_understood:
            raise FhirError(Category.PRECONDITION, [refusal(issue) for issue in query.not_understood])
        if not query.clauses:
            sentence = phrase("The condition {search} says nothing about {type}.", search=repr(search[:200]), type=type_name)
            raise fault(Category.PRECONDITION, "required", sentence)
        require_complete(query)
        return query

    async def match(self, query: Query, type_name: str, search: str) -> tuple[str, ...]:
        """No id or one; FhirError where several resources match."""
        ids = await self._store.matches(query)
        if len(ids) > 1:
            asked = f"{type_name}?{pure(search)[:200]}"
            sentence = phrase("Several resources match {search}; say it more narrowly. Nothing was stored.", search=asked)
            raise fault(Category.PRECONDITION, "multiple-matches", sentence)
        return ids

    async def for_create(self, type_name: str, search: str, *, absent: bool = False) -> Identified:
        """The one that matches (`matched`), else a new id. `absent`: nothing matched a moment ago; the commit tells whether that holds."""
        query = self.query(type_name, search)
        ids = () if absent else await self.match(query, type_name, search)
        condition = (Condition(query, ids),)
        return Identified(ids[0], condition, matched=True) if ids else Identified(new_id(), condition, fresh=True)

    async def for_update(self, type_name: str, search: str, given: object) -> Identified:
        """The one that matches, where the body's id (`given`, None for none) is not another; else that id, or a new one."""
        query = self.query(type_name, search)
        ids = await self.match(query, type_name, search)
        condition = Condition(query, ids)
        if ids and given not in (None, ids[0]):
            sentence = phrase(
                "The body has the id {id}, but {search} matches {place}; leave the id out or mend it.",
                id=repr(given), search=f"{type_name}?{pure(search)[:200]}", place=f"{type_name}/{ids[0]}",
            )  # fmt: skip
            raise fault(Category.MALFORMED, "value", sentence, f"{type_name}.id")
        if ids:
            return Identified(ids[0], (condition,))
        if given is None:
            return Identified(new_id(), (condition,), fresh=True)
        return Identified(checked_id(str(given)), (condition, await self._free(type_name, search, str(given))))

    async def _free(self, type_name: str, search: str, id_: str) -> Condition:
        """An update that matched nothing may create under the id of its body, and must overwrite nobody else there."""
        vacant = self.vacant(type_name, id_)
        if await self._store.matches(vacant.query):
            sentence = f"Nothing matches {type_name}?{pure(search)[:200]}, but {type_name}/{id_}, the id of the body, is another resource."
            raise fault(Category.CONFLICT, "conflict", sentence)
        return vacant

    def vacant(self, type_name: str, id_: str) -> Condition:
        """That no resource stands under the id."""
        return Condition(self._searching.query(type_name, [("_id", id_)]), ())

    def standing(self, type_name: str, id_: str) -> Condition:
        """That a resource stands under the id."""
        return Condition(self._searching.query(type_name, [("_id", id_)]), (id_,))

    async def for_patch(self, type_name: str, search: str) -> Identified:
        """The one that matches; NOT_FOUND where none does."""
        query = self.query(type_name, search)
        ids = await self.match(query, type_name, search)
        if not ids:
            sentence = phrase("Nothing matches {search}; there is nothing to patch.", search=f"{type_name}?{pure(search)[:200]}")
            raise fault(Category.NOT_FOUND, "not-found", sentence)
        return Identified(ids[0], (Condition(query, ids),))

    async def for_delete(self, type_name: str, search: str, *, several: bool) -> tuple[list[Stored], list[Condition]]:
        """What is to be deleted: one at most, or with `several` all that match, MAX_DELETED at most."""
        query = self.query(type_name, search)
        if not several:
            ids = await self.match(query, type_name, search)
            found = [stored for id_ in ids if (stored := await self._store.read(type_name, id_)) and not stored.deleted]
            return found, [Condition(query, ids)]
        pairs = [*pairs_of(search), ("_count", str(MAX_DELETED)), ("_total", "none")]
        page = await self._store.search(self._searching.query(type_name, pairs))
        if page.next is not None:
            sentence = f"Too many resources match {type_name}?{pure(search)[:200]}: over {len(page.matches)}. Nothing was deleted."
            raise fault(Category.PRECONDITION, "too-costly", sentence)
        return page.matches, [] if page.matches else [Condition(query, ())]

    async def target(self, reference: str) -> tuple[str, Condition]:
        """What a conditional reference stands for: `Practitioner?identifier=...` is `Practitioner/17`, under a condition."""
        type_name, _, search = reference.partition("?")
        query = self.query(type_name, search)
        ids = await self.match(query, type_name, search)
        if not ids:
            sentence = phrase("Nothing matches the conditional reference {search}; store its target first.", search=repr(reference[:200]))
            raise fault(Category.PRECONDITION, "not-found", sentence)
        return f"{type_name}/{ids[0]}", Condition(query, ids)


def pairs_of(search: str) -> list[tuple[str, str]]:
    """The decoded parameters of `identifier=x`, `?identifier=x` or `Patient?identifier=x`."""
    return parse_qsl(pure(search), keep_blank_values=True)


def pure(search: str) -> str:
    """The search without what may stand before it."""
    head, question, rest = search.partition("?")
    return rest if question and "=" not in head else search
