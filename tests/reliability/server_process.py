"""A real server in a process of its own, to be killed as power cuts and operators do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.patience import PATIENCE
from tests.ports import free_port
from tests.reliability.forked import Forked


class ServerProcess:
    """`passerelle serve` on a data folder and two free ports; the ports stay the same over restarts."""

    def __init__(self, data: Path, **environment: str):
        self.data = data
        self.port, self.mllp_port = free_port(), free_port()
        self.environment = os.environ | environment
        self.process: subprocess.Popen[bytes] | Forked | None = None
        self._client = httpx.Client(timeout=PATIENCE)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    def start(self) -> None:
        """Returns when the server is ready."""
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        """Start it, and do not wait."""
        self.process = self._begun(self._arguments(), self.data.parent / "server.log")

    def _arguments(self) -> list[str]:
        return ["serve", "--data", str(self.data), "--port", str(self.port), "--mllp-port", str(self.mllp_port)]

    def _begun(self, arguments: list[str], log: Path) -> subprocess.Popen[bytes] | Forked:
        with log.open("ab") as file:
            return subprocess.Popen([sys.executable, "-m", "fhir_server", *arguments], env=self.environment, stdout=file, stderr=file)

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nobody says goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """SIGTERM, the exit status after draining."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        self._client.close()
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def count(self, type_name: str) -> int:
        """How many resources of a type a search finds."""
        return int(self._client.get(f"{self.base}/{type_name}", params={"_summary": "count"}).json()["total"])

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, f"the server ended with status {self.process.returncode}; see its log"
            try:
                if self._client.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the server was not ready within {PATIENCE:.0f} s")


class ForkedServer(ServerProcess):
    """The same, forked: for tests that start it many times. `tells` as in `Forked`."""

    def __init__(self, data: Path, tells: bool = False, **environment: str):
        super().__init__(data, **environment)
        self._tells = tells

    def _begun(self, arguments: list[str], log: Path) -> Forked:
        return Forked(arguments, log, self.environment, self._tells)
