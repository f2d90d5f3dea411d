"""Referential integrity (https://hl7.org/fhir/R4/references.html#2.3.0.1): references to what is not here, and deletions of what is
referred to. R4 leaves it to the server; off by default, told as warnings, or enforced.

Looked at are references to this server: `Patient/1`, and URLs below its base. Enforced, they become conditions of the commit, so
that nobody deletes the target in between. What refers to a resource is found by search parameters, so an element without one keeps
nobody from deleting its target.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions.searching import Searching, require_complete
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.references import parse_reference
from fhir_server.search.query import Query
from fhir_server.store.change import Change, Condition, Deletion
from fhir_server.store.store import Store

IntegrityMode = Literal["off", "warn", "enforce"]
Key = tuple[str, str]
"""Type and id."""

Referring = dict[str, list[Key]]
"""By type, (resource type, search parameter) of all that may refer to it: worked out once for all."""

ANY_TARGET = frozenset(("Resource", "Any", ""))


class Reference(NamedTuple):
    """A reference to a resource of this server, and where it stands."""

    key: Key
    expression: str


@dataclass(slots=True)
class Guarded:
    """What must hold at the commit, and what is to be told of each change (by its position)."""

    conditions: list[Condition] = field(default_factory=list)
    told: dict[int, tuple[Issue, ...]] = field(default_factory=dict)


class Misses(FhirError):
    """A change that integrity refuses; `position` is its place among the changes."""

    def __init__(self, error: FhirError, position: int):
        super().__init__(error.category, error.issues)
        self.position = position


class Integrity:
    """`guard` looks at what is about to be committed."""

    def __init__(self, mode: IntegrityMode, store: Store, definitions: Definitions, searching: Searching, referring: Referring):
        self.mode = mode
        self._store = store
        self._definitions = definitions
        self._searching = searching
        self._referring = referring

    @property
    def is_off(self) -> bool:
        return self.mode == "off"

    async def guard(self, changes: Sequence[tuple[Change, Resource | None]]) -> Guarded:
        """Conditions and warnings; `Misses` (INVALID or CONFLICT) for the first change that is refused."""
        guarded = Guarded()
        if self.is_off:
            return guarded
        written = {(change.type, change.id) for change, _ in changes if not isinstance(change, Deletion)}
        deleted = {(change.type, change.id) for change, _ in changes if isinstance(change, Deletion)}
        conditions: dict[Key, Condition] = {}
        for position, (change, resource) in enumerate(changes):
            if isinstance(change, Deletion):
                await self._check_deletion(position, change, written | deleted, guarded)
            else:
                missing = [one async for one in self._missing(resource or {}, written, deleted, conditions)]
                self._tell(position, missing, guarded)
        if self.mode == "enforce":
            guarded.conditions += conditions.values()
        return guarded

    async def _missing(self, resource: Resource, written: set[Key], deleted: set[Key], known: dict[Key, Condition]) -> Any:
        for found in references(resource, self._searching.base):
            if found.key in written or found.key in known:
                continue
            if found.key[0] in self._definitions.schema.resource_types and found.key not in deleted:
                stored = await self._store.read(*found.key)
                if stored is not None and not stored.deleted:
                    known[found.key] = Condition(self._searching.query(found.key[0], [("_id", found.key[1])]), (found.key[1],))
                    continue
            yield found

    def _tell(self, position: int, missing: list[Reference], guarded: Guarded) -> None:
        if not missing:
            return
        severity: Literal["error", "warning"] = "error" if self.mode == "enforce" else "warning"
        issues = tuple(Issue(severity, "not-found", _sentence(one), one.expression, message_id="reference-missing") for one in missing)
        if self.mode == "enforce":
            raise Misses(FhirError(Category.INVALID, issues), position)
        guarded.told[position] = issues

    async def _check_deletion(self, position: int, change: Deletion, ours: set[Key], guarded: Guarded) -> None:
        for type_name, code in self._parameters(change.type):
            query = self._searching.query(type_name, [(code, f"{change.type}/{change.id}")])
            require_complete(query)
            ids = await self._store.matches(query)
            others = await self._others(query, type_name, ids, ours)
            if others:
                self._refuse(position, change, f"{type_name}/{others[0]}", code, guarded)
                return
            if self.mode == "enforce":
                guarded.conditions.append(Condition(query, ids))

    async def _others(self, query: Query, type_name: str, ids: tuple[str, ...], ours: set[Key]) -> list[str]:
        """Who refers to the resource and is neither deleted nor written in the same commit."""
        others = [id_ for id_ in ids if (type_name, id_) not in ours]
        if others or len(ids) < 2:
            return others
        page = await self._store.search(replace(query, count=len(ours) + 1))
        return [stored.id for stored in page.matches if (type_name, stored.id) not in ours]

    def _refuse(self, position: int, change: Deletion, by: str, code: str, guarded: Guarded) -> None:
        sentence = f"{change.type}/{change.id} is referred to by {by} ({code})"
        if self.mode == "enforce":
            mend = f"{sentence}; change or delete that first. Nothing was deleted."
            raise Misses(fault(Category.CONFLICT, "conflict", mend), position)
        guarded.told[position] = (Issue("warning", "conflict", f"{sentence}, whose reference now leads nowhere."),)

    def _parameters(self, target: str) -> list[Key]:
        """(resource type, search parameter) of all that may refer to a type."""
        known = self._referring.get(target)
        if known is None:
            known = self._referring[target] = list(self._find_parameters(target))
        return known

    def _find_parameters(self, target: str) -> Iterator[Key]:
        for type_name in sorted(self._definitions.schema.resource_types):
            for parameter in self._definitions.search_parameters(type_name).values():
                may_refer = not parameter.targets or target in parameter.targets or ANY_TARGET & set(parameter.targets)
                if parameter.type == "reference" and parameter.expression and may_refer:
                    yield type_name, parameter.code


def references(resource: Resource, base: str | None = None) -> Iterator[Reference]:
    """The references of a resource to resources of this server, those of contained resources included."""
    waiting: list[tuple[Any, str]] = [(resource, str(resource.get("resourceType")))]
    while waiting:
        node, place = waiting.pop()
        if type(node) is list:
            waiting += [(item, f"{place}[{index}]") for index, item in enumerate(node) if type(item) in (dict, list)]
            continue
        waiting += [(value, f"{place}.{name}") for name, value in node.items() if type(value) in (dict, list)]
        if isinstance(text := node.get("reference"), str) and (key := _local(text, base)):
            yield Reference(key, place)


def _local(text: str, base: str | None) -> Key | None:
    parsed = parse_reference(text)
    ours = parsed.kind == "relative" or (parsed.kind == "absolute" and base is not None and parsed.base == base)
    return (parsed.type, parsed.id) if ours and parsed.type and parsed.id else None


def _sentence(one: Reference) -> str:
    return f"The reference leads to {one.key[0]}/{one.key[1]}, which is not on this server; store it first, or in the same transaction."
