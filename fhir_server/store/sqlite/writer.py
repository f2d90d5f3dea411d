"""The one writer: a thread that takes all jobs that wait and commits them with one fsync (group commit).

A job is a function of a `WriteTransaction`; it either returns its result or raises before it has changed anything.
Where something unforeseen happens the whole group is rolled back and each of its jobs is tried again alone, so that one
cannot spoil the others; where another process holds the file, all are refused at once, for each would wait as long again.
A job's future is resolved only after the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.store.audit_chain import Chain, Links, Sealed
from fhir_server.store.change import StaleCondition
from fhir_server.store.sqlite.audit import HEAD_FOLLOWS
from fhir_server.store.sqlite.connection import connect, in_our_words, is_busy
from fhir_server.store.sqlite.rows import insert_once
from fhir_server.store.sqlite.transaction import WriteTransaction

T = TypeVar("T")
MAX_GROUP = 128
MAX_WAITING = 4096


@dataclass(slots=True)
class _Job:
    work: Callable[[WriteTransaction], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    entries: Sequence[Sealed] = ()
    """What a job that only tells the audit trail has to tell."""
    result: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Start once for each file and process; `submit` from any event loop."""

    def __init__(self, path: Path, clock: Callable[[], int], chain: Chain):
        self._connection = connect(path)
        self._connection.execute(HEAD_FOLLOWS)
        self._clock = clock
        self._chain = chain
        self._links: Links | None = None
        self._queue: queue.Queue[_Job | None] = queue.Queue()
        self._closing = False
        self._door = threading.Lock()  # nothing is queued behind the end that `close` puts
        self._thread = threading.Thread(target=self._loop, name="passerelle-writer", daemon=True)
        self._thread.start()

    async def submit(self, work: Callable[[WriteTransaction], T]) -> T:
        """Run `work` in the next group; returns after it is durable."""
        loop = asyncio.get_running_loop()
        result: T = await self._queued(_Job(work, loop, loop.create_future()))
        return result

    async def record(self, entries: Sequence[Sealed]) -> None:
        """Tell the audit trail what belongs to no commit; returns after it is durable."""
        loop = asyncio.get_running_loop()
        await self._queued(_Job(lambda transaction: transaction.audit(entries), loop, loop.create_future(), entries))

    async def _queued(self, job: _Job) -> Any:
        with self._door:
            if self._closing or self._queue.qsize() >= MAX_WAITING:
                raise fault(Category.BUSY, "throttled", "The server has too many writes waiting, or is stopping; try again in a moment.")
            self._queue.put(job)
        return await job.future

    def close(self) -> None:
        """Finish what waits, then stop the thread and close the connection."""
        with self._door:
            self._closing = True
            self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _loop(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._turn()

    def _turn(self) -> bool:
        """One group; True after the last. Its jobs, which hold whole resources, are let go before the next is waited for."""
        group, stopping = self._next_group()
        if group:
            self._commit(group)
            _settle(group)
        return stopping

    def _next_group(self) -> tuple[list[_Job], bool]:
        """All jobs that wait now, at least one; True when the last one was taken."""
        first = self._queue.get()
        if first is None:
            return [], True
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: list[_Job]) -> None:
        try:
            if not self._recorded(group):
                self._run(group)
        except Exception as error:
            self._links = None
            self._rollback()
            if len(group) == 1 or is_busy(error):
                _refuse(group, error)
            else:
                for job in group:
                    self._commit([job])

    def _run(self, group: list[_Job]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        transaction = WriteTransaction(self._connection, self._clock(), self._chain, self._links)
        for job in group:
            job.error = None
            try:
                job.result = job.work(transaction)
            except (FhirError, StaleCondition) as error:
                job.error = error
        transaction.flush()
        self._connection.execute("COMMIT")
        self._links = transaction.links

    def _recorded(self, group: list[_Job]) -> bool:
        """Where a group only tells the audit trail, one statement is all, which commits itself: after each, the writer has to win back
        the interpreter lock from those who read. False for any other group, and for the first of this process, which begins a chain."""
        entries = [one for job in group for one in job.entries]
        if self._links is None or len(entries) > MAX_GROUP or not all(job.entries for job in group):
            return False
        for job in group:
            job.error = None
        self._links.add(entries)
        insert_once(self._connection, "audit", self._links.taken())
        return True

    def _rollback(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # the error that led here is the one to tell
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _refuse(group: list[_Job], error: Exception) -> None:
    for job in group:
        job.error = in_our_words(error) if isinstance(error, sqlite3.Error) else error


def _settle(group: list[_Job]) -> None:
    """Wake each event loop once for all of its jobs; a loop that is closed has nobody waiting."""
    for loop in {job.loop for job in group}:
        jobs = [job for job in group if job.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle_all, jobs)
        except RuntimeError:
            continue


def _settle_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
