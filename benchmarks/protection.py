"""What authentication, authorisation and audit cost together: the same requests of a server that asks who calls, and of one that does not.

The caller is a GP with a key, who stands in the care teams of 200 persons; each request is looked up, judged and told to the audit trail
before it is answered.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random
from typing import Any

from benchmarks.http_load import Load, request
from benchmarks.measurement import Comparison
from benchmarks.process import Process, passerelle
from benchmarks.synthetic import patient
from benchmarks.workbench import Workbench
from fhir_server.model.json_format import encode_json

CONNECTIONS = 16
PERSONS = 200
OBSERVATIONS = 50
FLOOR = "the same, nobody asked who calls"
READ, PAGE = "/fhir/Patient/p0", f"/fhir/Observation?patient=p0&_count={OBSERVATIONS}"


def measure(bench: Workbench, store: str = "", databases: tuple[str, str] | None = None) -> list[Comparison]:
    """A read and a page of search; `databases` are two new ones of PostgreSQL."""
    folders = [bench.folder / f"protection{store}-{name}" for name in ("off", "on")]
    urls = databases or (None, None)
    key = _register(bench, folders[1], urls[1])
    with ExitStack() as stack:
        log = bench.folder / "protection.log"
        off = stack.enter_context(passerelle(folders[0], log, urls[0]))
        loaded(off, ())
        on = stack.enter_context(passerelle(folders[1], log, urls[1], ("--authentication", "required")))
        loaded(on, key["whole"])
        found = [_comparison(f"{name}{store}, protected", unit) for name, unit in (("read", "answers/s"), ("page of 50", "pages/s"))]
        for _ in range(bench.rounds):
            for path, comparison in zip((READ, PAGE), found, strict=True):
                for process, headers, figures in ((off, (), comparison.floor), (on, key["gp"], comparison.subject)):
                    load = Load(process.port, CONNECTIONS, [request("GET", path, headers=headers)], bench.seconds)
                    figures.append(bench.load(process, load)[0])
        return found


def _comparison(name: str, unit: str) -> Comparison:
    return Comparison(name, unit, FLOOR, note=f"{CONNECTIONS} connections, a GP in the circle of {PERSONS} persons")


def _register(bench: Workbench, data: Any, database: str | None) -> dict[str, list[tuple[str, str]]]:
    """The headers of a GP and of software that serves the whole."""
    where = ["--data", str(data), *(["--database", database] if database else [])]
    clients = {"gp": ("system/*.rs", "--actor", "Practitioner/gp"), "whole": ("system/*.cruds", "--whole")}
    return {name: _header(bench, name, [*where, "--scope", *more]) for name, more in clients.items()}


def _header(bench: Workbench, name: str, options: list[str]) -> list[tuple[str, str]]:
    file = bench.folder / f"{name}-{len(list(bench.folder.iterdir()))}.key"
    command = [sys.executable, "-m", "fhir_server", "clients", "add", name, "--id", name, "--key", str(file), *options]
    subprocess.run(command, check=True, capture_output=True)
    return [("Authorization", f"Bearer {file.read_text().strip()}")]


def loaded(server: Process, headers: Any) -> None:
    """The same record in both: persons, their care teams, and observations of the first."""
    entries = [{"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}} for one in _record()]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    status, _, body = server.ask("POST", "/fhir", encode_json(bundle), headers)
    if status != 200:
        raise RuntimeError(f"the record was refused: {status} {body[:300]!r}")


def _record() -> Iterator[dict[str, Any]]:
    random = Random(1)
    for number in range(PERSONS):
        person = {"reference": f"Patient/p{number}"}
        yield patient(random, number) | {"id": f"p{number}"}
        member = {"member": {"reference": "Practitioner/gp"}, "period": {"start": "2025-01-01"}}
        yield {"resourceType": "CareTeam", "id": f"t{number}", "status": "active", "subject": person, "participant": [member]}
    for number in range(OBSERVATIONS):
        code = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
        yield {
            "resourceType": "Observation", "id": f"o{number}", "status": "final", "code": code, "subject": {"reference": "Patient/p0"},
            "effectiveDateTime": f"2026-01-{1 + number % 28:02}", "valueQuantity": {"value": 60 + number % 30, "unit": "kg"},
        }  # fmt: skip
