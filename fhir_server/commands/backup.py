"""`passerelle backup`: a consistent copy of the store, made while the server runs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault

File = Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy is written; an existing file is not overwritten.")]


def command(file: File, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Copy the whole store as it stands at one moment: resources, all versions, index and inbox; then check the copy."""
    settings = store_settings(data, database, config)
    if file.exists():
        raise fault(Category.CONFLICT, "conflict", f"{file} exists already; choose another name or remove it.")
    if settings.on_postgresql:
        _dump(settings.database, file)
        return
    source = settings.database_file
    if not source.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no database at {source}; name it by --data or --database.")
    count = asyncio.run(_backup(source, file))
    typer.echo(f"{count} resources are in {file} ({file.stat().st_size} bytes), checked. Put it back with: passerelle restore {file}")


def _dump(url: str, file: Path) -> None:
    from fhir_server.store.postgresql.backup import dump, entries

    work = file.with_name(file.name + ".partial")
    dump(url, work)
    count = len(entries(work))
    os.replace(work, file)
    typer.echo(f"A dump of {count} objects is in {file} ({file.stat().st_size} bytes). Put it back with: pg_restore --dbname URL {file}")


async def _backup(source: Path, file: Path) -> int:
    from fhir_server.store.sqlite import SqliteStore
    from fhir_server.store.sqlite.backup import check

    work = file.with_name(file.name + ".partial")
    store = SqliteStore(source)
    try:
        await store.backup(work)
    finally:
        await store.close()
    count = check(work)
    os.replace(work, file)
    return count
