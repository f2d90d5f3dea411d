"""`Prefer: respond-async` (https://hl7.org/fhir/R4/async.html): the request is kept, answered 202 at once and carried out beside others.

What is kept is the request as HTTP carried it; later it goes the way of the table of routes like any other.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
from starlette.types import Message, Scope

from fhir_server.model.issue import Category, Issue, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.rest.body import read_body
from fhir_server.rest.job_runner import now
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.route import Route
from fhir_server.security.caller import NOBODY, Caller, recognised
from fhir_server.store.job import SENT, Job
from fhir_server.store.job_file import JobFileWriter

OPEN_JOBS = 100
WEEK = 7 * 24 * 3600 * 1_000_000
BODY_BYTES = 256 * 1024
STATUS_PATH = "_jobs"
_KEPT = (b"accept", b"accept-language", b"content-type", b"if-none-exist", b"host")
_LATER = ("search-type", "search-system", "history-type", "history-system", "history-instance", "transaction")


class KeptRequest(msgspec.Struct, frozen=True):
    """A request without its body, which is the job's file `sent`. `path` is below the base, `base` the FHIR base as the client saw it."""

    method: str
    path: str
    query: str
    scheme: str
    root: str
    base: str
    headers: tuple[tuple[str, str], ...]
    changes: bool
    caller: Caller = NOBODY

    @property
    def url(self) -> str:
        return f"{self.base}{self.path}" + (f"?{self.query}" if self.query else "")


def kept(request: FhirRequest, *, changes: bool = False) -> KeptRequest:
    """The request, with what of its headers matters later: not that it is to be answered later."""
    scope = request.scope
    headers = [(name.decode(), request.headers[name].decode("latin-1")) for name in _KEPT if name in request.headers]
    prefer = [part.strip() for part in (request.header(b"prefer") or "").replace(";", ",").split(",")]
    if others := [part for part in prefer if part and part.lower() != "respond-async"]:
        headers.append(("prefer", ", ".join(others)))
    root = scope.get("root_path", "")
    path = scope["path"].removeprefix(root)
    query = scope["query_string"].decode("latin-1")
    return KeptRequest(request.method, path, query, scope["scheme"], root, request.base, tuple(headers), changes, request.caller)


def or_later(route: Route) -> Route:
    """The route, whose handler answers 202 where that is preferred; only of what may take long."""
    if not route.operation and not any(code in _LATER for code in route.interactions):
        return route
    changes = route.affects_state or "transaction" in route.interactions

    async def handler(request: FhirRequest) -> Response:
        return await (_defer(request, changes=changes) if request.preferences.is_async else route.handler(request))

    return replace(route, handler=handler)


async def _defer(request: FhirRequest, *, changes: bool) -> Response:
    body = await read_body(request) if request.method in ("POST", "PUT", "PATCH") else b""
    return await begin(request, "request", msgspec.json.encode(kept(request, changes=changes)), _pieces(body))


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), BODY_BYTES):
        yield body[start : start + BODY_BYTES]


async def begin(request: FhirRequest, kind: str, asked: bytes, sent: AsyncIterator[bytes] | None = None) -> Response:
    """Keep what was asked and sent, and say where its answer will be. BUSY where too many wait already."""
    service, at = request.service, now()
    jobs = service.interactions.store.jobs
    if await jobs.count_open(at) >= OPEN_JOBS:
        raise fault(Category.BUSY, "throttled", f"{OPEN_JOBS} asynchronous requests wait already; try again later, or cancel one of yours.")
    job = Job(secrets.token_hex(16), kind, asked, "preparing", "", 0, at, at, at + WEEK)
    await jobs.add(job)
    try:
        if sent is not None:
            await _keep(JobFileWriter(jobs, job.id, SENT), sent)
    except BaseException:
        await jobs.expire(job.id, now())
        raise
    await jobs.ready(job.id)
    service.runner.wake()
    return await _accepted(request, job.id)


async def _keep(file: JobFileWriter, sent: AsyncIterator[bytes]) -> None:
    async for piece in sent:
        await file.write(piece)
    await file.close()


async def _accepted(request: FhirRequest, id_: str) -> Response:
    place = f"{request.base}/{STATUS_PATH}/{id_}"
    told = Issue("information", "informational", f"Accepted; ask {place} how far it is, and later for what came of it.")
    headers = [(b"content-location", place.encode())]
    return await represented(request, 202, encode_json(operation_outcome([told])), headers)


def scope_of(asked: KeptRequest, length: int) -> Scope:
    """The ASGI scope that the request had, as far as it was kept."""
    headers = [(name.encode(), value.encode("latin-1")) for name, value in asked.headers]
    return {
        "type": "http", "method": asked.method, "scheme": asked.scheme, "path": asked.root + asked.path, "root_path": asked.root,
        "query_string": asked.query.encode("latin-1"), "headers": [*headers, (b"content-length", b"%d" % length)],
        "request_id": secrets.token_hex(8), "caller": recognised(asked.caller),
    }  # fmt: skip


class Resent:
    """The body once more."""

    def __init__(self, body: bytes):
        self._body = body

    async def __call__(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}
