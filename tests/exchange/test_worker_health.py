"""What `passerelle worker` tells of itself by HTTP: that it lives, that it can do its work, what its deliveries came to."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.metrics import Metrics
from fhir_server.model.issue import FhirError
from fhir_server.store.opening import now, open_store
from fhir_server.store.outbox import OutboxEntry
from fhir_server.worker_health import LATE_SECONDS, told_where_asked
from tests.patience import PATIENCE


class Answering:
    """A store that answers, or does not."""

    def __init__(self, fails: bool = False):
        self.fails = fails

    async def newest(self) -> int:
        if self.fails:
            raise ConnectionError("the password of the database")
        return 1


def asked(path: str, looked: int, store: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with told_where_asked(0, lambda: looked, store, Metrics()) as port, httpx.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{port}{path}")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("late", "fails", "problems"),
    [(0, False, set()), (LATE_SECONDS + 1, False, {"outbox"}), (0, True, {"store"}), (LATE_SECONDS + 1, True, {"outbox", "store"})],
)
def test_a_worker_is_ready_where_it_reads_the_outbox_and_the_store_answers(late, fails, problems):
    answer = asked("/health/ready", now() - int(late * 1e6), Answering(fails))
    assert (answer.status_code, set(answer.json().get("problems", {}))) == (503 if problems else 200, problems)
    assert "password" not in answer.text
    assert asked("/health/live", 0, Answering(fails)).status_code == 200


def test_without_a_port_nothing_listens_and_one_that_is_taken_is_told():
    async def scene() -> None:
        async with told_where_asked(None, now, Answering(), Metrics()) as none, told_where_asked(0, now, Answering(), Metrics()) as port:  # type: ignore[arg-type]
            assert none is None
            with pytest.raises(FhirError, match=f"metrics_port: 127.0.0.1:{port}"):
                async with told_where_asked(port, now, Answering(), Metrics()):  # type: ignore[arg-type]
                    pass

    asyncio.run(scene())


def eventually(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    (tmp_path / "out").mkdir()
    (tmp_path / "destinations.toml").write_text('[archive]\ntransport = "file"\nfolder = "out"\n')
    options = [
        "--data",
        str(tmp_path),
        "--destinations",
        str(tmp_path / "destinations.toml"),
        "--metrics-port",
        "0",
        "--log-format",
        "json",
    ]
    log = tmp_path / "worker.log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "fhir_server", "worker", *options], stdout=file, stderr=file)
    yield process, log
    if process.poll() is None:
        process.kill()
    process.wait()


def announced(log: Path) -> int | None:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return next((line["metrics_port"] for line in lines if line.get("event") == "delivering"), None)


def test_the_command_answers_counts_and_stops(worker, tmp_path, run):
    process, log = worker
    port = eventually(lambda: announced(log))
    assert httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
    store = run(open_store(f"sqlite:///{tmp_path / 'passerelle.db'}"))
    run(store.outbox.add([OutboxEntry("archive", str(number), b"{}") for number in range(3)]))
    run(store.close())
    counted = 'passerelle_deliveries_total{destination="archive",status="delivered"} 3.0'
    text = eventually(lambda: counted in (found := httpx.get(f"http://127.0.0.1:{port}/metrics").text) and found)
    assert "passerelle_outbox_looked_seconds" in text
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
