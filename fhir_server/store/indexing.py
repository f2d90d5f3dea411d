"""What the index rows were made from, and making them anew while others read and write.

A parameter's fingerprint (`fhir_server.search.fingerprint`) changes with whatever would change its rows. A type's `goal` is what its rows
are to come from: who writes marks his rows with the generation of the goals that he knows (`Write.generation`), and a resource whose mark
is not the generation in force at its commit is put in a queue. So a reindexing that goes once through the resources, and then through the
queue, leaves none behind, whichever process wrote meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fhir_server.search.rows import IndexRows
from fhir_server.store.stored import Stored

Fingerprints = Mapping[str, str]
"""Parameter -> fingerprint."""

BATCH_BYTES = 8 * 2**20
"""Contents that are looked at together; one that is larger comes alone."""


@dataclass(frozen=True, slots=True)
class TypeIndex:
    """`made`: what all rows of the type hold at least; `goal`: what they are made from now; `done`: the pk that reindexing has come to."""

    made: Fingerprints
    goal: Fingerprints
    done: int = 0

    @property
    def is_complete(self) -> bool:
        return self.made == self.goal


@dataclass(frozen=True, slots=True)
class IndexState:
    """The newest generation and all types that are known."""

    generation: int
    revision: int
    types: Mapping[str, TypeIndex]


@dataclass(frozen=True, slots=True)
class Control:
    """`generation` and `revision` as they stand, and whether there is a queue."""

    generation: int
    revision: int
    has_queue: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource as it stands, with the number that its index rows carry."""

    pk: int
    stored: Stored


@dataclass(frozen=True, slots=True)
class Renewal:
    """New index rows for a resource, as long as it has still this version; None where the resource is deleted."""

    pk: int
    version: int
    index: IndexRows | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Resources of a type that are indexed anew, and how many there are."""

    done: int
    total: int


class Indexing(Protocol):
    """The state of the index, and its renewal. Every method is durable when it returns."""

    async def state(self) -> IndexState:
        """All that is known."""

    async def control(self) -> Control:
        """What is asked often: whether anything has changed."""

    async def aim(self, goals: Mapping[str, Fingerprints], *, afresh: bool = False) -> IndexState:
        """Set the goals of these types. A type without resources is at its goal at once; `afresh` forgets what was made before."""

    async def standing(self, type_name: str, after: int, limit: int) -> list[Standing]:
        """Resources of the type behind a pk, in its order; fewer than `limit` where they are large, none at the end."""

    async def queued(self, limit: int) -> list[Standing]:
        """Resources of the queue, deleted ones too."""

    async def renew(self, renewals: Sequence[Renewal], type_name: str | None = None, done: int = 0) -> None:
        """Replace the rows of those that have still their version, and take them off the queue; the type has come to `done`."""

    async def finish(self, type_name: str, goal: Fingerprints) -> bool:
        """All rows of the type come from this goal; False where it has another one by now."""

    async def lease(self, owner: str, now: int, until: int) -> bool:
        """Whether the owner may reindex in the background until then (microseconds): nobody else does."""

    async def count(self, types: Sequence[str]) -> int:
        """How many resources these types have."""

    async def progress(self) -> dict[str, Progress]:
        """How far the types are that are not at their goal."""


def text_of(fingerprints: Fingerprints) -> str:
    """As the database keeps it: equal texts for equal fingerprints."""
    return json.dumps(fingerprints, sort_keys=True, separators=(",", ":"))


def type_index(made: str, goal: str, done: int) -> TypeIndex:
    """Out of a row of `reindexing_type`."""
    known: Fingerprints = json.loads(made)
    return TypeIndex(known, known if goal == made else json.loads(goal), done)


def aimed(now: TypeIndex | None, goal: Fingerprints, *, is_empty: bool, afresh: bool) -> TypeIndex:
    """What a new goal makes of a type. While a reindexing was under way, rows of two makings stand beside one another:
    only what both have in common is in all of them."""
    if is_empty:
        return TypeIndex(goal, goal)
    if now is None or afresh:
        return TypeIndex({}, goal)
    return TypeIndex({code: one for code, one in now.made.items() if now.goal.get(code) == one}, goal)
