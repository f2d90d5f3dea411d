"""Health and metrics of `passerelle worker` by HTTP, on this machine only: /health/live, /health/ready and /metrics.

What waits in the outbox is told by the servers' own /metrics (`exchange_metrics`); here is what this one process does.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
from starlette.applications import Starlette

from fhir_server.health import Problems, health_routes, store_problems
from fhir_server.metrics import Metrics
from fhir_server.model.issue import Category, fault
from fhir_server.store.opening import now
from fhir_server.store.store import Store

HERE = "127.0.0.1"
LATE_SECONDS = 10.0
"""A worker looks at the outbox twice a second; one that did not for so long is in trouble."""


@contextlib.asynccontextmanager
async def told_where_asked(port: int | None, looked: Callable[[], int], store: Store, metrics: Metrics) -> AsyncIterator[int | None]:
    """Answer while the block runs, unless `port` is None; where it is 0 the system chooses. The port. FhirError where it is taken.

    `looked`: when the outbox was last read, in microseconds since 1970-01-01 UTC.
    """
    if port is None:
        yield None
        return
    metrics.gauge("outbox_looked_seconds", "Seconds since this process last read the outbox.", lambda: _since(looked))
    listening = _listening(port)
    app = Starlette(routes=[*health_routes(lambda: _problems(looked, store)), metrics.route()])
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False, ws="none", loop="none"))
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await task


async def _problems(looked: Callable[[], int], store: Store) -> Problems:
    late = _since(looked) > LATE_SECONDS
    return {**await store_problems(store), **({"outbox": f"not read for more than {LATE_SECONDS:g} seconds"} if late else {})}


def _since(looked: Callable[[], int]) -> float:
    return max(0.0, (now() - looked()) / 1e6)


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HERE, port))
    except OSError as error:
        raise fault(Category.BUSY, "lock-error", f"metrics_port: {HERE}:{port}: {error.strerror}. Name another, or none.") from None


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
