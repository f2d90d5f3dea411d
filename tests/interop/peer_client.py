"""FHIR clients that nobody here wrote, each a program that works through steps on a server of its own and prints what came of them.

Nothing of the clients is kept in this repository: Maven, npm and pip fetch what `hapi_client/pom.xml`, `node_clients/package-lock.json`
and the locked requirements name.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fhir.resources.R4B import get_fhir_model_class

from benchmarks.process import Process
from tests.ports import free_port

HERE = Path(__file__).parent
NODE = (20, 19)
SECONDS = 300
READER = "be-read-by-fhir-resources"
"""The step that every program has in the end."""


@contextmanager
def server(folder: Path, options: Sequence[str] = ()) -> Iterator[str]:
    """The FHIR base URL of a new server, started as a user starts it."""
    port = free_port()
    command = ["-m", "fhir_server", "serve", "--data", str(folder / "data"), "--port", str(port), "--no-mllp", *options]
    with Process(command, port, folder / "server.log"):
        yield f"http://127.0.0.1:{port}/fhir"


def verdict(command: Sequence[str], folder: Path, options: Sequence[str] = ()) -> dict[str, str]:
    """What the program says of each step, "ok" or what was wrong, working on a server of its own."""
    with server(folder, options) as base:
        done = subprocess.run([*command, base], capture_output=True, text=True, timeout=SECONDS, cwd=folder)
        assert done.returncode == 0, done.stderr[-4000:]
        told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return told | {READER: "; ".join(unread(base)) or "ok"}


def unread(base: str) -> Iterator[str]:
    """What fhir.resources cannot read of all that the program left behind, with the reason."""
    following: str | None = f"{base}/_history?_count=1000"
    while following:
        bundle = httpx.get(following).json()
        for resource in (entry["resource"] for entry in bundle["entry"] if "resource" in entry):
            yield from _unread(resource)
        following = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), None)


def _unread(resource: dict[str, Any]) -> Iterator[str]:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate_json(json.dumps(resource))
    except ValueError as error:
        yield f"{resource['resourceType']}/{resource['id']}: {error}"


def node_absent() -> str | None:
    """Why no script can run in Node here, or None."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed (on Debian: apt install nodejs npm)"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    number = tuple(map(int, re.findall(r"\d+", version)[:2]))
    return None if number >= NODE else f"the clients need Node {NODE[0]}.{NODE[1]} or later; this is {version}"


def with_node_modules(folder: Path) -> Path:
    """The scripts beside the packages that the lock names; subprocess.CalledProcessError where npm cannot fetch them."""
    work = folder / "node_clients"
    shutil.copytree(HERE / "node_clients", work, ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(command, cwd=work, check=True, capture_output=True, text=True, timeout=SECONDS)
    return work


def steps(source: str, pattern: str) -> list[str]:
    """The names of a program's steps, in order, read out of its text, and READER."""
    names = re.findall(pattern, (HERE / source).read_text(encoding="utf-8"), re.MULTILINE)
    assert names, f"no steps in {source}"
    return [*names, READER]
