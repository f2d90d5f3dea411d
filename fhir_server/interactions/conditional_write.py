"""update, patch and delete of what a search finds, and patch by id (https://hl7.org/fhir/R4/http.html#cond-update, #patch, #3.1.0.7.1).

Each is made ready outside the store's lock, on what was read then; where somebody else was faster it is made ready again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Literal, Protocol, TypeVar

from fhir_server.interactions.conditional import ATTEMPTS, ConditionalSearch, Identified, too_busy
from fhir_server.interactions.identity import checked_id, required_version
from fhir_server.interactions.outcome import Outcome
from fhir_server.interactions.preparation import Preparation
from fhir_server.interactions.turns import beside, is_large
from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.model.json_format import Resource
from fhir_server.patch import Patch
from fhir_server.store.change import Change, Condition, Deletion, StaleCondition, Write
from fhir_server.store.decision import other_version
from fhir_server.store.stored import Stored
from fhir_server.store.wanted_version import WantedVersion

T = TypeVar("T")
ConditionalDelete = Literal["single", "multiple"]


class Commits(Protocol):
    """What `Interactions` does with changes that are ready."""

    async def read(self, type_name: str, id_: str) -> Stored: ...

    async def committed(
        self, changes: Sequence[tuple[Change, Resource | None]], conditions: Sequence[Condition], told: tuple[Issue, ...] = ()
    ) -> list[Outcome]: ...


class ConditionalWrites:
    """`deletes` says whether a conditional delete may take away several resources."""

    def __init__(self, commits: Commits, preparation: Preparation, conditional: ConditionalSearch, deletes: ConditionalDelete):
        self._commits = commits
        self._preparation = preparation
        self._conditional = conditional
        self.deletes = deletes

    async def update(self, type_name: str, search: str, resource: Resource, if_match: str | None = None) -> Outcome:
        """Replace the one that matches, or create; PRECONDITION where several match, MALFORMED where the body has another's id."""
        self._preparation.check(resource, type_name)
        told = await beside(lambda: self._preparation.judge(resource), self._preparation.validates)
        return await _repeated(partial(self._update, type_name, search, resource, required_version(if_match), told))

    async def _update(
        self, type_name: str, search: str, resource: Resource, version: WantedVersion | None, told: tuple[Issue, ...]
    ) -> Outcome:
        found = await self._conditional.for_update(type_name, search, resource.get("id"))
        write = await beside(
            lambda: self._preparation.write(resource, found.id, fresh=found.fresh and version is None, if_match=version), is_large(resource)
        )
        (outcome,) = await self._commits.committed([(write, resource)], found.conditions, told)
        return outcome

    async def patch(self, type_name: str, id_: str, patch: Patch, if_match: str | None = None) -> Outcome:
        """Change what stands under the id; NOT_FOUND or GONE where nothing does, INVALID where the patch does not apply."""
        self._preparation.known_type(type_name)
        found = Identified(checked_id(id_), ())
        return await _repeated(partial(self._patch, type_name, found, patch, required_version(if_match)))

    async def patch_match(self, type_name: str, search: str, patch: Patch, if_match: str | None = None) -> Outcome:
        """Change the one that matches; NOT_FOUND where none does, PRECONDITION where several do."""
        self._preparation.known_type(type_name)
        version = required_version(if_match)

        async def attempt() -> Outcome:
            return await self._patch(type_name, await self._conditional.for_patch(type_name, search), patch, version)

        return await _repeated(attempt)

    async def _patch(self, type_name: str, found: Identified, patch: Patch, version: WantedVersion | None) -> Outcome:
        standing = await self._commits.read(type_name, found.id)
        check_wanted(standing, version)
        resource, write, told = await beside(partial(self._patched, patch, standing), True)
        try:
            (outcome,) = await self._commits.committed([(write, resource)], found.conditions, told)
        except FhirError as error:
            raise _overtaken(error) from None
        return outcome

    def _patched(self, patch: Patch, standing: Stored) -> tuple[Resource, Write, tuple[Issue, ...]]:
        resource = self._preparation.patched(patch, standing)
        told = self._preparation.judge(resource)
        return resource, self._preparation.write(resource, standing.id, fresh=False, if_match=standing.version), told

    async def delete(self, type_name: str, search: str, if_match: str | None = None) -> list[Outcome]:
        """Delete what matches; no outcome where nothing does. PRECONDITION where several match and only one may be deleted."""
        self._preparation.known_type(type_name)
        return await _repeated(partial(self._delete, type_name, search, required_version(if_match)))

    async def _delete(self, type_name: str, search: str, version: WantedVersion | None) -> list[Outcome]:
        found, conditions = await self._conditional.for_delete(type_name, search, several=self.deletes == "multiple")
        for stored in found:
            check_wanted(stored, version)
        changes = [(Deletion(type_name, stored.id, stored.version), None) for stored in found]
        try:
            return await self._commits.committed(changes, conditions) if changes else []
        except FhirError as error:
            raise _overtaken(error) from None


def check_wanted(standing: Stored, version: WantedVersion | None) -> None:
    """PRECONDITION where If-Match asks for another version than the one that was read."""
    if version is not None and not version.is_met(standing.version, standing.deleted):
        raise other_version(standing.type, standing.id, version, standing.version, standing.deleted)


def _overtaken(error: FhirError) -> Exception:
    """Another write came between the reading and the commit: what is read then tells whether If-Match still holds."""
    return StaleCondition() if error.category is Category.PRECONDITION else error


async def _repeated(attempt: Callable[[], Awaitable[T]]) -> T:
    for _ in range(ATTEMPTS):
        try:
            return await attempt()
        except StaleCondition:
            continue
    raise too_busy()
