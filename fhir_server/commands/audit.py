"""`passerelle audit`: whether the audit trail is whole, how far its chains are, and what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from fhir_server.commands.options import Config, Data, Database
from fhir_server.model.issue import Category, fault

if TYPE_CHECKING:
    from fhir_server.settings import Settings
    from fhir_server.store.audit import AuditRecord, ChainHead, Verification
    from fhir_server.store.store import Store

T = TypeVar("T")
command = typer.Typer(rich_markup_mode=None)
NOT_WHOLE = 1

KeyFile = Annotated[Path | None, typer.Option("--audit-key-file", metavar="FILE", help="The key that the chains were made with.")]
Kept = Annotated[
    Path | None, typer.Option("--kept", metavar="FILE", help="What `passerelle audit head` printed earlier: what was cut off since shows.")
]
Patient = Annotated[str | None, typer.Option("--patient", metavar="ID", help="Only what concerned this person.")]
Subject = Annotated[str | None, typer.Option("--subject", metavar="WHO", help="Only what this caller did.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")]


@command.callback()
def audit() -> None:
    """Who did what, chained so that what is removed or changed shows."""


@command.command("verify")
def verify(kept: Kept = None, key_file: KeyFile = None, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Follow every chain from its beginning; status 1 and a line for each fault where one is not whole."""
    settings = _settings(data, database, config, key_file)
    heads = _read_heads(kept) if kept else ()
    found = asyncio.run(_with_store(settings, lambda store: store.audit.verify(heads)))
    for one in found.faults:
        typer.echo(f"chain {one.chain:x}, entry {one.number}: {one.says}", err=True)
    typer.echo(_summary(found))
    if found.faults:
        raise typer.Exit(NOT_WHOLE)


@command.command("head")
def head(data: Data = None, database: Database = None, config: Config = None) -> None:
    """How far each chain is: chain, number, hash, start. Keep it where nobody who can write the database can, for `verify --kept`."""
    for one in asyncio.run(_with_store(_settings(data, database, config), lambda store: store.audit.heads())):
        typer.echo(f"{one.chain:x} {one.number} {one.hash.hex()} {one.started}")


@command.command("list")
def list_entries(
    patient: Patient = None, subject: Subject = None, limit: Limit = 100,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """One line for each entry: id, time (UTC), outcome, interaction, who, by what software, from where, of whom. No texts of searches."""
    from fhir_server.store.audit import AuditSearch

    search = AuditSearch(patient=patient, subject=subject)
    page = asyncio.run(_with_store(_settings(data, database, config), lambda store: store.audit.page(search, limit)))
    for record in page.records:
        typer.echo(_line(record))


def _settings(data: Path | None, database: str | None, config: Path | None, key_file: Path | None = None) -> Settings:
    from fhir_server.settings import load_settings, provide_password

    settings = load_settings({"data": data, "database": database, "audit_key_file": key_file}, config)
    provide_password(settings)
    return settings


async def _with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    from fhir_server.settings import audit_key
    from fhir_server.store.opening import open_store

    if not settings.on_postgresql and not settings.database_file.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no database at {settings.database_file}; name it by --data or --database.")
    store = await open_store(settings.database, audit_key=audit_key(settings))
    try:
        return await work(store)
    finally:
        await store.close()


def _read_heads(file: Path) -> list[ChainHead]:
    from fhir_server.store.audit import ChainHead

    try:
        lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [ChainHead(int(chain, 16), int(number), bytes.fromhex(hash_), int(started)) for chain, number, hash_, started in lines]
    except (OSError, ValueError) as error:
        sentence = f"{file} does not hold what `passerelle audit head` prints: {error}."
        raise fault(Category.INVALID, "invalid", sentence) from None


def _summary(found: Verification) -> str:
    erased = f", {found.erased} texts of searches erased" if found.erased else ""
    said = f"{len(found.faults)} faults" if found.faults else "whole"
    return f"{found.chains} chains, {found.entries} entries{erased}: {said}"


def _line(record: AuditRecord) -> str:
    from fhir_server.store.stored import instant

    entry = record.entry
    entities = " ".join(f"{type_}/{id_}" for type_, id_, _ in entry.entities)
    who = f"{entry.subject or '-'} by {entry.client or '-'} from {entry.address or '-'}"
    return "  ".join((record.id, instant(entry.recorded), str(entry.outcome), entry.interaction, who, entities)).rstrip()
