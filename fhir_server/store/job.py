"""Asynchronous requests as a store keeps them, so that they outlive the process and any process may go on with them
(https://hl7.org/fhir/R4/async.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

JobStatus = Literal["preparing", "waiting", "running", "done"]

COLUMNS = "id, kind, request, status, owner, attempts, created, seen, expires, progress, state, result"


@dataclass(frozen=True, slots=True)
class Job:
    """`created`, `seen` and `expires` are microseconds since 1970-01-01 UTC; `request`, `state` and `result` belong to who runs it."""

    id: str
    kind: str
    request: bytes
    status: JobStatus
    owner: str
    attempts: int
    created: int
    seen: int
    expires: int
    progress: str = ""
    state: bytes = b""
    result: bytes = b""


class Jobs(Protocol):
    """Jobs and their files. Every method is durable when it returns. One that has expired is there for nobody."""

    @property
    def shared(self) -> bool:
        """True where other processes may run jobs of this store too."""

    async def add(self, job: Job) -> None:
        """A new job; one that is `preparing` still gets files and is not run."""

    async def ready(self, id_: str) -> None:
        """What was preparing, or had to be left, waits to be run."""

    async def read(self, id_: str, now: int) -> Job | None:
        """The job, unless it has expired."""

    async def count_open(self, now: int) -> int:
        """How many are not done."""

    async def claim(self, owner: str, now: int, lost: int) -> Job | None:
        """The oldest that waits, or whose owner was last seen before `lost`; it is now this owner's. No two owners get the same."""

    async def report(self, id_: str, owner: str, now: int, progress: str, state: bytes) -> bool:
        """Say that the owner lives and how far it is; False where the job is no longer its own."""

    async def finish(self, id_: str, owner: str, expires: int, result: bytes) -> bool:
        """The job is done; False where it is no longer this owner's."""

    async def expire(self, id_: str, now: int) -> bool:
        """Let a job end at once, whatever its status; False where there is none."""

    async def sweep(self, now: int) -> int:
        """Remove some of what has expired, files first; how much is left to remove, about."""

    async def clear(self, id_: str) -> None:
        """Remove the files of a job that begins anew, except what it was sent."""

    async def append(self, id_: str, file: str, number: int, content: bytes) -> None:
        """A piece of a file; pieces are numbered from 0."""

    async def part(self, id_: str, file: str, number: int) -> bytes | None:
        """A piece; None behind the last."""


SENT = "sent"
"""The file that holds what the client sent."""

SILENT = 60_000_000
"""Microseconds: an owner that said nothing for so long is taken for dead."""

PARTS_AT_ONCE = 64
"""So many pieces are removed by one statement."""
