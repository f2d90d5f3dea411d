"""Runs asynchronous requests, a few at a time, and takes up those that an earlier run of the server, or another process, left behind.

A job is claimed in the store, so no two processes run the same. While it runs its owner says so every few seconds; one that was silent for
a minute, or belongs to a server that is no more, is claimed anew. A job that was cancelled or has expired learns it when it reports.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.rest.job_result import JobResult, result_bytes
from fhir_server.store.job import SILENT, Job, Jobs

logger = logging.getLogger(__name__)

AT_ONCE = 2
ATTEMPTS = 5
REPORT_SECONDS = 2.0
LOOK_SECONDS = 10.0
"""How often an idle server looks for what others left and for what has expired."""


@dataclass(slots=True)
class Progress:
    """How far a job is: what the client is told, and what who goes on with it needs."""

    text: str = ""
    state: bytes = b""


Work = Callable[[Job, Progress], Awaitable[JobResult]]


def now() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


class JobRunner:
    """One for an application. It works by itself as long as something waits; `attending` makes it look further."""

    def __init__(self, jobs: Jobs, kept_hours: float, clock: Callable[[], int] = now):
        self._jobs = jobs
        self.works: Mapping[str, Work] = {}
        """How each kind of job is done."""
        self._kept = int(kept_hours * 3600e6)
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._claiming: asyncio.Task[None] | None = None
        self._again = False

    def wake(self) -> None:
        """Something waits to be run."""
        self._again = True
        if self._claiming is None or self._claiming.done():
            self._claiming = asyncio.create_task(self._claim_now(), name="passerelle-jobs")

    def cancel(self, id_: str) -> None:
        """Stop a job where it runs here; elsewhere its owner will see that it has expired."""
        if task := self._tasks.get(id_):
            task.cancel()

    @contextlib.asynccontextmanager
    async def attending(self) -> AsyncIterator[None]:
        """Look for jobs as long as the server runs; what still runs at its end is left for the next."""
        looking = asyncio.create_task(self._look(), name="passerelle-jobs-look")
        try:
            yield
        finally:
            await _ended(looking)
            await self.close()

    async def close(self) -> None:
        """Leave what runs to whoever comes next."""
        await _ended(self._claiming, *self._tasks.values())

    async def _look(self) -> None:
        lost = self._clock() - SILENT if self._jobs.shared else self._clock() + 1
        while True:
            try:
                await self._claim(lost)
                await self._sweep()
            except FhirError as error:
                logger.warning("jobs: the store does not answer: %s", error.category.value)
            await asyncio.sleep(LOOK_SECONDS)
            lost = self._clock() - SILENT

    async def _sweep(self) -> None:
        while await self._jobs.sweep(self._clock()):
            continue

    async def _claim_now(self) -> None:
        """As `_look` does in its turn, which tries again where the store does not answer now."""
        try:
            await self._claim(self._clock() - SILENT)
        except FhirError as error:
            logger.warning("jobs: the store does not answer: %s", error.category.value)

    async def _claim(self, lost: int) -> None:
        """Begin what waits, as far as there is room; who ends looks for more."""
        self._again = True
        while self._again:
            self._again = False
            while len(self._tasks) < AT_ONCE and (job := await self._jobs.claim(self._owner, self._clock(), lost)):
                task = asyncio.create_task(self._run(job), name=f"passerelle-job-{job.kind}")
                self._tasks[job.id] = task
                task.add_done_callback(lambda _, id_=job.id: self._ended(id_))  # type: ignore[misc]

    def _ended(self, id_: str) -> None:
        task = self._tasks.pop(id_)
        if not task.cancelled():
            self.wake()

    async def _run(self, job: Job) -> None:
        progress = Progress(job.progress, job.state)
        work = asyncio.create_task(self._result(job, progress))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=REPORT_SECONDS)
                if not work.done() and not await self._report(job, progress):
                    return
            await self._jobs.finish(job.id, self._owner, self._clock() + self._kept, result_bytes(work.result()))
        except asyncio.CancelledError:
            await _ended(work)
            await self._jobs.ready(job.id)
            raise
        finally:
            await _ended(work)

    async def _report(self, job: Job, progress: Progress) -> bool:
        try:
            return await self._jobs.report(job.id, self._owner, self._clock(), progress.text, progress.state)
        except FhirError:
            return True  # the store does not answer now; the work itself will see whether it does later

    async def _result(self, job: Job, progress: Progress) -> JobResult:
        try:
            if job.attempts > ATTEMPTS:
                raise fault(Category.INTERNAL, "exception", f"The server was stopped {ATTEMPTS} times over this request; it is given up.")
            return await self.works[job.kind](job, progress)
        except FhirError as error:
            return JobResult.of_failure(error)
        except Exception as error:
            logger.exception("job failed: %s", type(error).__name__)
            sentence = f"The server failed to carry out this request; tell its operator the job {job.id[:8]}."
            return JobResult.of_failure(fault(Category.INTERNAL, "exception", sentence))


async def _ended(*tasks: asyncio.Task[None] | asyncio.Task[JobResult] | None) -> None:
    """Cancel what is not done, and wait until it is."""
    there = [task for task in tasks if task is not None]
    for task in there:
        task.cancel()
    await asyncio.gather(*there, return_exceptions=True)
