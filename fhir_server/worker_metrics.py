"""The metrics of all workers in one answer, each series with the label `worker`: whichever of them is asked asks the others.

Each worker tells its own by a socket in a folder that only this user may enter. A worker that does not answer is
`passerelle_worker_up{worker="..."} 0`; counters of one that was started anew begin at 0, as Prometheus expects of a process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

PATIENCE = 1.0


class WorkerMetrics:
    """Of one worker among `count`."""

    def __init__(self, number: int, count: int, folder: Path, registry: CollectorRegistry):
        self._number = number
        self._count = count
        self._folder = folder
        self._registry = registry

    @contextlib.asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Tell the others while the server runs."""
        place = self._place(self._number)
        place.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._tell, place)
        try:
            yield
        finally:
            server.close()

    async def collected(self) -> Collected:
        """What all tell."""
        texts = await asyncio.gather(*(self._asked(number) for number in range(self._count)))
        return Collected(list(texts))

    def _place(self, number: int) -> Path:
        return self._folder / f"{number}.sock"

    async def _tell(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(generate_latest(self._registry))
            await writer.drain()
            writer.close()

    async def _asked(self, number: int) -> str | None:
        if number == self._number:
            return generate_latest(self._registry).decode()
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_unix_connection(self._place(number))
                text = (await reader.read()).decode()
                writer.close()
                return text
        except (OSError, TimeoutError):
            return None


class Collected(CollectorRegistry):
    """The texts of workers 0, 1... as a registry to be encoded; None for one that did not answer."""

    def __init__(self, texts: list[str | None]):
        super().__init__()
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for number, text in enumerate(self._texts):
            _merge(families, number, text_string_to_metric_families(text or ""))
        yield from families.values()
        up = GaugeMetricFamily("passerelle_worker_up", "1 where the worker answered.", labels=["worker"])
        for number, text in enumerate(self._texts):
            up.add_metric([str(number)], float(text is not None))
        yield up


def _merge(families: dict[str, Metric], number: int, found: Iterable[Metric]) -> None:
    for family in found:
        known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
        for sample in family.samples:
            known.add_sample(sample.name, {**sample.labels, "worker": str(number)}, sample.value)
