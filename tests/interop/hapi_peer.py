"""HL7's Java validator (Maven, ca.uhn.hapi.fhir) as a process that answers line by line; `hapi_validator/` is its program.

Nothing of it is kept in this repository: Maven fetches it where a test or a measurement asks for it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MAIN = "org.passerelle.peer.ValidatorPeer"
BUILD_SECONDS = 600
_BRIEF = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
JAVA = ("java", *_BRIEF)
"""For programs that end soon: what they would gain by being compiled well is less than what that takes."""


def absent() -> str | None:
    """Why there can be no peer on this machine, or None."""
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not installed (on Debian: apt install default-jdk-headless maven)" if missing else None


def build(folder: Path, program: str = "hapi_validator") -> str:
    """The class path of a Java program of this folder, built in `folder`; subprocess.CalledProcessError where Maven cannot."""
    work = folder / program
    if not (work / "target" / "class-path").is_file():
        shutil.copytree(HERE / program, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target"))
        command = ["mvn", "--quiet", "--batch-mode", "package"]
        brief = {"MAVEN_OPTS": " ".join((os.environ.get("MAVEN_OPTS", ""), *_BRIEF))}
        subprocess.run(command, cwd=work, env=os.environ | brief, check=True, capture_output=True, timeout=BUILD_SECONDS)
    return os.pathsep.join((str(work / "target" / "classes"), (work / "target" / "class-path").read_text()))


class Peer:
    """A running peer."""

    def __init__(self, process: subprocess.Popen[str]):
        self._process = process

    def validate(self, file: Path, profile: str = "", seconds: float = 0.0) -> dict[str, Any]:
        """`issues` (severity, location, text) of the first run, its `seconds`, and the `rate` over the seconds that follow."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{file}\t{seconds}\t{profile}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the Java process ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running(class_path: str, definitions: Sequence[Path] = ()) -> Iterator[Peer]:
    """A peer that knows R4 and these conformance resources."""
    command = ["java", "-Xmx2g", "-cp", class_path, MAIN, *map(str, definitions)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, encoding="utf-8", **pipes)
    try:
        yield Peer(process)
    finally:
        process.kill()
        process.wait()
