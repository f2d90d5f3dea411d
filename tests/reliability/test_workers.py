"""Several processes on one port and one PostgreSQL: what one is told counts in all, one that dies is replaced, all drain together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE
from tests.reliability.server_process import ServerProcess

SHOE = "http://passerelle.care/test/shoe"
PATIENT = {"resourceType": "Patient", "id": "p", "extension": [{"url": SHOE, "valueString": "boot"}]}
PARAMETER = {
    "resourceType": "SearchParameter", "id": "shoe", "url": "http://passerelle.care/test/parameter/shoe", "name": "shoe",
    "status": "active", "description": "what somebody wears", "code": "shoe", "base": ["Patient"], "type": "string",
    "expression": f"Patient.extension.where(url = '{SHOE}').value.ofType(string)",
}  # fmt: skip


@pytest.fixture
def workers(tmp_path: Path, postgresql_url: str) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data", PASSERELLE_DATABASE=postgresql_url, PASSERELLE_WORKERS="3")
    process.start()
    yield process
    if process.process is not None and process.process.poll() is None:
        process.terminate()
    process.stop()


def anew(server: ServerProcess, path: str) -> Any:
    """An answer over a connection of its own, so that any of the processes may give it."""
    return httpx.get(f"{server.base}/{path}", timeout=PATIENCE)


def children(server: ServerProcess) -> list[int]:
    assert server.process is not None
    return [int(pid) for pid in Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()]


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def processes(server: ServerProcess) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{server.port}/metrics").text
    return {worker: float(value) for worker, value in re.findall(r'^passerelle_worker_up\{worker="(\d)"\} (\S+)', text, re.MULTILINE)}


def test_a_search_parameter_and_what_it_finds_counts_in_every_process(workers: ServerProcess) -> None:
    with httpx.Client(timeout=PATIENCE) as client:
        assert client.put(f"{workers.base}/Patient/p", json=PATIENT).status_code == 201
        assert client.put(f"{workers.base}/SearchParameter/shoe", json=PARAMETER).status_code == 201
        assert client.get(f"{workers.base}/Patient?shoe=boot").json()["total"] == 1
    answers = lambda: [anew(workers, "Patient?shoe=boot").json() for _ in range(20)]  # noqa: E731
    eventually(lambda: all(one.get("total") == 1 and len(one["entry"]) == 1 for one in answers()))


def test_metrics_tell_of_every_process_and_count_nothing_twice(workers: ServerProcess) -> None:
    eventually(lambda: processes(workers) == {"0": 1.0, "1": 1.0, "2": 1.0})
    for _ in range(30):
        anew(workers, "Patient/nobody")
    text = httpx.get(f"http://127.0.0.1:{workers.port}/metrics").text
    counts = re.findall(r'^passerelle_http_requests_total\{.*interaction="read".*status="404".*worker="\d"\} (\S+)', text, re.MULTILINE)
    assert sum(map(float, counts)) == 30


def test_a_process_that_is_killed_is_replaced_and_the_others_go_on(workers: ServerProcess) -> None:
    eventually(lambda: len(children(workers)) == 3)
    before = children(workers)
    os.kill(before[1], signal.SIGKILL)
    assert all(anew(workers, "Patient?_summary=count").status_code == 200 for _ in range(10))
    eventually(lambda: len(children(workers)) == 3 and before[1] not in children(workers))
    assert workers.terminate() == 0


def test_workers_end_with_their_parent_however_it_ends(workers: ServerProcess) -> None:
    eventually(lambda: len(children(workers)) == 3)
    left = children(workers)
    workers.kill()
    eventually(lambda: not any(map(lives, left)))


def test_several_processes_on_a_sqlite_file_are_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fhir_server", "serve", "--data", str(tmp_path), "--workers", "2", "--port", "0", "--no-mllp"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert told.returncode == 2
    assert "need PostgreSQL" in told.stderr
