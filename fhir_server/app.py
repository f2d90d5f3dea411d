"""The server as one process: FHIR at /fhir, the pages at /, health and metrics, and the adapters beside them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp

from fhir_server.assembly import Parts, assembled
from fhir_server.console import console_routes
from fhir_server.health import Problems, health_routes
from fhir_server.hospital import hospital_listener
from fhir_server.metrics import Metrics
from fhir_server.observed import Observed, logged
from fhir_server.rest.application import fhir_application
from fhir_server.rest.settings import RestSettings
from fhir_server.settings import Settings
from fhir_server.version import version

log = structlog.stdlib.get_logger("passerelle")


def application(parts: Parts, settings: Settings) -> ASGIApp:
    """The ASGI application over parts that are open already."""
    metrics = Metrics()
    metrics.gauge("change_sequence", "Newest number of the change sequence.", lambda: float(parts.store.newest_now()))
    app = FastAPI(title="Passerelle", version=version(), docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes += [*health_routes(lambda: _problems(parts)), metrics.route(), *console_routes(settings)]
    app.mount("/fhir", fhir_application(parts.interactions, parts.validator, rest_settings(settings)))
    return Observed(app, [logged, metrics.exchange])


def rest_settings(settings: Settings) -> RestSettings:
    """The settings of the HTTP side of FHIR."""
    return RestSettings(
        settings.base_url, settings.max_body_bytes, settings.strict_search, settings.default_count, settings.max_count, version()
    )


def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then drain: no new work, what runs is finished, the store is closed."""
    with _signals_survive():
        uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with assembled(settings) as parts, hospital_listener(parts, settings) as mllp_port:
        server = uvicorn.Server(_uvicorn(application(parts, settings), settings))
        async with _announced(server, settings, mllp_port):
            await server.serve()
        log.info("stopped taking requests")
    log.info("stopped")


def _uvicorn(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=max(1, int(settings.drain_seconds)), timeout_keep_alive=75, http="httptools", loop="none",
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _announced(server: uvicorn.Server, settings: Settings, mllp_port: int | None) -> AsyncIterator[None]:
    """Say where the server listens once it does; port 0 means that the system chose."""

    async def announce() -> None:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        place = f"http://{settings.host}:{port}"
        log.info("ready", fhir=f"{place}/fhir", pages=f"{place}/", mllp_port=mllp_port, data=str(settings.data.absolute()))

    task = asyncio.create_task(announce())
    try:
        yield
    finally:
        task.cancel()


async def _problems(parts: Parts) -> Problems:
    try:
        await parts.store.newest()
    except Exception as error:
        return {"store": type(error).__name__}
    return {}


@contextlib.contextmanager
def _signals_survive() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more at its end; by default the process would end before the store is closed."""
    former = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
