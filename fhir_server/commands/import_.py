"""`passerelle import`: resources into the store, without a server in between."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import FhirError
from fhir_server.settings import Settings
from fhir_server.transfer.source import documents, expand

if TYPE_CHECKING:
    from fhir_server.transfer.importing import Importer

AT_ONCE = 4
SHOWN_REFUSALS = 20

Sources = Annotated[list[str], typer.Argument(metavar="FILE...|FOLDER|URL", help="Bundles, resources, NDJSON; .gz and .bz2 too.")]


def command(sources: Sources, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Load Bundles (transactions as such), single resources and NDJSON; status 1 when something was refused."""
    stored, refusals = asyncio.run(_import(expand(sources), store_settings(data, database, config)))
    for refusal in refusals[:SHOWN_REFUSALS]:
        typer.echo(refusal, err=True)
    if len(refusals) > SHOWN_REFUSALS:
        typer.echo(f"... and {len(refusals) - SHOWN_REFUSALS} more.", err=True)
    if refusals:
        typer.echo(f"{stored} resources are stored; {len(refusals)} refusals are told above.", err=True)
        raise typer.Exit(1)


async def _import(names: list[str], settings: Settings) -> tuple[int, list[str]]:
    from fhir_server.assembly import assembled
    from fhir_server.transfer.importing import Importer

    began = time.monotonic()
    async with assembled(settings) as parts:
        importer = Importer(parts.interactions)
        with _progress() as progress:
            task = progress.add_task("Importing", total=len(names))
            await _load_all(names, importer, settings, progress, task)
        seconds = time.monotonic() - began
    rate = importer.tally.stored / seconds
    typer.echo(f"{importer.tally.stored} resources of {len(names)} files in {seconds:.1f} s = {rate:.0f} resources/s")
    return importer.tally.stored, importer.tally.refusals


async def _load_all(names: list[str], importer: Importer, settings: Settings, progress: Progress, task: TaskID) -> None:
    waiting = iter(names)

    async def work() -> None:
        for name in waiting:
            await _load_one(name, importer, settings)
            progress.advance(task)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await importer.load_deferred()


async def _load_one(name: str, importer: Importer, settings: Settings) -> None:
    found = documents(name, settings.allowed_hosts, settings.allowed_networks)
    try:
        while document := await asyncio.to_thread(next, found, None):
            await importer.load(document)
    except FhirError as error:
        importer.tally.refuse(Path(name).name, error)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
