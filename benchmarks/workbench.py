"""What all measurements of one report share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.http_load import Answers, Load, LoadProcesses
from benchmarks.measurement import Figure
from benchmarks.process import Process


@dataclass(frozen=True, slots=True)
class Workbench:
    """`folder` is empty and goes away afterwards; `rounds` of each side, `seconds` for one that has no other end."""

    folder: Path
    clients: LoadProcesses
    rounds: int
    seconds: float

    def load(self, server: Process, load: Load, things: float = 1, processes: int = 1) -> tuple[Figure, Answers]:
        """One round against a server; `things`: how many of what is counted one answer stands for, on average."""
        before = server.cpu_seconds()
        answers = self.clients.run(load, processes)
        cpu = 1e6 * (server.cpu_seconds() - before) / (answers.count * things)
        return Figure(answers.rate * things, cpu), answers
