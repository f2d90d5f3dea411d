"""The server as one process: FHIR at /fhir, the pages at /, health and metrics, and the adapters beside them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.hl7v2.handshake import Refusals
from fhir_server.access_log import AccessLog, access_log, logged
from fhir_server.assembly import Parts, assembled
from fhir_server.audit_keeping import keeping_audit
from fhir_server.console import console_routes
from fhir_server.console.access_history import AccessHistoryDesk
from fhir_server.console.forms import FormsDesk
from fhir_server.console.validation import ValidationDesk
from fhir_server.delivery import delivering_where_asked
from fhir_server.exchange_metrics import exchange_metrics
from fhir_server.fhir_base import fhir_service
from fhir_server.following import following, with_own_topics
from fhir_server.garbage import collect_seldom
from fhir_server.guarded_protocol import Limits, guarded
from fhir_server.guarded_socket import guarded_socket
from fhir_server.health import health_routes, store_problems
from fhir_server.hospital import Hospital, hospital, message_route
from fhir_server.metrics import Metrics
from fhir_server.observed import Observed, Observer
from fhir_server.one_server import only_server
from fhir_server.rest.admission import Admitted, everyone, rate_limited
from fhir_server.rest.application import FhirApplication
from fhir_server.rest.authentication import Authenticator
from fhir_server.rest.cors import across_origins
from fhir_server.rest.openapi import openapi
from fhir_server.rest.proxy import BehindProxy
from fhir_server.rest.request_id import RequestId
from fhir_server.rest.seats import Seats
from fhir_server.rest.security_headers import Secured
from fhir_server.rest.service import Service
from fhir_server.rest.slow_body import BodyTooSlow, SlowBodies
from fhir_server.rest.token_endpoint import authentication_routes
from fhir_server.security.proxy_certificate import networks
from fhir_server.security.token_bucket import TokenBuckets
from fhir_server.settings import Settings
from fhir_server.sockets import SocketsApart, sockets
from fhir_server.subscriptions.socket_command import LONGEST as LONGEST_COMMAND
from fhir_server.validation.document import DocumentCheck
from fhir_server.version import version
from fhir_server.worker_metrics import WorkerMetrics
from fhir_server.workers import Worker, require_sharing, supervise

log = structlog.stdlib.get_logger("passerelle")
FHIR_BASE = "/fhir"


def application(
    parts: Parts, settings: Settings, log_exchange: Observer = logged, service: Service | None = None, metrics: Metrics | None = None,
    opened: Hospital | None = None,
) -> ASGIApp:  # fmt: skip
    """The ASGI application over parts that are open already; messages are taken by HTTP where the ways of the hospital are open."""
    service = service or fhir_service(parts, settings)
    metrics = metrics or Metrics()
    metrics.gauge("change_sequence", "Newest number of the change sequence.", lambda: float(parts.store.newest_now()))
    metrics.gauge("reindexing_types", "Resource types whose index rows are being made anew.", lambda: float(len(parts.reindexing.waiting)))
    metrics.gauge("reindexed_resources", "Resources that this process has indexed anew.", lambda: float(parts.reindexing.renewed))
    pages = FastAPI(title="Passerelle", version=version(), docs_url=None, redoc_url=None, openapi_url=None)
    pages.router.routes += [*health_routes(lambda: store_problems(parts.store), lambda: _told(parts)), metrics.route()]
    desk = ValidationDesk(parts.definitions, lambda profiles: DocumentCheck(parts.definitions, profiles, parts.validator))
    accesses = AccessHistoryDesk(parts.store.audit, service.authentication.caller_of)
    forms = FormsDesk(parts.definitions, parts.validator.terminology, service.interactions_of, service.authentication.caller_of)
    pages.router.routes += console_routes(
        settings, lambda: openapi(service, settings.base_url or FHIR_BASE), desk=desk, accesses=accesses, forms=forms
    )
    if opened is not None:
        pages.router.routes.append(message_route(opened, service.authentication, settings, FHIR_BASE))
    if isinstance(service.authentication, Authenticator):
        pages.router.routes += authentication_routes(service.authentication)
    pages.add_exception_handler(BodyTooSlow, _slow)
    admit = rate_limited(TokenBuckets(settings.requests_per_minute)) if settings.requests_per_minute else everyone
    seats = Seats(settings.max_sockets, settings.max_sockets_per_client)
    metrics.gauge("sockets", "Sockets that are open.", lambda: float(seats.taken))
    first = FhirFirst(_for_browsers(FhirApplication(service, admit), settings), RequestId(Secured(Admitted(pages, admit))))
    patient = SlowBodies(first, settings.receive_seconds)
    apart = SocketsApart(patient, sockets(parts, settings, service, seats, admit))
    return Observed(_behind_proxy(apart, settings), [log_exchange, metrics.exchange])


def _behind_proxy(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The application, told by the proxies of the settings who calls; without any, nothing stands before it."""
    return BehindProxy(app, networks(settings.proxy_addresses)) if settings.proxy_addresses else app


def _slow(_: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 408, headers={"connection": "close"})


def _for_browsers(fhir: ASGIApp, settings: Settings) -> ASGIApp:
    """The FHIR base, for pages of the origins that the settings name; without any, nothing stands before it."""
    return across_origins(fhir, settings.cors_origins) if settings.cors_origins else fhir


