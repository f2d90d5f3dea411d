"""`passerelle clients`: software that may call, what it may do, and how it shows who it is."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from fhir_server.commands.options import Config, Data, Database, store_settings
from fhir_server.model.issue import Category, fault

if TYPE_CHECKING:
    from fhir_server.security.client import Client
    from fhir_server.settings import Settings
    from fhir_server.store.store import Store

T = TypeVar("T")
command = typer.Typer(rich_markup_mode=None)


class RoleName(StrEnum):
    """Rights beside those of the scopes."""

    administrator = "administrator"
    data_protection_officer = "data-protection-officer"


Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called where people read of it.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The client's id, as `passerelle clients list` shows it.")]
NewId = Annotated[str | None, typer.Option("--id", help="Its client_id; one is made unless given.")]
Scopes = Annotated[str, typer.Option("--scope", help="The most it may do, as SMART scopes: 'system/CarePlan.rs system/Patient.rs'.")]
Jwks = Annotated[Path | None, typer.Option("--jwks", metavar="FILE", help="Its public keys as a JWKS.")]
JwksUrl = Annotated[str | None, typer.Option("--jwks-url", metavar="URL", help="Where it publishes them; add the host to allowed_hosts.")]
Generate = Annotated[Path | None, typer.Option("--generate", metavar="FILE", help="Make a key pair; the private JWK goes to a new file.")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Make a key to be sent as Bearer; it goes to this new file.")]
Certificate = Annotated[list[str] | None, typer.Option("--certificate", metavar="SHA256|FILE", help="A certificate that a proxy tells of.")]
Sender = Annotated[list[str] | None, typer.Option("--sender", metavar="MSH-3|MSH-4", help="A sender of HL7 v2 messages that it is.")]
Address = Annotated[list[str] | None, typer.Option("--address", metavar="NETWORK", help="Where it sends messages from without a key.")]
ActorName = Annotated[list[str] | None, typer.Option("--actor", metavar="TYPE/ID", help="Who it is in the record: Organization/x.")]
Whole = Annotated[bool, typer.Option("--whole", help="It serves the whole of its tenant, not only those it has in care.")]
Tenant = Annotated[str, typer.Option("--tenant", help="The organisation whose data it belongs to.")]
Roles = Annotated[list[RoleName] | None, typer.Option("--role", help="administrator, or data-protection-officer.")]
Expires = Annotated[datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help="The day (UTC) on which it ends by itself.")]
KeepOld = Annotated[bool, typer.Option("--keep-old", help="The former keys count too, until the next rotation without this option.")]


@command.callback()
def clients() -> None:
    """Software that may call: registered, given new keys, revoked."""


@command.command("add")
def add(
    name: Name, scope: Scopes, id_: NewId = None, jwks: Jwks = None, jwks_url: JwksUrl = None, generate: Generate = None, key: Key = None,
    certificate: Certificate = None, sender: Sender = None, address: Address = None, actor: ActorName = None, whole: Whole = False,
    tenant: Tenant = "", role: Roles = None, expires: Expires = None, data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """Register a client. Private keys that are made here are written once, to a file for this user only, and kept nowhere else."""
    from fhir_server.security.registration import Registration, RegistrationError, registered

    try:
        asked = Registration(
            id_ or secrets.token_hex(8), name, scope, jwks.read_text("utf-8") if jwks else "", jwks_url or "",
            tuple(_certificate(one) for one in certificate or ()), tuple(sender or ()), tuple(address or ()), tuple(actor or ()),
            whole, tenant, tuple(one.value for one in role or ()), int(expires.replace(tzinfo=UTC).timestamp()) if expires else None,
        )  # fmt: skip
        client = registered(asked, int(time.time()))
    except (RegistrationError, OSError) as error:
        raise fault(Category.INVALID, "invalid", str(error)) from None
    client = _with_new_keys(client, generate, key)
    if not asyncio.run(_with_store(store_settings(data, database, config), lambda store: store.registry.add(client))):
        _forget(generate, key)
        raise fault(Category.CONFLICT, "duplicate", f"There is a client {client.id} already; give another --id, or rotate that one.")
    _tell(client, generate, key)


@command.command("rotate")
def rotate(
    id_: Id, jwks: Jwks = None, jwks_url: JwksUrl = None, generate: Generate = None, key: Key = None, keep_old: KeepOld = False,
    data: Data = None, database: Database = None, config: Config = None,
) -> None:  # fmt: skip
    """Give a client other keys: the former ones count no more, tokens that were got with them end within five minutes."""
    from fhir_server.security.registration import RegistrationError, rotated

    settings = store_settings(data, database, config)
    client = asyncio.run(_with_store(settings, lambda store: _found(store, id_)))
    if not (jwks or jwks_url or generate or key):
        raise fault(Category.INVALID, "required", "Which keys? Give --jwks, --jwks-url, --generate or --key.")
    try:
        public = jwks.read_text("utf-8") if jwks else ""
        fresh = rotated(client, public, jwks_url or "", signs=bool(generate), sends=bool(key), keep=keep_old)
    except (RegistrationError, OSError) as error:
        raise fault(Category.INVALID, "invalid", str(error)) from None
    fresh = _with_new_keys(fresh, generate, key)
    asyncio.run(_with_store(settings, lambda store: store.registry.replace(fresh)))
    _tell(fresh, generate, key)


@command.command("revoke")
def revoke(id_: Id, data: Data = None, database: Database = None, config: Config = None) -> None:
    """Let a client in no more: its keys and its tokens stop counting at once. Its id and senders are given to nobody else."""

    async def work(store: Store) -> None:
        await store.registry.replace(replace(await _found(store, id_), revoked=int(time.time())))

    asyncio.run(_with_store(store_settings(data, database, config), work))
    typer.echo(f"{id_} is revoked.")


@command.command("list")
def list_clients(data: Data = None, database: Database = None, config: Config = None) -> None:
    """One line for each client: id, state, name, tenant, how it shows who it is, scopes. No secret is shown, for none is kept."""
    for client in asyncio.run(_with_store(store_settings(data, database, config), lambda store: store.registry.clients())):
        typer.echo(_line(client, time.time()))


def _with_new_keys(client: Client, generate: Path | None, key: Path | None) -> Client:
    """The client with the keys that are asked to be made; each private one is in its file before anything is stored."""
    from fhir_server.security.registration import with_key_pair, with_sender_key

    if generate:
        client, private = with_key_pair(client)
        _write_once(generate, private)
    if key:
        client, secret = with_sender_key(client)
        _write_once(key, secret)
    return client


def _write_once(file: Path, secret: str) -> None:
    """A new file that only this user can read."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(secret + "\n")
    except FileExistsError:
        raise fault(Category.CONFLICT, "duplicate", f"{file} is there already; name a new file.") from None
    except OSError as error:
        raise fault(Category.INVALID, "invalid", f"{file} cannot be written: {error.strerror}.") from None


