"""Where the server's time goes, as folded stacks: what flame graphs are drawn from (https://www.brendangregg.com/flamegraphs.html).

    python -m benchmarks.flame [--only read,create,import,search] [--seconds 8] [--results FOLDER]

Needs py-spy (`pip install py-spy`, MIT), which has to be allowed to look into another process and is no dependency of Passerelle. Writes
FOLDER/WORKLOAD.folded, which any viewer of flame graphs reads, and prints the largest costs. Shares count, not rates: being looked at takes
time, and a thread that waits for the interpreter counts where it waits.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.create import CONNECTIONS, PATH
from benchmarks.http_load import Load, LoadProcesses, request
from benchmarks.process import Process, passerelle
from benchmarks.read import stored_patient
from benchmarks.synthetic import patient, transaction
from benchmarks.transaction_import import CLIENTS
from fhir_server.model.json_format import encode_json

RESULTS = Path(__file__).parent / "results" / "flame"
LOOKS = 250
"""In a second."""

LEAST = 0.001
"""The share below which a stack is left out of the file."""

WAITS = ("_worker (concurrent", "Condition.wait (threading")
"""Functions whose own time is waiting for something to do."""

LARGEST = 12
Stacks = Counter[tuple[str, ...]]
Workload = Callable[[Process, float], Load]


def main() -> None:
    options = _options()
    if not shutil.which("py-spy"):
        sys.exit("py-spy is not there: install it (pip install py-spy) and start this again.")
    options.results.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        stacks = _recorded(WORKLOADS[name], options.seconds)
        (options.results / f"{name}.folded").write_text(folded(stacks), "utf-8")
        print(f"\n{name}", *largest(stacks), sep="\n", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WORKLOADS))
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def _recorded(workload: Workload, seconds: int) -> Stacks:
    with tempfile.TemporaryDirectory(prefix="passerelle-flame-") as name, contextlib.closing(LoadProcesses(1)) as clients:
        folder = Path(name)
        with passerelle(folder / "data", folder / "log") as server:
            load = workload(server, seconds + 2)
            with _looked_at(server, folder / "raw", seconds):
                clients.run(load)
        return read_stacks((folder / "raw").read_text("utf-8"))


@contextlib.contextmanager
def _looked_at(server: Process, out: Path, seconds: int) -> Iterator[None]:
    command = ["py-spy", "record", "--format", "raw", "--function", "--threads", "--rate", str(LOOKS), "--duration", str(seconds)]
    looking = subprocess.Popen([*command, "--pid", str(server.pid), "--output", str(out)], stdout=subprocess.DEVNULL)
    yield
    if looking.wait(60):
        sys.exit("py-spy could not look into the server: it needs the right to (root, or ptrace_scope 0).")


def _reads(server: Process, seconds: float) -> Load:
    return Load(server.port, CONNECTIONS, [request("GET", stored_patient(server))], seconds)


def _creates(server: Process, seconds: float) -> Load:
    random = Random(2)
    return Load(server.port, CONNECTIONS, [request("POST", PATH, encode_json(patient(random, one))) for one in range(2000)], seconds)


def _imports(server: Process, seconds: float) -> Load:
    random = Random(3)
    bodies = [encode_json(transaction(random, number)) for number in range(40)]
    return Load(server.port, CLIENTS, [request("POST", "/fhir", body) for body in bodies], seconds)


def _searches(server: Process, seconds: float) -> Load:
    """Over 2,000 resources: by name, by identifier and code with an included resource, by code and date, sorted."""
    random = Random(3)
    for number in range(10):
        server.ask("POST", "/fhir", encode_json(transaction(random, number)))
    asked = (
        "Patient?name=ma", "Patient?birthdate=ge1980&gender=female", "Condition?subject.name=ma&_include=Condition:subject",
        "Observation?category=vital-signs&_count=20", "Observation?patient.gender=male&_sort=-date&_count=20",
    )  # fmt: skip
    return Load(server.port, 8, [request("GET", f"/fhir/{one}") for one in asked], seconds)


WORKLOADS: dict[str, Workload] = {"read": _reads, "create": _creates, "import": _imports, "search": _searches}


def read_stacks(text: str) -> Stacks:
    """py-spy's lines, each stack from its thread on, without what all stacks of the event loop begin with."""
    stacks: Stacks = Counter()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if not frames[-1].startswith(WAITS):
            stacks[_short(frames)] += int(count)
    return stacks


def _short(frames: list[str]) -> tuple[str, ...]:
    thread = frames[0].rpartition(": ")[2]
    loop = next((place for place, frame in enumerate(frames) if "uvloop/__init__.py" in frame), 0)
    return (thread, *(frame.replace("fhir_server/", "") for frame in frames[loop + 1 :]))


def folded(stacks: Stacks) -> str:
    """A stack a line, without the rare ones."""
    least = LEAST * stacks.total()
    return "".join(f"{';'.join(stack)} {count}\n" for stack, count in sorted(stacks.items()) if count >= least)


def largest(stacks: Stacks) -> list[str]:
    """The functions that took most: by themselves, and with what they called."""
    own, all_ = Counter[str](), Counter[str]()
    for stack, count in stacks.items():
        own[stack[-1]] += count
        all_.update(dict.fromkeys(stack, count))
    percent = 100 / stacks.total()
    lines = [f"  {count * percent:5.1f} %  {all_[name] * percent:5.1f} %  {name}" for name, count in own.most_common(LARGEST)]
    return ["   itself  in all", *lines]


if __name__ == "__main__":
    main()
