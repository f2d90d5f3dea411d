"""What a person at a terminal sees beside the findings: a bar while it runs, a table of the broken rules at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fhir_server.inspection.inspection import Verdict
from fhir_server.inspection.summary import Summary
from fhir_server.model.phrase import in_language, phrase

SHOWN_RULES = 20
COLOURS = {"fatal": "red", "error": "red", "warning": "yellow", "information": "blue"}


def with_bar(verdicts: Iterable[Verdict], total: int | None) -> Iterator[Verdict]:
    """The same verdicts, counted in a bar on standard error that goes away at the end; `total` is None where it is not known."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        for verdict in verdicts:
            bar.advance(task)
            yield verdict


def print_summary(told: Summary, seconds: float, language: str, console: Console | None = None) -> None:
    """How many are valid, and a row for each broken rule, the worst first."""
    console = console or Console()
    if told.broken:
        console.print(_table(told, language))
    sentence = phrase(
        "{resources} resources in {documents} documents checked in {seconds} s: {valid} documents valid, {invalid} invalid.",
        resources=told.resources, documents=told.documents, seconds=f"{seconds:.1f}", valid=told.valid, invalid=told.invalid,
    )  # fmt: skip
    console.print(in_language(sentence, language), highlight=False, markup=False)


def _table(told: Summary, language: str) -> Table:
    names = (phrase("severity"), phrase("finding"), phrase("rule"), phrase("times"), phrase("documents"))
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(in_language(name, language), justify="right" if name in ("times", "documents") else "left", overflow="fold")
    for one in told.broken[:SHOWN_RULES]:
        severity = f"[{COLOURS[one.severity]}]{one.severity}[/]"
        table.add_row(severity, one.message_id, one.source.replace("[", "\\["), str(one.times), str(one.documents))
    if len(told.broken) > SHOWN_RULES:
        table.add_row("", f"+ {len(told.broken) - SHOWN_RULES}")
    return table
