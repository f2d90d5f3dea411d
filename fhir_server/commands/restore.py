"""`passerelle restore`: a backup in place of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault

File = Annotated[Path, typer.Argument(metavar="FILE", help="A file made by `passerelle backup`.")]


def command(file: File, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Check a backup and put it in place of the database, which is kept beside it. Stop the server first."""
    from fhir_server.store.sqlite.backup import check, in_use, restore

    settings = store_settings(data, database, config)
    if settings.on_postgresql:
        sentence = f"A PostgreSQL database is put back by its own program, into a new one: createdb NAME, pg_restore --dbname URL {file}."
        raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)
    target = settings.database_file
    count = check(file)
    if in_use(target):
        raise fault(Category.BUSY, "lock-error", f"A process is using {target}; stop the server and try again. Nothing was changed.")
    former = restore(file, target)
    typer.echo(f"{count} resources are in {target}." + (f" What was there is kept as {former}." if former else ""))