def _forget(*files: Path | None) -> None:
    for file in files:
        if file:
            file.unlink(missing_ok=True)


def _certificate(given: str) -> str:
    """A fingerprint, or the text of the file that holds a certificate."""
    file = Path(given)
    return file.read_text("utf-8") if len(given) < 256 and file.is_file() else given


async def _found(store: Store, id_: str) -> Client:
    for client in await store.registry.clients():
        if client.id == id_:
            if client.revoked is not None:
                raise fault(Category.CONFLICT, "deleted", f"The client {id_} was revoked; register another.")
            return client
    raise fault(Category.NOT_FOUND, "not-found", f"There is no client {id_}; `passerelle clients list` shows those there are.")


def _tell(client: Client, generate: Path | None, key: Path | None) -> None:
    typer.echo(f"client_id {client.id}")
    if generate:
        typer.echo(f"Its private key is in {generate}: give that to the client by a safe way, and keep no copy.")
    if key:
        typer.echo(f"Its key is in {key}: give that to the client by a safe way, and keep no copy.")


def _line(client: Client, now: float) -> str:
    state = "revoked" if client.revoked is not None else "valid" if client.counts(now) else "expired"
    shows = [
        name for name, there in (
            ("jwks", client.jwks), ("jwks-url", client.jwks_url), ("key", client.keys), ("certificate", client.certificates),
            ("address", client.addresses),
        ) if there
    ]  # fmt: skip
    actors = [f"{type_name}/{actor}" for type_name, actor in client.actors]
    more = [*(["whole"] if client.whole else []), *actors, *client.roles, *client.senders]
    parts = (client.id, state, client.name, client.tenant, "+".join(shows) or "no key", client.scope, " ".join(more))
    return "  ".join(part for part in parts if part)


async def _with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    from fhir_server.store.opening import open_store

    if not settings.on_postgresql:
        settings.database_file.parent.mkdir(parents=True, exist_ok=True)
    store = await open_store(settings.database)
    try:
        return await work(store)
    finally:
        await store.close()
