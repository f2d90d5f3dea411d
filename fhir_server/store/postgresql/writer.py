"""The one writer of this process: a task that takes all jobs that wait and commits them in one transaction (group commit).

The transaction holds the lock that all writers of the database share, so writes come one after the other whatever process they come
from: the change sequence is in the order of commits, and a condition that holds under the lock holds when it is committed.
A job either returns its result or raises before it has changed anything; where something unforeseen happens the whole group is rolled
back and each of its jobs is tried again alone. A job's future is resolved only after the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.store.audit_chain import Chain
from fhir_server.store.change import Change, StaleCondition, Write
from fhir_server.store.postgresql.connection import WRITER, Connection, connect, in_our_words, is_busy, is_lost, outcome_unknown
from fhir_server.store.postgresql.transaction import WriteTransaction

T = TypeVar("T")
Work = Callable[[WriteTransaction], Awaitable[T]]
MAX_GROUP = 128
GROUP_BYTES = 32 * 2**20
"""Of resources in one group, unless one job alone has more: they are sent together, and PostgreSQL takes no more than 1 GiB at once."""

MAX_WAITING = 4096
_ASKED = 10
"""How often the database is asked what became of a commit whose answer was lost."""
_PAUSE = 0.5


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    changes: Sequence[Change]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    @property
    def size(self) -> int:
        """Bytes of the resources that are to be written."""
        return sum(one.body.size for one in self.changes if isinstance(one, Write))

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def stopping() -> FhirError:
    """The refusal of who comes too late, or when too many wait."""
    return fault(Category.BUSY, "throttled", "The server has too many writes waiting, or is stopping; try again in a moment.")


class _OutcomeUnknown(Exception):
    """COMMIT was sent and no answer came, nor can the database be asked."""


class Writer:
    """Start once for each store, on the loop that uses it."""

    def __init__(self, url: str, connection: Connection, clock: Callable[[], int], chain: Chain):
        self._url = url
        self._connection = connection
        self._clock = clock
        self._chain = chain
        self._waiting: deque[_Job] = deque()
        self._news = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._loop(), name="passerelle-writer")

    async def submit(self, work: Work[T], changes: Sequence[Change] = ()) -> T:
        """Run `work` in the next group; returns after it is durable. `changes` are those that it will make."""
        if self._closing or len(self._waiting) >= MAX_WAITING:
            raise stopping()
        job = _Job(work, changes, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._news.set()
        result: T = await job.future
        return result

    async def close(self) -> None:
        """Finish what waits, then close the connection."""
        self._closing = True
        self._news.set()
        await self._task
        with contextlib.suppress(Exception):
            await self._connection.close(timeout=5)

    async def _loop(self) -> None:
        while self._waiting or not self._closing:
            self._news.clear()
            if not self._waiting:
                await self._news.wait()
                continue
            await self._turn()

    async def _turn(self) -> None:
        """One group; its jobs, which hold whole resources, are let go before the next is waited for."""
        group = self._next_group()
        await self._commit(group)
        for job in group:
            job.settle()

    def _next_group(self) -> list[_Job]:
        """What waits, at least one job, at most MAX_GROUP jobs or GROUP_BYTES."""
        group = [self._waiting.popleft()]
        size = group[0].size
        while self._waiting and len(group) < MAX_GROUP and (size := size + self._waiting[0].size) <= GROUP_BYTES:
            group.append(self._waiting.popleft())
        return group

    async def _commit(self, group: list[_Job]) -> None:
        try:
            await self._run(group)
        except _OutcomeUnknown:
            _refuse(group, outcome_unknown())
        except Exception as error:
            await self._roll_back()
            if len(group) == 1 or is_busy(error) or is_lost(error):
                _refuse(group, in_our_words(error))
            else:
                for job in group:
                    await self._commit([job])

    async def _run(self, group: list[_Job]) -> None:
        connection = await self._connected()
        changes = [one for job in group for one in job.changes]
        transaction = await WriteTransaction.begin(connection, self._clock(), changes, self._chain)
        for job in group:
            job.error = None
            try:
                job.result = await job.work(transaction)
            except (FhirError, StaleCondition) as error:
                job.error = error
        await transaction.flush()
        await self._end(connection, transaction)

    async def _connected(self) -> Connection:
        if self._connection.is_closed():
            self._connection = await connect(self._url, WRITER)
        return self._connection

    async def _end(self, connection: Connection, transaction: WriteTransaction) -> None:
        """Commit. Where the answer is lost with the connection, PostgreSQL is asked afterwards what became of the transaction."""
        try:
            await connection.execute("COMMIT")
        except Exception as error:
            if not is_lost(error):
                raise
            connection.terminate()
            if not await self._was_committed(transaction.xid):
                raise

    async def _was_committed(self, xid: str) -> bool:
        for _ in range(_ASKED):
            with contextlib.suppress(Exception):
                status = await (await self._connected()).fetchval("SELECT pg_xact_status($1::text::xid8)", xid)
                if status in ("committed", "aborted"):
                    return bool(status == "committed")
            await asyncio.sleep(_PAUSE)
        raise _OutcomeUnknown

    async def _roll_back(self) -> None:
        """Leave the connection without a transaction, or closed; the error that led here is the one to tell."""
        try:
            await self._connection.execute("ROLLBACK")
        except Exception:
            self._connection.terminate()


def _refuse(group: list[_Job], error: FhirError) -> None:
    for job in group:
        job.error = error
