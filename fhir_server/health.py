"""/health/live: the process runs. /health/ready: it can do its work; what cannot be done is named, with status 503."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from fhir_server.store.store import Store

Problems = Mapping[str, str]
"""What is not ready -> why, in words without patient data; empty when all is well."""

NO_STORE = {"cache-control": "no-store"}


async def _nothing() -> Mapping[str, Any]:
    return {}


def health_routes(problems: Callable[[], Awaitable[Problems]], told: Callable[[], Awaitable[Mapping[str, Any]]] = _nothing) -> list[Route]:
    """GET /health/live and /health/ready; `problems` is asked at each call and is to answer within a second.

    `told` is what a ready server tells besides.
    """

    async def ready(_: Request) -> JSONResponse:
        found = await problems()
        return readiness(found, {} if found else await told())

    return [Route("/health/live", live, methods=["GET"], name="live"), Route("/health/ready", ready, methods=["GET"], name="ready")]


async def store_problems(store: Store) -> Problems:
    """Whether the store answers."""
    try:
        await store.newest()
    except Exception as error:
        return {"store": type(error).__name__}
    return {}


async def live(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


def readiness(problems: Problems, told: Mapping[str, Any] | None = None) -> JSONResponse:
    """200 where there is no problem, 503 with the problems otherwise."""
    if problems:
        return JSONResponse({"status": "not ready", "problems": dict(problems)}, status_code=503, headers=NO_STORE)
    return JSONResponse({"status": "ok", **(told or {})}, headers=NO_STORE)
