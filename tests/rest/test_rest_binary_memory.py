"""A large upload is held once as Base64 and once as it is stored, and nothing of it stays (https://hl7.org/fhir/R4/binary.html#rest)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE
from tests.reliability.server_process import ServerProcess

MEGABYTE = 2**20
CONTENT = 60 * MEGABYTE
PEAK = 2 * CONTENT * 4 / 3 / MEGABYTE + 20
"""MiB: the Base64 and what is stored, and a little for the server."""
KEPT = 30


def _status(process: ServerProcess, name: str) -> float:
    assert process.process is not None
    lines = Path(f"/proc/{process.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _kept(server: ServerProcess, before: float) -> float:
    """What is still held a moment after the answer."""
    end = time.monotonic() + PATIENCE
    while (kept := _status(server, "VmRSS") - before) >= KEPT and time.monotonic() < end:
        time.sleep(0.05)
    return kept


def _parts(seed: int) -> Iterator[bytes]:
    return (hashlib.shake_256(b"%d.%d" % (seed, number)).digest(MEGABYTE) for number in range(CONTENT // MEGABYTE))


def _digest(parts: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data", PASSERELLE_DATABASE=database_url)
    process.start()
    yield process
    process.stop()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_an_upload_takes_little_more_than_what_is_stored_and_gives_it_back(server):
    with httpx.Client(timeout=PATIENCE) as client:
        client.put(f"{server.base}/Binary/small", content=b"x" * MEGABYTE, headers={"content-type": "application/pdf"})
        before = _status(server, "VmRSS")
        sent = client.put(f"{server.base}/Binary/b", content=_parts(1), headers={"content-type": "application/pdf"})
        assert sent.status_code == 201
        grown, kept = _status(server, "VmHWM") - before, _kept(server, before)
        with client.stream("GET", f"{server.base}/Binary/b") as answer:
            assert _digest(answer.iter_bytes(MEGABYTE)) == _digest(_parts(1))
    print(f"peak +{grown:.0f} MiB, kept +{kept:.0f} MiB")
    assert grown < PEAK
    assert kept < KEPT
