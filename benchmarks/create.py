"""POST of Patients of 2 KB, each different, on 16 connections, beside SQLite inserting the rows that they became."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.http_load import Load, request
from benchmarks.measurement import Comparison, Figure
from benchmarks.process import Process, http_floor, passerelle
from benchmarks.sqlite_floor import SqliteFloor
from benchmarks.synthetic import patient
from benchmarks.workbench import Workbench
from fhir_server.model.json_format import encode_json

CONNECTIONS = 16
COMMITS = (CONNECTIONS, 1)
"""Creates in one commit of the floor: as many as can wait at once, and each on its own."""
PATH = "/fhir/Patient"


def measure(bench: Workbench, each_round: int) -> list[Comparison]:
    """Beside SQLite in two ways, and beside an HTTP server that reads the body and answers constant bytes."""
    bodies = _bodies()
    with passerelle(bench.folder / "create", bench.folder / "create.log") as server:
        answer = server.ask("POST", PATH, next(bodies))
        with http_floor(bench.folder, PATH, "POST", answer) as http:
            return _measured(bench, server, http, bodies, each_round)


def on_postgresql(bench: Workbench, each_round: int, database: str) -> Comparison:
    """PostgreSQL beside SQLite, the same creates in turn."""
    bodies, log = _bodies(), bench.folder / "create.log"
    comparison = Comparison("create, PostgreSQL", "creates/s", "Passerelle on SQLite", note=f"{CONNECTIONS} connections, Patient of 2 KB")
    with passerelle(bench.folder / "create-pg", log, database) as server, passerelle(bench.folder / "create-beside", log) as floor:
        for _ in range(bench.rounds):
            for process, figures in ((floor, comparison.floor), (server, comparison.subject)):
                requests = [request("POST", PATH, next(bodies)) for _ in range(each_round)]
                figures.append(bench.load(process, Load(process.port, CONNECTIONS, requests))[0])
    return comparison


def _measured(bench: Workbench, server: Process, http: Process, bodies: Iterator[bytes], each_round: int) -> list[Comparison]:
    source = bench.folder / "create" / "passerelle.db"
    floors = [SqliteFloor(source, bench.folder / f"create-floor-{size}.db") for size in COMMITS]
    grouped, single, web = found = _comparisons()
    for _ in range(bench.rounds):
        after = floors[0].newest()
        requests = [request("POST", PATH, next(bodies)) for _ in range(each_round)]
        figure, _ = bench.load(server, Load(server.port, CONNECTIONS, requests))
        web.floor.append(bench.load(http, Load(http.port, CONNECTIONS, requests))[0])
        for comparison, floor, size in zip((grouped, single), floors, COMMITS, strict=True):
            comparison.floor.append(floor.copy(floor.ranges_of(size, after)))
        for comparison in found:
            comparison.subject.append(figure)
    for floor in floors:
        floor.close()
    return [*found, _both(web, grouped)]


def _comparisons() -> list[Comparison]:
    note = f"{CONNECTIONS} connections, Patient of 2 KB"
    names = [f"SQLite, {size} a commit" if size > 1 else "SQLite, each its own commit" for size in COMMITS]
    return [Comparison("create", "creates/s", name, note=note) for name in (*names, "uvicorn + Starlette, constant bytes")]


def _both(web: Comparison, grouped: Comparison) -> Comparison:
    """What the two floors would reach one after the other."""
    floor = [Figure(1 / (1 / one.rate + 1 / other.rate)) for one, other in zip(web.floor, grouped.floor, strict=True)]
    return Comparison("create", "creates/s", "both floors in turn (computed)", web.subject, floor, web.note)


def _bodies() -> Iterator[bytes]:
    random, number = Random(2), 0
    while True:
        number += 1
        yield encode_json(patient(random, number))
