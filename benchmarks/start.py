"""From the start of the process to the first good answer of /health/ready, and the memory it then holds; the floor is a bare uvicorn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.process import Process, http_floor, passerelle
from benchmarks.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Start:
    """Medians: seconds until ready, resident megabytes then."""

    name: str
    seconds: float
    megabytes: float


def measure(bench: Workbench, filled: Path, database: str | None = None) -> list[Start]:
    """Bare uvicorn, an empty store, a filled one, and one of PostgreSQL; in turn, each `rounds` times."""
    resources = f"store of {_megabytes(filled):,.0f} MB"
    kinds: dict[str, Callable[[], Process]] = {
        "floor: uvicorn + Starlette": lambda: http_floor(bench.folder, "/", "GET", (200, [], b"{}")),
        "passerelle serve, empty store": lambda: passerelle(bench.folder / "empty", bench.folder / "start.log"),
        f"passerelle serve, {resources}": lambda: passerelle(filled, bench.folder / "start.log"),
    }
    if database:
        kinds["passerelle serve, PostgreSQL"] = lambda: passerelle(bench.folder / "start-pg", bench.folder / "start.log", database)
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for _ in range(bench.rounds):
        for name, make in kinds.items():
            with make() as process:
                seen[name].append((process.seconds_to_ready, process.resident_megabytes()))
    return [Start(name, *(median(column) for column in zip(*pairs, strict=True))) for name, pairs in seen.items()]


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
