"""Commands of `passerelle` as processes of their own, forked from one that has imported everything and compiled the maps.

A start costs a fifth of what `python -m fhir_server` costs; what is forked is as whole a process as that, and dies as really.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.reliability.forked_command import run

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.reliability.forked_imports"])


class Forked:
    """As much of `subprocess.Popen` as is used here. What the command says goes to the end of `log`.

    `tells`: what it applies is told to the destination `partner` (`forked_imports.tells_partner`).
    """

    def __init__(self, arguments: Sequence[str], log: Path, environment: Mapping[str, str], tells: bool = False):
        self._process = _forks.Process(target=run, args=(list(arguments), dict(environment), log, tells))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        assert self.returncode is not None, f"the process was still running after {timeout} s"
        return self.returncode
