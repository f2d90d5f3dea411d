"""A worker that is told to stop finishes what it has begun and gives back the rest. (It is killed in `test_exchange_kills`.)"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from fhir_server.store.opening import open_store
from fhir_server.store.outbox import OutboxEntry, OutboxFilter
from fhir_server.store.store import Store
from tests.patience import PATIENCE
from tests.reliability.exchange import Worker
from tests.reliability.sink import Sink

LANES = 8


async def until(store: Store, condition: str, sink: Sink, count: int) -> None:
    """Wait until the partner took so many more, or nothing waits."""
    aim, deadline = len(sink.took) + count, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        waits = await store.outbox.find(OutboxFilter("waiting"), 1)
        if (condition == "took" and len(sink.took) >= aim) or not waits:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(sink.took)} were taken, and then nothing more came")


def message(lane: int, step: int) -> OutboxEntry:
    body = f"{lane} {step}"
    return OutboxEntry("partner", body, body.encode(), "text/plain", f"Patient/{lane}")


def in_order(took: list[str]) -> bool:
    first = list(dict.fromkeys(took))
    lanes = [[int(one.split()[1]) for one in first if one.startswith(f"{lane} ")] for lane in range(LANES)]
    return all(steps == sorted(steps) for steps in lanes)


@pytest.mark.slow
def test_a_worker_that_is_stopped_finishes_what_it_does_and_another_goes_on(database_url: str, tmp_path: Path) -> None:
    async def scene(sink: Sink) -> None:
        store = await open_store(database_url)
        worker = Worker(tmp_path, database_url, sink.port)
        worker.begin()
        await store.outbox.add([message(lane, step) for step in range(40) for lane in range(LANES)])
        await until(store, "took", sink, 50)
        assert worker.terminate() == 0
        assert [row for row in await store.outbox.find(OutboxFilter("waiting"), 1000) if row.owner] == []
        worker.begin()
        await until(store, "empty", sink, 0)
        assert worker.terminate() == 0
        await store.close()

    with Sink() as sink:
        asyncio.run(scene(sink))
    assert len(sink.took) == len(set(sink.took)) == 40 * LANES
    assert in_order(sink.took)
