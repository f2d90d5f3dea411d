"""Commands from a cold start: processor seconds from the start of the process to its end; the floor is a Python that does nothing.

python -m benchmarks.cold_start [ROUNDS]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

PATIENT = {"resourceType": "Patient", "gender": "female", "birthDate": "1950-07-14"}
FLOOR = "floor: python -c pass"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "patient.json"
        file.write_text(json.dumps(PATIENT))
        commands = {
            FLOOR: ["-c", "pass"],
            "passerelle --help": ["-m", "fhir_server", "--help"],
            "passerelle validate, one Patient": ["-m", "fhir_server", "validate", str(file)],
        }
        seen: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, arguments in commands.items():
                seen[name].append(_seconds(arguments))
    _print({name: median(seconds) for name, seconds in seen.items()})


def _seconds(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _print(medians: dict[str, float]) -> None:
    for name, seconds in medians.items():
        print(f"{name:34} {seconds:6.3f} s of processor, {seconds / medians[FLOOR]:5.1f} times the floor")


if __name__ == "__main__":
    main()
