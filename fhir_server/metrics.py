"""Metrics in Prometheus' text form (https://prometheus.io/docs/instrumenting/exposition_formats/), pure ASGI.

Labels hold route templates and interactions, never ids or values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fhir_server.observed import Exchange
from fhir_server.version import version

disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics of one process; `exchange` is an observer for `fhir_server.observed.Observed`."""

    def __init__(self, registry: CollectorRegistry | None = None):
        self.registry = registry or _own_registry()
        self.collected: Callable[[], Awaitable[CollectorRegistry]] | None = None
        """Where other processes serve too: the metrics of all."""
        labels = ("method", "route", "interaction")
        self.requests = Counter("passerelle_http_requests_total", "HTTP requests answered.", (*labels, "status"), registry=self.registry)
        self.duration = Histogram(
            "passerelle_http_request_seconds", "Time until the last byte of an answer.", labels, buckets=SECONDS, registry=self.registry
        )
        self._series: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}
        Gauge("passerelle_info", "1, with the version as a label.", ("version",), registry=self.registry).labels(version()).set(1)

    def exchange(self, exchange: Exchange) -> None:
        """Count one request. Series are few (templates, not paths), so each is looked up once."""
        name = exchange.method, exchange.route, exchange.interaction, exchange.status
        requests, duration = self._series.get(name) or self._new_series(name)
        requests.inc()
        duration.observe(exchange.seconds)

    def _new_series(self, name: tuple[str, str, str, int]) -> tuple[Counter, Histogram]:
        labels = name[:3]
        self._series[name] = made = self.requests.labels(*labels, str(name[3])), self.duration.labels(*labels)
        return made

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
