"""`passerelle person`: the rights of the person: all about one handed over, erased, or let go by the rules of retention."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault

if TYPE_CHECKING:
    from fhir_server.assembly import Parts
    from fhir_server.rights.dossier import Dossier
    from fhir_server.rights.retention import Due
    from fhir_server.settings import Settings

command = typer.Typer(rich_markup_mode=None)

Person = Annotated[str, typer.Argument(metavar="ID", help="The id of the Patient.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where it is written: empty, or not there yet.")]
OrderBy = Annotated[str, typer.Option("--order-by", metavar="WHO", help="Who ordered it; told to whoever asks for what was erased.")]
Why = Annotated[str, typer.Option("--reason", metavar="WHY", help="Kept in the audit trail.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be erased; change nothing.")]
Apply = Annotated[bool, typer.Option("--apply", help="Erase what the rules let go; without it, it is only said.")]
Vacuum = Annotated[bool, typer.Option("--vacuum", help="Write the database's files anew behind it; others wait meanwhile.")]


@command.callback()
def person() -> None:
    """All about one person, handed over or erased; what has been kept long enough."""


@command.command("export")
def export(id_: Person, folder: Folder, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Write all about a person for that person: NDJSON, who saw it, and index.html to read."""
    counts = asyncio.run(_export(store_settings(data, database, config), id_, folder))
    for name, number in sorted(counts.items()):
        typer.echo(f"{name}  {number}")
    typer.echo(f"All about Patient/{id_} is in {folder}; begin with index.html.")


@command.command("erase")
def erase(
    id_: Person, order_by: OrderBy = "", reason: Why = "", dry_run: DryRun = False, vacuum: Vacuum = False,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """Erase the contents of all that belongs to a person alone, in every version. The history says so; backups still hold it."""
    if not dry_run and not (order_by and reason):
        raise fault(Category.INVALID, "required", "Say who ordered it and why (--order-by, --reason), or try it (--dry-run).")
    asyncio.run(_erase(store_settings(data, database, config), id_, order_by, reason, dry_run=dry_run, vacuum=vacuum))


@command.command("retention")
def retention(
    order_by: OrderBy = "retention", apply: Apply = False, dry_run: DryRun = False, vacuum: Vacuum = False,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """What the rules of the setting `retention` let go, and with --apply its erasure."""
    settings = store_settings(data, database, config)
    if not settings.retention:
        raise fault(Category.INVALID, "required", "The setting retention has no rules; see docs/rights-of-the-person.md.")
    asyncio.run(_retention(settings, order_by, apply=apply and not dry_run, vacuum=vacuum))


@command.command("unmerge")
def unmerge(id_: Person, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Undo a merge (HL7 v2 A40): the record that was given up stands by itself again, under its own numbers."""
    survivor = asyncio.run(_unmerge(store_settings(data, database, config), id_))
    typer.echo(f"Patient/{id_} and {survivor} are two records again. Stays written since the merge stay where they are.")


async def _unmerge(settings: Settings, id_: str) -> str:
    from adapters.exchange.identity import replaced_by
    from adapters.exchange.merge import unmerged
    from fhir_server.assembly import assembled

    async with assembled(settings) as parts:
        prior = await parts.endpoint.read("Patient", id_)
        reference = replaced_by(prior) if prior else None
        survivor = await parts.endpoint.read("Patient", reference.removeprefix("Patient/")) if reference else None
        if prior is None or survivor is None:
            raise fault(
                Category.INVALID, "not-found", f"Patient/{id_} is no record that was merged into another (Patient.link replaced-by)."
            )
        await parts.endpoint.transaction(unmerged(survivor, prior))
        return str(reference)


async def _export(settings: Settings, id_: str, folder: Path) -> Counter[str]:
    from fhir_server.assembly import assembled
    from fhir_server.rights.dossier import dossier
    from fhir_server.rights.export import PersonExport
    from fhir_server.store.audit import AuditEntry
    from fhir_server.store.opening import now

    async with assembled(settings) as parts:
        found = await dossier(parts.interactions, id_)
        counts = await PersonExport(parts.interactions, found, folder, settings.base_url or "http://localhost/fhir").run()
        await parts.store.audit.record([AuditEntry(now(), "$person-export", "R", subject="operator", client="passerelle", patients=(id_,))])
        return counts


async def _erase(settings: Settings, id_: str, order_by: str, reason: str, *, dry_run: bool, vacuum: bool) -> None:
    from fhir_server.assembly import assembled
    from fhir_server.rights.dossier import dossier

    async with assembled(settings) as parts:
        found = await dossier(parts.interactions, id_)
        _tell(found)
        if dry_run:
            typer.echo("Nothing was changed.")
            return
        await _erase_person(parts, found, order_by, reason)
        await parts.store.erasures.cleanse(vacuum=vacuum)


async def _erase_person(parts: Parts, found: Dossier, order_by: str, reason: str) -> None:
    from fhir_server.rights.erasure import erase_person
    from fhir_server.store.opening import now

    texts = await erase_person(parts.interactions, found, order_by, reason, now())
    typer.echo(f"Patient/{found.patient} is erased; {texts} texts of searches went too. Backups made before still hold it.")


async def _retention(settings: Settings, order_by: str, *, apply: bool, vacuum: bool) -> None:
    from fhir_server.assembly import assembled
    from fhir_server.rights.retention import due, rules
    from fhir_server.store.opening import now

    async with assembled(settings) as parts:
        wanted = rules(settings.retention, now(), frozenset(parts.definitions.schema.resource_types))
        for one in await due(parts.interactions, wanted):
            typer.echo(f"{one.rule.subject}={one.rule.span}: {len(one.persons)} persons, {len(one.resources)} resources")
            if apply:
                await _let_go(parts, one, order_by)
        if apply:
            await parts.store.erasures.cleanse(vacuum=vacuum)
        else:
            typer.echo("Nothing was changed; --apply erases it.")


async def _let_go(parts: Parts, due: Due, order_by: str) -> None:
    from fhir_server.rights.dossier import dossier
    from fhir_server.rights.erasure import erase_resources
    from fhir_server.store.opening import now

    reason = f"retention: {due.rule.subject}={due.rule.span}"
    for person in due.persons:
        await _erase_person(parts, await dossier(parts.interactions, person), order_by, reason)
    if due.resources:
        await erase_resources(parts.interactions, due.resources, order_by, reason, now())


def _tell(found: Dossier) -> None:
    counts = Counter(one.type for one in found.held if one.own)
    for type_name, number in sorted(counts.items()):
        typer.echo(f"{type_name}  {number}")
    typer.echo(f"{len(found.messages)} messages of the inbox, {len(found.sent)} of the outbox that name the person, and those in its lane")
    for one in found.shared:
        typer.echo(f"{one.type}/{one.id} belongs to others too: kept, it still names this person")
    for type_name, id_ in found.mentions:
        typer.echo(f"{type_name}/{id_} names this person: kept; look whether it tells more than the reference")
