"""`kill -9` of the worker under load, against a partner that errs: what was committed arrives at least once, in order per person.

`PASSERELLE_KILLS` sets how often (`make soak` raises it).
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fhir_server.store.opening import open_store
from fhir_server.store.outbox import OutboxEntry, OutboxFilter
from fhir_server.store.store import Store
from tests.reliability.sink import Sink

KILLS = int(os.environ.get("PASSERELLE_KILLS", "20")) // 2
LANES = 8
PATIENCE = 120.0
DESTINATION = """[partner]
transport = "http"
url = "http://127.0.0.1:{port}/"
seconds = 1
first_pause = 0.05
longest_pause = 0.2
failures = 1000
at_once = 16
"""


class Worker:
    """`passerelle worker` in a process of its own."""

    def __init__(self, folder: Path, database: str, port: int):
        file = folder / "destinations.toml"
        file.write_text(DESTINATION.format(port=port))
        options = ["--data", str(folder), "--database", database, "--destinations", str(file), "--allowed-hosts", "127.0.0.1"]
        self._command = [sys.executable, "-m", "fhir_server", "worker", *options]
        self._log = folder / "worker.log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


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
def test_a_killed_worker_loses_nothing_and_keeps_the_order(database_url: str, tmp_path: Path) -> None:
    async def scene(sink: Sink) -> int:
        store = await open_store(database_url)
        worker = Worker(tmp_path, database_url, sink.port)
        chance, step = random.Random(7), 0
        for _ in range(KILLS):
            await store.outbox.add([message(lane, step + number) for number in range(10) for lane in range(LANES)])
            step += 10
            await until(store, "took", sink, chance.randrange(1, 70))
            await asyncio.to_thread(worker.kill)
            worker.start()
        await until(store, "empty", sink, 0)
        assert worker.terminate() == 0
        dead = await store.outbox.find(OutboxFilter("dead"))
        await store.close()
        assert dead == []
        return step * LANES

    with Sink(misbehaves=10) as sink:
        committed = asyncio.run(scene(sink))
    different = len(set(sink.took))
    print(f"{KILLS} kills, {committed} messages committed, {different} arrived, {len(sink.took) - different} of them again")
    assert different == committed
    assert in_order(sink.took)


@pytest.mark.slow
def test_a_worker_that_is_stopped_finishes_what_it_does_and_another_goes_on(database_url: str, tmp_path: Path) -> None:
    async def scene(sink: Sink) -> None:
        store = await open_store(database_url)
        worker = Worker(tmp_path, database_url, sink.port)
        await store.outbox.add([message(lane, step) for step in range(40) for lane in range(LANES)])
        await until(store, "took", sink, 50)
        assert worker.terminate() == 0
        assert [row for row in await store.outbox.find(OutboxFilter("waiting"), 1000) if row.owner] == []
        worker.start()
        await until(store, "empty", sink, 0)
        assert worker.terminate() == 0
        await store.close()

    with Sink() as sink:
        asyncio.run(scene(sink))
    assert len(sink.took) == len(set(sink.took)) == 40 * LANES
    assert in_order(sink.took)
