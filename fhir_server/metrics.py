"""Metrics in Prometheus' text form (https://prometheus.io/docs/instrumenting/exposition_formats/), pure ASGI.

Labels hold route templates and interactions, never ids or values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fhir_server.exchange_tally import ExchangeTally
from fhir_server.version import version

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one process; `exchange` is an observer for `fhir_server.observed.Observed`."""

    def __init__(self, registry: CollectorRegistry | None = None):
        self.registry = registry or _own_registry()
        self.collected: Callable[[], Awaitable[CollectorRegistry]] | None = None
        """Where other processes serve too: the metrics of all."""
        tally = ExchangeTally()
        self.registry.register(tally)
        self.exchange = tally.count
        Gauge("passerelle_info", "1, with the version as a label.", ("version",), registry=self.registry).labels(version()).set(1)

    def gauge(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A gauge `passerelle_NAME` whose value is read at each scrape; `read` must be quick."""
        Gauge(f"passerelle_{name}", help_text, registry=self.registry).set_function(read)

    def counter(self, name: str, help_text: str, labels: tuple[str, ...] = ()) -> Counter:
        """A counter `passerelle_NAME_total` for a part of the server to count in."""
        return Counter(f"passerelle_{name}_total", help_text, labels, registry=self.registry)

    def route(self) -> Route:
        """GET /metrics."""
        return Route("/metrics", self._answer, methods=["GET"], name="metrics")

    async def _answer(self, request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        registry = await self.collected() if self.collected else self.registry
        return Response(encode(registry), headers={"content-type": media_type, "cache-control": "no-store"})


def _own_registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry
