"""`passerelle export`: the store as NDJSON files, one for each type."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.settings import Settings

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where Patient.ndjson and so on are written.")]
Types = Annotated[list[str] | None, typer.Option("--type", metavar="TYPE", help="Only this resource type; may be given several times.")]


def command(folder: Folder, types: Types = None, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Write the current version of every resource, one line each; `passerelle import FOLDER` reads them back."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = asyncio.run(_export(folder, types, store_settings(data, database, config)))
    for type_name, count in counts.items():
        typer.echo(f"{type_name}.ndjson  {count}")
    typer.echo(f"{sum(counts.values())} resources are in {folder}.")


async def _export(folder: Path, types: list[str] | None, settings: Settings) -> dict[str, int]:
    from fhir_server.assembly import assembled
    from fhir_server.transfer.exporting import export

    async with assembled(settings) as parts:
        return await export(parts.interactions, folder, types or parts.definitions.schema.resource_types)
