"""On what a report was taken, so that nobody compares figures of different machines, or of a busy one."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any


def machine(folder: Path) -> dict[str, Any]:
    """`fsync_ms`: the median of 50 appends of 4 KB to a file of the folder used, each made durable."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: version(name) for name in ("uvicorn", "uvloop", "httptools", "starlette", "msgspec")},
        "cores": os.cpu_count(),
        "processor": _processor(),
        "load_before": load(),
        "fsync_ms": _fsync(folder / "fsync"),
    }


def load() -> float:
    """Processes that wanted to run, averaged over the last minute."""
    return round(os.getloadavg()[0], 2)


def _fsync(path: Path) -> float:
    spent = []
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            spent.append(time.perf_counter() - began)
    path.unlink()
    return round(1000 * median(spent), 3)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
    return found.stdout.strip() or "unknown"
