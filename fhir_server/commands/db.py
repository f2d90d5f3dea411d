"""`passerelle db`: bring the database up to this release, see whether it is whole, make its search index anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault

if TYPE_CHECKING:
    from fhir_server.settings import Settings
    from fhir_server.store.checking import Report

command = typer.Typer(rich_markup_mode=None)

Types = Annotated[list[str] | None, typer.Option("--type", metavar="TYPE", help="Only this resource type; may be given several times.")]
All = Annotated[bool, typer.Option("--all", help="Make all index rows anew, also where nothing says that they are out of date.")]


@command.callback()
def db() -> None:
    """The database: bring it up to this release, check it, index it anew."""


@command.command("migrate")
def migrate(data: Data = None, database: Database = None, config: Config = None) -> None:
    """Bring the tables up to this release, as a server does at its start; make a backup first."""
    settings = store_settings(data, database, config)
    before, after = asyncio.run(_migrated(settings))
    typer.echo(f"The database has version {after}" + (f", before it had {before}." if before != after else " already."))


@command.command("check")
def check(data: Data = None, database: Database = None, config: Config = None) -> None:
    """Whether the database is whole: tables, versions, change sequence, index. Status 0 if so, else 1. A server may run meanwhile."""
    from fhir_server.store.checking import check as checked

    report = asyncio.run(checked(store_settings(data, database, config).database))
    for line in _lines(report):
        typer.echo(line)
    if not report.is_well:
        raise typer.Exit(1)


@command.command("reindex")
def reindex(type_names: Types = None, everything: All = False, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Make the search index anew where it was made by another release, other packages or other search parameters; with --all wholly.

    A server may run meanwhile. What is done stays done when this is stopped.
    """
    settings = store_settings(data, database, config)
    _must_exist(settings)
    count = asyncio.run(_reindexed(settings, type_names or [], everything))
    typer.echo(f"{count} resources were indexed anew." if count else "The index is up to date.")


def _lines(report: Report) -> list[str]:
    behind = "" if report.version == report.newest_version else f", this release has {report.newest_version}: run `passerelle db migrate`"
    lines = [f"schema version: {report.version}{behind}"]
    lines += [f"{name}: {number}" for name, number in report.counts.items()]
    lines += [f"FAULT: {name}: {number}" for name, number in report.faults.items()]
    if report.problem:
        lines.append(f"FAULT: {report.problem}. Put a backup in its place (docs/operations.md).")
    return [*lines, "The database is whole." if report.is_well else "The database is not as it should be."]


def _must_exist(settings: Settings) -> None:
    if not settings.on_postgresql and not settings.database_file.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no database at {settings.database_file}; name it by --data or --database.")


async def _migrated(settings: Settings) -> tuple[int, int]:
    from fhir_server.store.checking import check as checked
    from fhir_server.store.opening import open_store

    _must_exist(settings)
    before = await checked(settings.database)
    await (await open_store(settings.database)).close()
    return before.version, before.newest_version


async def _reindexed(settings: Settings, types: list[str], everything: bool) -> int:
    from fhir_server.assembly import assembled

    async with assembled(settings, leads=True) as parts:
        for name in types:
            parts.interactions.known_type(name)
        wanted = types or sorted(parts.definitions.schema.resource_types if everything else parts.reindexing.waiting)
        total = await parts.store.indexing.count(wanted) if wanted else 0
        with typer.progressbar(length=total, label="indexing") as bar:
            await parts.reindexing.all(wanted, afresh=everything, told=lambda _, number: bar.update(number))
        return parts.reindexing.renewed
