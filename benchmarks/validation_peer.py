"""HL7's Java validator and ours on the same inputs in one run: verdicts, validations a second (warm, one thread each), cold starts.

    .venv/bin/python -m benchmarks.validation_peer [--seconds 8]

Needs Java and Maven, which fetches the validator once (ca.uhn.hapi.fhir). The two take turns; neither runs while the other is timed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.validation_inputs import Input, inputs, profile, synthea
from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.validation.validator import Validator
from tests.interop.hapi_peer import Peer, absent, build, running

TARGETS = {"Patient": 50, "CarePlan": 30, "Bundle": 40}
COLD_TARGET = 1.0


@dataclass(frozen=True, slots=True)
class Result:
    """Both sides of one input; rates are validations a second."""

    input: Input
    size: int
    ours: float
    theirs: float
    errors: int
    their_errors: int

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def agrees(self) -> bool:
        return (self.errors == 0) == (self.their_errors == 0)


def measure(peer: Peer, validator: Validator, one: Input, folder: Path, seconds: float) -> Result:
    """The same file to both; ours decodes the text each time, as theirs does."""
    file = one.write(folder)
    source = file.read_bytes()
    theirs = peer.validate(file, one.profile, seconds)
    errors = sum(issue.is_error for issue in validator.validate(decode_resource(source), one.profile or None))
    ours = _rate(validator, source, one.profile or None, seconds / 2)
    return Result(one, len(source), ours, theirs["rate"], errors, _errors(theirs))


def _errors(answer: dict[str, Any]) -> int:
    return sum(issue["severity"] in ("error", "fatal") for issue in answer["issues"])


def _rate(validator: Validator, source: bytes, asked: str | None, seconds: float) -> float:
    runs, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        validator.validate(decode_resource(source), asked)
        runs += 1
    return runs / passed


def cold_seconds(file: Path) -> float:
    """From the start of the command to its first verdict and end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "fhir_server", "validate", str(file)], capture_output=True, check=False, timeout=120)
    return time.perf_counter() - start


def their_cold_seconds(class_path: str, file: Path) -> float:
    start = time.perf_counter()
    with running(class_path) as peer:
        peer.validate(file)
    return time.perf_counter() - start


def with_profile() -> Definitions:
    """R4 and the profile of the CarePlan."""
    definitions = load_definitions()
    definitions.stored.put("StructureDefinition", "shared-plan", 1, encode_json(profile()))
    return definitions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0, help="for each side and input, half of it to warm up")
    seconds = parser.parse_args().seconds
    if reason := absent():
        print(f"Not measured: {reason}.")
        return
    with tempfile.TemporaryDirectory(prefix="passerelle-peer-") as name:
        _report(Path(name), seconds)


def _report(folder: Path, seconds: float) -> None:
    class_path = build(folder)
    definition = Input("profile", profile(), True).write(folder)
    validator = Validator(with_profile())
    with running(class_path, [definition]) as peer:
        results = [measure(peer, validator, one, folder, seconds) for one in (*inputs(), *synthea())]
    print("| input | bytes | Passerelle /s | Java /s | ratio | target | errors: Passerelle / Java | same verdict |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for one in results:
        print(_line(one))
    file = folder / "Patient.json"
    cold, theirs = min(cold_seconds(file) for _ in range(3)), their_cold_seconds(class_path, file)
    print(f"\nCold start to the first verdict on the Patient: {cold:.2f} s (target {COLD_TARGET} s); Java {theirs:.1f} s.")
    print(f"Same verdict on {sum(one.agrees for one in results)} of {len(results)} inputs.")


def _line(one: Result) -> str:
    target = TARGETS.get(one.input.name.rpartition(" ")[2], "")
    agreed = "yes" if one.agrees else "no"
    figures = f"{one.size:,} | {one.ours:,.0f} | {one.theirs:,.1f} | **{one.ratio:.0f}** | {target}"
    return f"| {one.input.name} | {figures} | {one.errors} / {one.their_errors} | {agreed} |"


if __name__ == "__main__":
    main()
