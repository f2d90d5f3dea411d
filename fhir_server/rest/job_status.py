"""Where an asynchronous request is asked after: how far it is, what came of it, its files, its end (https://hl7.org/fhir/R4/async.html)."""

from __future__ import annotations

from email.utils import formatdate

import msgspec

from fhir_server.model.issue import Category, FhirError, Issue, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.rest.compression import accepted_coding
from fhir_server.rest.deferred import STATUS_PATH
from fhir_server.rest.job_result import JobResult, ResultFile, result_of
from fhir_server.rest.job_runner import now
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Header, Response
from fhir_server.security.caller import NOBODY, Caller
from fhir_server.store.job import Job
from fhir_server.store.job_file import packed, unpacked

RETRY_SECONDS = ((2, b"1"), (60, b"5"), (float("inf"), b"30"))
"""Age of a job in seconds, and when to ask again: seldom about what takes long."""


async def job_status(request: FhirRequest) -> Response:
    """202 with X-Progress while it runs; then the manifest, or the error that it ended with."""
    job = await _job(request)
    if job.status != "done":
        return Response(202, [(b"x-progress", _progress(job)), (b"retry-after", _retry_after(job))])
    result = result_of(job.result)
    if result.outcome is not None:
        return await represented(request, result.status, encode_json(result.outcome), _expires(job))
    return Response(200, [(b"content-type", b"application/json"), *_expires(job)], encode_json(_manifest(request, job, result)))


async def job_file(request: FhirRequest) -> Response:
    """A file of what came of it, gzip where that is taken."""
    job = await _job(request)
    files = {file.name: file for file in result_of(job.result).files} if job.status == "done" else {}
    if request.member not in files:
        raise fault(Category.NOT_FOUND, "not-found", "This asynchronous request has no such file; its status lists those it has.")
    kind = files[request.member].media_type.encode()
    jobs = request.service.interactions.store.jobs
    headers: list[Header] = [(b"content-type", kind), (b"x-content-type-options", b"nosniff"), *_expires(job)]
    if accepted_coding(request.header(b"accept-encoding") or "", ("gzip",)) is None:
        return Response(200, headers, stream=unpacked(jobs, job.id, request.member))
    return Response(200, [*headers, (b"content-encoding", b"gzip")], stream=packed(jobs, job.id, request.member))


async def cancel_job(request: FhirRequest) -> Response:
    """202: what runs is stopped, what came of it is removed."""
    job = await _job(request)
    await request.service.interactions.store.jobs.expire(job.id, now())
    request.service.runner.cancel(job.id)
    told = Issue("information", "informational", "The asynchronous request is cancelled and what came of it is removed.")
    return await represented(request, 202, encode_json(operation_outcome([told])), [])


async def _job(request: FhirRequest) -> Job:
    """The job, where the caller is who asked for it; any other is not there."""
    job = await request.service.interactions.store.jobs.read(request.id, now())
    if job is None or not _is_theirs(job, request.caller):
        raise _absent()
    return job


class _Asked(msgspec.Struct, frozen=True):
    """What all kept requests have in common."""

    caller: Caller = NOBODY


def _is_theirs(job: Job, caller: Caller) -> bool:
    asker = msgspec.json.decode(job.request, type=_Asked).caller
    return _who(asker) == _who(caller)


def _who(caller: Caller) -> tuple[str | None, ...]:
    """The patient is part of it: what an app asked for one person is not shown where it is open for another."""
    return caller.subject, caller.client, caller.tenant, caller.patient


def _absent() -> FhirError:
    sentence = "There is no such asynchronous request: it was cancelled, has expired, or never was. Send it again."
    return fault(Category.NOT_FOUND, "not-found", sentence)


def _progress(job: Job) -> bytes:
    text = job.progress if job.status == "running" else ""
    return (text or ("in progress" if job.status == "running" else "waiting to begin")).encode("ascii", "replace")[:100]


def _retry_after(job: Job) -> bytes:
    age = (now() - job.created) / 1e6
    return next(seconds for limit, seconds in RETRY_SECONDS if age < limit)


def _expires(job: Job) -> list[Header]:
    return [(b"expires", formatdate(job.expires // 1_000_000, usegmt=True).encode()), (b"cache-control", b"no-store")]


def _manifest(request: FhirRequest, job: Job, result: JobResult) -> dict[str, object]:
    """https://hl7.org/fhir/R4/async.html#3.1.6.4"""
    members: dict[str, object] = {"transactionTime": result.moment, **result.more, "requiresAccessToken": False, "output": [], "error": []}
    for file in result.files:
        section = members.setdefault(file.section, [])
        assert isinstance(section, list)
        section.append(_listed(request, job, file))
    return members


def _listed(request: FhirRequest, job: Job, file: ResultFile) -> dict[str, object]:
    listed: dict[str, object] = {"type": file.type, "url": f"{request.base}/{STATUS_PATH}/{job.id}/{file.name}"}
    return listed | ({} if file.count is None else {"count": file.count})
