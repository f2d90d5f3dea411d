"""How many HTTP exchanges there were and how long they took, in the form of Prometheus' counters and histograms.

`prometheus_client`'s own take five locks for each exchange. These are counted on the event loop alone and put into form when asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from fhir_server.observed import Exchange

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, float("inf"))
"""Seconds, the most that each bucket of a histogram counts."""

_BOUNDS_TOLD = (*map(str, BOUNDS[:-1]), "+Inf")
_LABELS = ("method", "route", "interaction")


class _Series:
    """Exchanges that have all labels in common."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * len(BOUNDS)
        self.seconds = 0.0

    def add(self, other: _Series) -> None:
        self.buckets = [one + more for one, more in zip(self.buckets, other.buckets, strict=True)]
        self.seconds += other.seconds


class ExchangeTally(Collector):
    """`count` is an observer for `fhir_server.observed.Observed`. Series are few: routes are templates, not paths."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, str, int], _Series] = {}

    def count(self, exchange: Exchange) -> None:
        """One exchange more."""
        name = exchange.method, exchange.route, exchange.interaction, exchange.status
        series = self._series.get(name) or self._series.setdefault(name, _Series())
        series.buckets[bisect_left(BOUNDS, exchange.seconds)] += 1
        series.seconds += exchange.seconds

    def collect(self) -> Iterator[Metric]:
        """What a scrape asks for."""
        yield self._requests()
        yield self._durations()

    def _requests(self) -> Metric:
        family = CounterMetricFamily("passerelle_http_requests", "HTTP requests answered.", labels=(*_LABELS, "status"))
        for (*labels, status), series in self._series.items():
            family.add_metric((*labels, str(status)), sum(series.buckets))
        return family

    def _durations(self) -> Metric:
        family = HistogramMetricFamily("passerelle_http_request_seconds", "Time until the last byte of an answer.", labels=_LABELS)
        for labels, series in self._of_all_statuses().items():
            family.add_metric(labels, list(zip(_BOUNDS_TOLD, accumulate(series.buckets), strict=True)), series.seconds)
        return family

    def _of_all_statuses(self) -> dict[tuple[str, str, str], _Series]:
        found: dict[tuple[str, str, str], _Series] = {}
        for (method, route, interaction, _), series in self._series.items():
            found.setdefault((method, route, interaction), _Series()).add(series)
        return found
