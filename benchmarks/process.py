"""What is measured runs as a process of its own: started on a free port of loopback, asked for its costs, stopped by its own pid."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

READY = "/health/ready"
PATIENCE = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A server that is ready when the block begins and stopped when it ends. `seconds_to_ready` counts from before the fork."""

    def __init__(self, arguments: Sequence[str], port: int, log: Path):
        self.port, self.log = port, log
        self._arguments = [sys.executable, *arguments]
        self.seconds_to_ready = 0.0

    def __enter__(self) -> Process:
        begin = time.perf_counter()
        with self.log.open("ab") as stderr:
            self._popen = subprocess.Popen(self._arguments, stdout=stderr, stderr=stderr, env=_environment())
        try:
            self._wait(begin)
        except BaseException:
            self.__exit__()
            raise
        self.seconds_to_ready = time.perf_counter() - begin
        return self

    def __exit__(self, *_: object) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(30)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def cpu_seconds(self) -> float:
        """User and system time so far, all threads, with that of children that have ended."""
        return cpu_seconds(self._popen.pid)

    def resident_megabytes(self) -> float:
        lines = Path(f"/proc/{self._popen.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            sent = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json", **dict(headers)}
            connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            return answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read()
        finally:
            connection.close()

    def announced(self, name: str) -> Any:
        """A value of the line `ready` in the server's log, which may come a moment after the server is."""
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            if lines := [found for found in map(_decoded, self.log.read_text("utf-8").splitlines()) if found.get("event") == "ready"]:
                return lines[-1].get(name)
            time.sleep(0.02)
        raise RuntimeError(f"the server did not say where it listens:\n{self.log.read_text('utf-8')[-2000:]}")

    def _wait(self, begin: float) -> None:
        while not self._is_ready():
            if self._popen.poll() is not None or time.perf_counter() - begin > PATIENCE:
                raise RuntimeError(f"{' '.join(self._arguments[1:])} did not become ready:\n{self.log.read_text('utf-8')[-2000:]}")
            time.sleep(0.005)

    def _is_ready(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.ask("GET", READY)[0] == 200
        return False


def _decoded(line: str) -> dict[str, Any]:
    with suppress(ValueError):
        found = json.loads(line)
        return found if isinstance(found, dict) else {}
    return {}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, all threads, with that of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(one) for one in fields[11:15]) / _TICKS


def passerelle(data: Path, log: Path, database: str | None = None, more: Sequence[str] = ()) -> Process:
    """The server as a user starts it, with settings as they come but for `more`; `database` is the URL of one of PostgreSQL."""
    port = free_port()
    arguments = ["-m", "fhir_server", "serve", "--data", str(data), "--port", str(port), "--mllp-port", "0"]
    return Process([*arguments, *(["--database", database] if database else []), *more], port, log)


def http_floor(folder: Path, path: str, method: str, answer: tuple[int, list[tuple[str, str]], bytes]) -> Process:
    """The bare floor, answering what Passerelle answered; uvicorn and Starlette add `date` and `content-length` themselves."""
    status, headers, body = answer
    kept = [(name, value) for name, value in headers if name not in ("date", "content-length")]
    file = folder / f"answer-{method}.json"
    file.write_text(json.dumps({"path": path, "method": method, "status": status, "headers": kept, "body": body.decode()}), "utf-8")
    port = free_port()
    return Process(["-m", "benchmarks.floor", str(port), str(file)], port, folder / "floor.log")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """Without settings of Passerelle that the caller happens to have."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
