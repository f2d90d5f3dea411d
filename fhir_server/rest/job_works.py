"""How each kind of asynchronous request is carried out: a kept request, an export, an import."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

import msgspec
from starlette.types import Receive, Scope

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.operations.export import Exporter, ExportRequest
from fhir_server.operations.import_ndjson import ImportProgress, NdjsonImport
from fhir_server.rest.deferred import KeptRequest, Resent, scope_of
from fhir_server.rest.import_source import fetched
from fhir_server.rest.job_result import JobResult, ResultFile
from fhir_server.rest.job_runner import Progress, Work, now
from fhir_server.rest.response import Response
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import NOBODY, Caller
from fhir_server.store.job import SENT, Job, Jobs
from fhir_server.store.job_file import JobFileWriter, lines, unpacked
from fhir_server.store.stored import instant

Answer = Callable[[Scope, Receive], Awaitable[Response]]
Require = Callable[[Caller], Awaitable[None]]
WorkingFor = Callable[[Caller, str], AbstractAsyncContextManager[Interactions]]


class KeptExport(msgspec.Struct, frozen=True):
    """`told` are OperationOutcomes about what was asked and is not done."""

    url: str
    request: ExportRequest
    told: tuple[dict[str, object], ...] = ()
    caller: Caller = NOBODY


class ImportSource(msgspec.Struct, frozen=True):
    """Where lines come from: a URL, or, where it is empty, what was sent. `type` is the only resource type that they may be of."""

    url: str = ""
    type: str | None = None


class KeptImport(msgspec.Struct, frozen=True):
    url: str
    sources: tuple[ImportSource, ...]
    caller: Caller = NOBODY


class JobWorks:
    """What the works stand on; `answer` is the application's way from a request to an answer, `working_for` the server as a caller
    sees it, `require` refuses a caller who is let in no more."""

    def __init__(self, jobs: Jobs, working_for: WorkingFor, settings: RestSettings, answer: Answer, require: Require):
        self._jobs = jobs
        self._working_for = working_for
        self._settings = settings
        self._answer = answer
        self._require = require

    @property
    def by_kind(self) -> Mapping[str, Work]:
        return {"request": self.request, "export": self.export, "import": self.load}

    async def request(self, job: Job, progress: Progress) -> JobResult:
        """One that changes something is not repeated: nobody knows how far it came."""
        asked = msgspec.json.decode(job.request, type=KeptRequest)
        await self._require(asked.caller)
        if asked.changes and job.attempts > 1:
            sentence = "The server was stopped while it carried out this request: it may be done or not. Look before you repeat it."
            raise fault(Category.INTERNAL, "incomplete", sentence)
        await self._jobs.clear(job.id)
        progress.text = "in progress"
        body = b"".join([piece async for piece in unpacked(self._jobs, job.id, SENT)])
        response = await self._answer(scope_of(asked, len(body)), Resent(body))
        return await self._kept(job, asked, response)

    async def _kept(self, job: Job, asked: KeptRequest, response: Response) -> JobResult:
        kind = next((value.decode("latin-1") for name, value in response.headers if name == b"content-type"), "")
        if response.status >= 400 and "json" in kind:
            return JobResult(status=response.status, outcome=decode_json(response.body))
        more: dict[str, object] = {"request": asked.url}
        if not response.body:
            return JobResult(instant(now()), (), more)
        file = JobFileWriter(self._jobs, job.id, "answer")
        await file.write(response.body)
        await file.close()
        type_name = str(decode_json(response.body).get("resourceType", "")) if "json" in kind else "Bundle"
        return JobResult(instant(now()), (ResultFile("output", "answer", type_name, 1, kind.partition(";")[0]),), more, response.status)

    async def export(self, job: Job, progress: Progress) -> JobResult:
        """Begun anew where it was interrupted, as of the moment then."""
        asked = msgspec.json.decode(job.request, type=KeptExport)
        await self._require(asked.caller)
        await self._jobs.clear(job.id)

        def tell(text: str) -> None:
            progress.text = text

        async with self._working_for(asked.caller, "$export") as interactions:
            exported = await Exporter(interactions, asked.request, partial(JobFileWriter, self._jobs, job.id), tell).run()
        sections = (("output", exported.output), ("deleted", exported.deleted))
        files = [ResultFile(section, file.name, file.type, file.count) for section, found in sections for file in found]
        files += await self._told(job, asked.told)
        return JobResult(exported.moment, tuple(files), {"request": asked.url})

    async def load(self, job: Job, progress: Progress) -> JobResult:
        """Taken up behind the last lines that were told to be stored."""
        asked = msgspec.json.decode(job.request, type=KeptImport)
        await self._require(asked.caller)
        state = msgspec.json.decode(job.state, type=ImportProgress) if job.state else ImportProgress()

        def tell(reached: ImportProgress) -> None:
            progress.text = f"{sum(reached.stored.values())} resources stored, {reached.refused} refused"
            progress.state = msgspec.json.encode(reached)

        async with self._working_for(asked.caller, "$import") as interactions:
            work = NdjsonImport(interactions, job.id, state, tell)
            for number, source in enumerate(asked.sources):
                content = fetched(source.url, self._settings) if source.url else unpacked(self._jobs, job.id, SENT)
                await work.load(number, source.url or "the body", lines(content, self._settings.max_body_bytes), source.type)
        return await self._loaded(job, asked, work.progress)

    async def _loaded(self, job: Job, asked: KeptImport, reached: ImportProgress) -> JobResult:
        counts = [{"type": name, "count": count} for name, count in sorted(reached.stored.items())]
        files = await self._told(job, tuple(reached.errors))
        return JobResult(instant(now()), tuple(files), {"request": asked.url, "outcome": counts, "refused": reached.refused})

    async def _told(self, job: Job, outcomes: tuple[dict[str, object], ...]) -> list[ResultFile]:
        """The file of errors, where there are any."""
        if not outcomes:
            return []
        file = JobFileWriter(self._jobs, job.id, "errors.ndjson")
        for outcome in outcomes:
            await file.write(encode_json(outcome) + b"\n")
        await file.close()
        return [ResultFile("error", file.name, "OperationOutcome", len(outcomes))]
