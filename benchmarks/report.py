"""All measurements, one after the other: a table on the screen and in benchmarks/results/latest.md, everything in latest.json.

    python -m benchmarks.report [--only read,create,import,start,hl7v2,protection] [--rounds 5] [--quick] [--all] [--others]
        [--results FOLDER]

--quick: short rounds, to see that everything runs. --all: all 122 Bundles of Synthea instead of 20. --others: the scripts of single parts,
too. Synthea is looked for in $PASSERELLE_TEST_DATA/synthea-r4 (default ../shared/data). Nothing here passes or fails by a time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import create, hl7v2, postgresql, protection, read, start, transaction_import
from benchmarks.http_load import LoadProcesses
from benchmarks.machine import load, machine
from benchmarks.measurement import Comparison
from benchmarks.start import Start
from benchmarks.workbench import Workbench

PARTS = ("read", "create", "import", "start", "hl7v2", "protection")
OTHERS = (("cold_start.py",), ("fhirpath.py",), ("validation.py",), ("search_extraction.py", "{synthea}"))
TEST_DATA = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data"))
RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Report:
    """What was measured so far; `outputs` are the texts of the other scripts, `notes` say what was left out and why."""

    machine: dict[str, Any]
    comparisons: list[Comparison] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, comparison: Comparison) -> None:
        self.comparisons.append(comparison)
        print(_line(comparison.summary()), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="passerelle-bench-", dir=options.folder) as folder:
        clients = LoadProcesses()
        try:
            bench = Workbench(Path(folder), clients, 2 if options.quick else options.rounds, 0.3 if options.quick else 1.5)
            report = _measured(bench, options)
        finally:
            clients.close()
    report.machine["load_after"] = load()
    _write(report, options.results)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--folder", help="where databases are made while it runs: the disk to be measured (default: the system's)")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


def _measured(bench: Workbench, options: argparse.Namespace) -> Report:
    report = Report(machine(bench.folder))
    print(_machine(report.machine), *_HEAD, sep="\n", flush=True)
    with ExitStack() as stack:
        place = postgresql.programs()
        cluster = stack.enter_context(postgresql.Cluster(place, bench.folder / "pg")) if place else None
        if cluster is None:
            report.notes.append("PostgreSQL was not measured: its programs (15 or later) are not on this machine.")
        _parts(bench, options, report, cluster)
    if options.others:
        report.outputs = {command[0]: _output(command) for command in OTHERS if _can_run(command)}
    return report


def _parts(bench: Workbench, options: argparse.Namespace, report: Report, cluster: postgresql.Cluster | None) -> None:
    if "read" in options.only:
        _add(report, read.measure(bench))
        _add(report, read.measure(bench, ", PostgreSQL", cluster.database("read")) if cluster else [])
    if "create" in options.only:
        count = 200 if options.quick else 1000
        _add(report, create.measure(bench, count))
        _add(report, [create.on_postgresql(bench, count, cluster.database("creates"))] if cluster else [])
    if "import" in options.only:
        _imports(bench, options, report, cluster)
    if "protection" in options.only:
        _add(report, protection.measure(bench))
        both = (cluster.database("unprotected"), cluster.database("protected")) if cluster else None
        _add(report, protection.measure(bench, ", PostgreSQL", both) if both else [])
    if "hl7v2" in options.only:
        _messages(bench, options, report)
    if "start" in options.only:
        _starts(bench, report, cluster)


def _add(report: Report, comparisons: Sequence[Comparison]) -> None:
    for comparison in comparisons:
        report.add(comparison)


def _imports(bench: Workbench, options: argparse.Namespace, report: Report, cluster: postgresql.Cluster | None) -> None:
    report.add(transaction_import.synthetic(bench, 2 if options.quick else 8))
    folder, limit = TEST_DATA / "synthea-r4", None if options.all else 4 if options.quick else 20
    if not folder.is_dir():
        report.notes.append(f"The Bundles of Synthea were not measured: {folder} is absent (set PASSERELLE_TEST_DATA).")
        return
    report.add(transaction_import.synthea(bench, folder, limit))
    if cluster:
        report.add(transaction_import.synthea(bench, folder, limit, cluster.database("imports")))


def _messages(bench: Workbench, options: argparse.Namespace, report: Report) -> None:
    comparisons = hl7v2.measure(bench, 40 if options.quick else 800)
    _add(report, comparisons)
    if not comparisons:
        report.notes.append("HL7 v2 was not measured: this server has no MLLP listener.")


def _starts(bench: Workbench, report: Report, cluster: postgresql.Cluster | None) -> None:
    stores = [folder for name in ("Synthea", "synthetic", "create", "read") if (folder := bench.folder / name).is_dir()]
    report.starts = start.measure(bench, stores[0] if stores else bench.folder / "empty", cluster.database("starts") if cluster else None)
    print("", *_start_table(report.starts), sep="\n", flush=True)


def _can_run(command: Sequence[str]) -> bool:
    return (Path(__file__).parent / command[0]).is_file() and ("{synthea}" not in command or (TEST_DATA / "synthea-r4").is_dir())


def _output(script_and_arguments: Sequence[str]) -> str:
    script, *arguments = [part.format(synthea=TEST_DATA / "synthea-r4") for part in script_and_arguments]
    command = [sys.executable, "-m", f"benchmarks.{script.removesuffix('.py')}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f"ended with status {done.returncode}: {done.stderr[-500:]}"


_HEAD = (
    "| measured | Passerelle | floor | ratio (lowest to highest) | CPU each, µs: Passerelle / floor | beside |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
)


def _line(row: dict[str, Any]) -> str:
    rates = f"{row['subject_rate']:,.0f} {row['unit']} | {row['floor_rate']:,.0f}"
    ratios = f"**{row['ratio']:.2f}** ({row['ratio_lowest']:.2f} to {row['ratio_highest']:.2f})"
    return f"| {row['name']} | {rates} | {ratios} | {_cpu(row['subject_cpu'])} / {_cpu(row['floor_cpu'])} | {row['floor']} |"


def _cpu(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _start_table(starts: Sequence[Start]) -> list[str]:
    lines = [f"| {one.name} | {one.seconds:.2f} | {one.megabytes:.0f} |" for one in starts]
    return ["| start | seconds until ready | resident MB |", "| --- | ---: | ---: |", *lines]


def _machine(about: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    return (
        f"{about['date']}, commit {about['commit']}. {about['cores']} cores ({about['processor']}), Python {about['python']}, "
        f"SQLite {about['sqlite']}, {packages}. A durable append of 4 KB takes {about['fsync_ms']} ms. Load before: {about['load_before']}"
        + (f", after: {about['load_after']}." if "load_after" in about else ".")
        + "\n"
    )


def _write(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    summaries = [comparison.summary() for comparison in report.comparisons]
    lines = ["# Latest report", "", _machine(report.machine), *_HEAD, *map(_line, summaries), ""]
    lines += [f"- {row['name']} ({row['rounds']} rounds): {row['note']}." for row in _once_each(summaries)]
    lines += [f"- {note}" for note in report.notes]
    lines += ["", *_start_table(report.starts)] if report.starts else []
    for name, output in report.outputs.items():
        lines += ["", f"## {name}", "", "```", output.rstrip(), "```"]
    (folder / "latest.md").write_text("\n".join(lines) + "\n", "utf-8")
    comparisons = [asdict(one) | {"summary": one.summary()} for one in report.comparisons]
    starts = [asdict(one) for one in report.starts]
    content = {"machine": report.machine, "comparisons": comparisons, "starts": starts, "notes": report.notes}
    (folder / "latest.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print("", *report.notes, sep="\n")
    print(f"Written to {folder / 'latest.md'} and {folder / 'latest.json'}.")


def _once_each(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({row["name"]: row for row in rows}.values())


if __name__ == "__main__":
    main()