class FhirFirst:
    """The FHIR base, with and without a slash behind it, before everything else: nothing is looked up in between."""

    def __init__(self, fhir: ASGIApp, others: ASGIApp):
        self._fhir = fhir
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith(FHIR_BASE) and path[len(FHIR_BASE) :][:1] in ("", "/"):
            scope["root_path"] = scope.get("root_path", "") + FHIR_BASE
            await self._fhir(scope, receive, send)
        else:
            await self._others(scope, receive, send)


def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then drain: no new work, what runs is finished, the store is closed."""
    require_sharing(settings)
    with only_server(settings.data):
        if settings.workers == 1:
            _serve_here(settings)
        elif status := supervise(settings, lambda worker: _serve_here(settings, worker)):
            raise SystemExit(status)


def _serve_here(settings: Settings, worker: Worker | None = None) -> None:
    if worker and worker.number:  # by MLLP and files messages come in through the first one only
        settings = settings.model_copy(update={"mllp": False, "hl7v2_folder": None})
    with _signals_survive() as stopped:
        collect_seldom()
        uvloop.run(_serve(settings, stopped, worker))


def _refusals(metrics: Metrics) -> Refusals:
    counter = metrics.counter("mllp_handshakes_refused", "TLS handshakes of MLLP that failed, by reason.", ("reason",))
    return Refusals(lambda reason: counter.labels(reason).inc())


async def _serve(settings: Settings, stopped: threading.Event, worker: Worker | None = None) -> None:
    metrics = Metrics()
    async with (
        assembled(settings, leads=True) as parts,
        with_own_topics(parts.topics, settings),
        hospital(parts, settings, _refusals(metrics)) as opened,
        parts.reindexing.running(),
        keeping_audit(parts.store.audit, settings.audit_days, leads=worker is None or not worker.number),
        contextlib.AsyncExitStack() as beside,
    ):
        if worker is None or not worker.number:
            await beside.enter_async_context(exchange_metrics(parts.store, metrics.registry))
        exchanges = access_log()
        service = fhir_service(parts, settings)
        await beside.enter_async_context(delivering_where_asked(parts, settings, service, metrics))
        if worker is None or not worker.number:
            await beside.enter_async_context(following(parts, settings, service))
        server = uvicorn.Server(_uvicorn(application(parts, settings, exchanges, service, metrics, opened), settings))
        if worker:
            await beside.enter_async_context(_among(worker, metrics, server))
        async with _announced(server, settings, opened.mllp_port), service.runner.attending():
            if not stopped.is_set():
                await server.serve([worker.socket] if worker else None)
        if isinstance(exchanges, AccessLog):
            exchanges.flush()
        log.info("stopped taking requests")
    log.info("stopped")


@contextlib.asynccontextmanager
async def _among(worker: Worker, metrics: Metrics, server: uvicorn.Server) -> AsyncIterator[None]:
    """One of several: it knows the others' metrics, and drains when the parent has ended."""
    loop = asyncio.get_running_loop()
    loop.add_reader(worker.lifeline, lambda: _drain(worker, server))
    shared = WorkerMetrics(worker.number, worker.count, worker.folder, metrics.registry)
    metrics.collected = shared.collected
    async with shared.telling():
        yield
    loop.remove_reader(worker.lifeline)


def _drain(worker: Worker, server: uvicorn.Server) -> None:
    asyncio.get_running_loop().remove_reader(worker.lifeline)
    server.should_exit = True


def _uvicorn(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, lifespan="off", server_header=False,
        ws=guarded_socket(settings.receive_seconds), ws_max_size=LONGEST_COMMAND, ws_per_message_deflate=False,
        timeout_graceful_shutdown=max(1, int(settings.drain_seconds)), timeout_keep_alive=75,
        http=guarded(Limits(settings.max_connections, settings.receive_seconds)), loop="none",
        ssl_certfile=settings.tls_certificate, ssl_keyfile=settings.tls_key, proxy_headers=False,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _announced(server: uvicorn.Server, settings: Settings, mllp_port: int | None) -> AsyncIterator[None]:
    """Say where the server listens once it does; port 0 means that the system chose."""

    async def announce() -> None:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        place = f"{'https' if settings.tls_certificate else 'http'}://{settings.host}:{port}"
        gc.freeze()  # what the start made stays; the collector need not look at it again
        if settings.authentication == "off":
            log.info("callers are not authenticated; only this machine is listened to", setting="authentication")
        log.info("ready", fhir=f"{place}/fhir", pages=f"{place}/", mllp_port=mllp_port, data=str(settings.data.absolute()))

    task = asyncio.create_task(announce())
    try:
        yield
    finally:
        task.cancel()


async def _told(parts: Parts) -> dict[str, Any]:
    """While index rows are made anew: how far it is, by type."""
    progress = await parts.reindexing.progress()
    return {"reindexing": {name: {"done": one.done, "of": one.total} for name, one in progress.items()}} if progress else {}


@contextlib.contextmanager
def _signals_survive() -> Iterator[threading.Event]:
    """uvicorn raises the signal that stopped it once more at its end; by default the process would end before the store is closed.

    The event tells that a signal came, before uvicorn listens to them too.
    """
    stopped = threading.Event()
    former = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
