"""GET of one Patient of 2 KB by its id, beside the same uvicorn and one Starlette route with the same bytes and headers."""

from __future__ import annotations

from random import Random
from statistics import median

from benchmarks.http_load import Load, request
from benchmarks.measurement import Comparison
from benchmarks.process import Process, http_floor, passerelle
from benchmarks.synthetic import patient
from benchmarks.workbench import Workbench
from fhir_server.model.json_format import encode_json

CONNECTIONS = (8, 16)
FLOOR = "uvicorn + Starlette, constant bytes"
SLOWED = 1.1
"""The client is said to limit where a second client process brings this much more."""


def measure(bench: Workbench, store: str = "", database: str | None = None) -> list[Comparison]:
    """A comparison for each number of connections; `store` is what the name says of the database."""
    with passerelle(bench.folder / f"read{store}", bench.folder / "read.log", database) as server:
        path = stored_patient(server)
        answer = server.ask("GET", path)
        with http_floor(bench.folder, path, "GET", answer) as floor:
            found = [_comparison(count, len(answer[2]), store) for count in CONNECTIONS]
            _rounds(bench, server, floor, path, found)
            found[-1].note += "; " + client_limit(bench, floor, path)
    return found


def client_limit(bench: Workbench, floor: Process, path: str) -> str:
    """Whether one client process holds the floor back: its rate with one and with two."""
    load = Load(floor.port, CONNECTIONS[-1], [request("GET", path)], bench.seconds)
    pairs = [[bench.load(floor, load, processes=count)[0].rate for count in (1, 2)] for _ in range(3)]
    one, two = (median(rates) for rates in zip(*pairs, strict=True))
    verdict = "the client limits the floor" if two > SLOWED * one else "the client does not limit"
    return f"floor with 1 client process {one:,.0f}/s, with 2 {two:,.0f}/s: {verdict}"


def _comparison(count: int, size: int, store: str) -> Comparison:
    return Comparison(f"read{store}, {count} connections", "answers/s", FLOOR, note=f"answer of {size:,} bytes")


def _rounds(bench: Workbench, server: Process, floor: Process, path: str, found: list[Comparison]) -> None:
    for _ in range(bench.rounds):
        for count, comparison in zip(CONNECTIONS, found, strict=True):
            for process, figures in ((floor, comparison.floor), (server, comparison.subject)):
                figures.append(bench.load(process, Load(process.port, count, [request("GET", path)], bench.seconds))[0])


def stored_patient(server: Process) -> str:
    """The path of a Patient that is there to be read."""
    status, headers, _ = server.ask("POST", "/fhir/Patient", encode_json(patient(Random(1), 1)))
    if status != 201:
        raise RuntimeError(f"the Patient to be read was refused: {status}")
    return "/fhir/" + dict(headers)["location"].partition("/fhir/")[2].partition("/_history")[0]
