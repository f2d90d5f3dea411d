"""Where access is asked for: a caller comes, and leaves with what they may see and do now.

What a circle is made from changes seldom, so it is remembered until a resource of the types that grant was committed (by any process:
the database is asked), or until a period begins or ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from fhir_server.access.access import Access
from fhir_server.access.circle import Circle, Evidence, addressed, circle_of, concerned, roles
from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.search.clause import Clause
from fhir_server.search.fingerprint import ACCESS
from fhir_server.search.query import parse_query
from fhir_server.search.sight.grant import ANYBODY, Grant
from fhir_server.search.sight.grants import GRANTING
from fhir_server.security.caller import Caller
from fhir_server.store.store import Store

REMEMBERED = 1024
"""Callers whose access is remembered."""


def _microseconds() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class _Remembered:
    access: Access
    newest: int


class AccessDesk:
    """One for a server. `incomplete` tells, by type, what of the index is still being made."""

    def __init__(
        self, store: Store, definitions: Definitions, incomplete: Callable[[], Collection[Collection[str]]] = tuple,
        clock: Callable[[], int] = _microseconds,
    ):  # fmt: skip
        self._store = store
        self._definitions = definitions
        self._types = tuple(sorted(definitions.schema.resource_types))
        self._incomplete = incomplete
        self._clock = clock
        self._known: dict[Caller, _Remembered] = {}
        self._filters = lru_cache(maxsize=256)(self._filter)

    async def access(self, caller: Caller) -> Access:
        """What the caller may see and do now; BUSY while the index that it is decided by is being made."""
        if caller.patient or caller.whole:
            newest = 0
        else:
            self._require_complete()
            newest = await self._store.newest_of(GRANTING)
        known = self._known.get(caller)
        if known is not None and known.newest == newest and self._clock() < known.access.circle.until:
            return known.access
        access = Access(caller, await self._circle(caller), self._types, self._filters)
        self._remember(caller, _Remembered(access, newest))
        return access

    def _require_complete(self) -> None:
        if (incomplete := self._incomplete()) and any(ACCESS in codes for codes in incomplete):
            raise fault(Category.BUSY, "incomplete", "After an upgrade the server is working out who may see what; ask again in a moment.")

    def _remember(self, caller: Caller, found: _Remembered) -> None:
        self._known.pop(caller, None)
        self._known[caller] = found
        while len(self._known) > REMEMBERED:
            self._known.pop(next(iter(self._known)))

    async def _circle(self, caller: Caller) -> Circle:
        """Of who calls for one person, or serves the whole, there is nothing to work out."""
        if caller.patient or caller.whole or not caller.actors:
            return Circle()
        now = self._clock()
        return circle_of(await self._evidence([f"{type_name}/{id_}" for type_name, id_ in caller.actors], now), now)

    async def _evidence(self, actors: list[str], now: int) -> Evidence:
        own = await self._store.grants(actors)
        if in_roles := roles(own, now):
            own += await self._store.grants(in_roles)
        named = await self._named(addressed(own))
        persons = concerned((*own, *named))
        general = await self._store.grants([ANYBODY], persons) if persons else []
        return Evidence(tuple(own), tuple(named), tuple(one for one in general if one.kind == "deny"))

    async def _named(self, referrals: frozenset[str]) -> list[Grant]:
        """What referrals name; of a task also what the referral names that it is about."""
        named = await self._store.grants(referrals) if referrals else []
        further = {one.target for one in named if one.target.startswith("ServiceRequest/")} - referrals
        return named + (await self._store.grants(further) if further else [])

    def _filter(self, type_name: str, pairs: tuple[tuple[str, str], ...]) -> tuple[Clause, ...] | None:
        try:
            query = parse_query(type_name, pairs, self._definitions)
        except FhirError:
            return None
        return None if query.not_understood or not query.clauses else query.clauses
