"""Transaction Bundles by POST from 4 clients, beside SQLite inserting the rows that they became with one commit a Bundle."""

from __future__ import annotations

import bz2
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.http_load import Load, request
from benchmarks.measurement import Comparison, Figure
from benchmarks.process import Process, passerelle
from benchmarks.sqlite_floor import SqliteFloor
from benchmarks.synthetic import transaction
from benchmarks.workbench import Workbench
from fhir_server.model.json_format import decode_json, encode_json

CLIENTS = 4
FLOOR = "SQLite, one commit a Bundle"
Bundle = tuple[bytes, int]
"""JSON and the number of its entries."""


def synthetic(bench: Workbench, each_round: int, entries: int = 200) -> Comparison:
    """Bundles made here, `each_round` of them in a round."""
    random = Random(3)
    count = each_round * bench.rounds
    bundles = [(encode_json(transaction(random, number, entries)), entries) for number in range(count)]
    size = sum(len(body) for body, _ in bundles) / (count * entries)
    note = f"{count} Bundles of {entries} entries, {size:,.0f} bytes an entry, {CLIENTS} clients"
    return _measure(bench, "import, synthetic", note, [], [bundles[start :: bench.rounds] for start in range(bench.rounds)])


def synthea(bench: Workbench, folder: Path, limit: int | None, database: str | None = None) -> Comparison:
    """Real Bundles: `limit` of them, evenly out of the list by size (None: all), shared out so that the rounds are alike.

    With the URL of a PostgreSQL `database` Passerelle on it is measured, beside Passerelle on SQLite.
    """
    files = sorted(folder.glob("*.json.bz2"), key=lambda path: path.stat().st_size)
    first = [_read(path) for path in files if path.name.startswith("0-")]
    people = [path for path in files if not path.name.startswith("0-")]
    chosen = people if limit is None else people[:: max(1, len(people) // limit)][:limit]
    bundles = [_read(path) for path in chosen]
    entries, size = sum(count for _, count in bundles), sum(len(body) for body, _ in bundles)
    note = f"{len(bundles)} Bundles, {entries:,} entries, {size / entries:,.0f} bytes an entry, {CLIENTS} clients"
    rounds = [bundles[start :: bench.rounds] for start in range(bench.rounds)]
    return _on_postgresql(bench, note, first, rounds, database) if database else _measure(bench, "import, Synthea", note, first, rounds)


def _on_postgresql(bench: Workbench, note: str, first: Sequence[Bundle], rounds: Sequence[Sequence[Bundle]], database: str) -> Comparison:
    comparison = Comparison("import, Synthea, PostgreSQL", "resources/s", "Passerelle on SQLite", note=note)
    log = bench.folder / "import-pg.log"
    with passerelle(bench.folder / "import-pg", log, database) as server, passerelle(bench.folder / "import-beside", log) as floor:
        for process in (server, floor):
            for body, _ in first:
                process.ask("POST", "/fhir", body)
        for bundles in rounds:
            for process, figures in ((floor, comparison.floor), (server, comparison.subject)):
                figures.append(_posted(bench, process, bundles))
    return comparison


def _posted(bench: Workbench, server: Process, bundles: Sequence[Bundle]) -> Figure:
    requests = [request("POST", "/fhir", body, [("Prefer", "return=minimal")]) for body, _ in bundles]
    return bench.load(server, Load(server.port, CLIENTS, requests), sum(count for _, count in bundles) / len(bundles))[0]


def _measure(bench: Workbench, name: str, note: str, first: Sequence[Bundle], rounds: Sequence[Sequence[Bundle]]) -> Comparison:
    """`first` is loaded before and not counted."""
    comparison, label = Comparison(name, "resources/s", FLOOR, note=note), name.rpartition(" ")[2]
    data = bench.folder / label
    with passerelle(data, bench.folder / f"{label}.log") as server:
        for body, _ in first:
            server.ask("POST", "/fhir", body)
        floor = SqliteFloor(data / "passerelle.db", bench.folder / f"{label}-floor.db")
        for bundles in rounds:
            _round(bench, server, floor, bundles, comparison)
        floor.close()
    return comparison


def _round(bench: Workbench, server: Process, floor: SqliteFloor, bundles: Sequence[Bundle], comparison: Comparison) -> None:
    after, entries = floor.newest(), sum(count for _, count in bundles)
    comparison.subject.append(_posted(bench, server, bundles))
    if floor.newest() - after != entries:
        raise RuntimeError(f"{entries} entries were sent, {floor.newest() - after} resources were stored")
    comparison.floor.append(floor.copy(floor.ranges_by_patient(after)))


def _read(path: Path) -> Bundle:
    body = bz2.decompress(path.read_bytes())
    return body, len(decode_json(body)["entry"])
