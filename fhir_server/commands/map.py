"""`passerelle map`: the maps that say what foreign messages become, checked, tried and explained without a server."""

from __future__ import annotations

import difflib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.commands.options import store_settings
from fhir_server.model.issue import Category, fault

if TYPE_CHECKING:
    from adapters.mapping.maps import Library
    from fhir_server.definitions.definitions import Definitions
    from fhir_server.model.schema import Schema

command = typer.Typer(rich_markup_mode=None)

Sites = Annotated[
    Path | None,
    typer.Option("--sites", metavar="DIR", help="Folder of what single senders mean otherwise; without it, that of the setting `sites`."),
]
MessageFile = Annotated[Path, typer.Argument(metavar="FILE", help="One HL7 v2 message; its segments may end in CR, LF or both.")]
MessageFiles = Annotated[list[Path], typer.Argument(metavar="FILE...", help="HL7 v2 messages, each with its outcome in a .json beside it.")]
MessageName = Annotated[str, typer.Argument(metavar="NAME", help="A message that is sent; `passerelle map check` names them.")]
BundleFile = Annotated[Path, typer.Argument(metavar="BUNDLE", help="A Bundle with the resources that the message is made of.")]
All = Annotated[bool, typer.Option("--all", help="Show the warnings about the maps that come with the program, too.")]
Renew = Annotated[bool, typer.Option("--renew", help="Write what they become now; read the difference before you keep it.")]


@command.callback()
def map_() -> None:
    """What foreign messages become."""


@command.command("check")
def check(sites: Sites = None, every: All = False) -> None:
    """Read all maps and sites; status 1, with file and line, where one cannot be used, or writes an element or code that does not belong
    there.
    """
    from adapters.hl7v2.outgoing import load_messages
    from adapters.mapping.source import MapError
    from fhir_server.definitions_in_use import definitions_in_use

    sites = _sites(sites)
    definitions = definitions_in_use(store_settings(None, None, None), say=lambda text: typer.echo(text, err=True))
    try:
        library, messages = _library(sites, schema=definitions.schema), load_messages(schema=definitions.schema)
    except MapError as error:
        typer.echo(error.issues[0].diagnostics)
        raise typer.Exit(1) from None
    for one in library.maps.values():
        typer.echo(f"{one.name}  {one.title}")
    for sender in library.sites:
        typer.echo(f"{sender}  has a site of its own")
    for message in messages.values():
        typer.echo(f"{message.name} (sent)  {message.title}")
    _check_codes(definitions, sites, every)


def _check_codes(definitions: Definitions, sites: Path | None, every: bool) -> None:
    """Tell what is wrong with codes: errors, what a site brings about, and on demand the warnings that we know of."""
    from adapters.exchange.claim import profiles
    from adapters.mapping.codes import CodeCheck, code_findings, told
    from fhir_server.validation.validator import Validator

    found = code_findings(CodeCheck(Validator(definitions).validate, profiles()), sites)
    shown = (*found.maps, *found.sites) if every else (*(one for one in found.maps if one.severity == "error"), *found.sites)
    for line in told(shown):
        typer.echo(line)
    if known := len(list(told((*found.maps, *found.sites)))) - len(list(told(shown))):
        typer.echo(f"{known} warnings about the maps that come with the program; --all shows them")
    if found.errors:
        raise typer.Exit(1)


@command.command("explain")
def explain(file: MessageFile, sites: Sites = None) -> None:
    """Which line filled which element, and what was sent and read by no line. It shows what the message says of a patient."""
    from adapters.hl7v2.trial import explained

    typer.echo(explained(_library(_sites(sites), traced=True), _content(file)))


@command.command("test")
def compare(files: MessageFiles, renew: Renew = False, sites: Sites = None) -> None:
    """Compare what messages become with what they are to become; status 1 where one differs."""
    library = _library(_sites(sites))
    differing = [file for file in files if not _is_as_expected(library, file, renew)]
    if differing:
        raise typer.Exit(1)


@command.command("compose")
def compose(name: MessageName, bundle: BundleFile) -> None:
    """Print the message that a Bundle's resources become when they are sent; it holds data of a patient."""
    from adapters.hl7v2.outgoing import Route, load_messages
    from fhir_server.model.json_format import decode_resource

    messages = load_messages()
    if name not in messages:
        raise fault(Category.NOT_FOUND, "not-found", f"There is no message {name} (there are: {', '.join(sorted(messages))}).")
    resources = [entry["resource"] for entry in decode_resource(_content(bundle)).get("entry", [])]
    route = Route("PASSERELLE", "", "", "", "TRIAL", datetime.now().astimezone(), "T")
    typer.echo(messages[name].compose(resources, route).decode().replace("\r", "\n"), nl=False)


@command.command("document")
def document() -> None:
    """Print the page for integrators: every message, every field that is read, and what it becomes, as Markdown."""
    from adapters.hl7v2.field_page import field_page

    typer.echo(field_page(), nl=False)


def _library(sites: Path | None, *, traced: bool = False, schema: Schema | None = None) -> Library:
    from adapters.hl7v2.adt import load_maps

    return load_maps(sites=sites, traced=traced, schema=schema)


def _sites(given: Path | None) -> Path | None:
    """The folder of sites that is meant; FhirError(NOT_FOUND) where it is none."""
    sites = given or store_settings(None, None, None).sites
    if sites is not None and not sites.is_dir():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no folder {sites}.")
    return sites


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no file {file}.")
    return file.read_bytes()


def _is_as_expected(library: Library, file: Path, renew: bool) -> bool:
    from adapters.hl7v2.trial import expected_file, outcome

    now, kept = outcome(library, _content(file)), expected_file(file)
    if renew:
        kept.write_text(now, "utf-8")
    elif not kept.is_file():
        raise fault(Category.NOT_FOUND, "not-found", f"There is no {kept}; `passerelle map test --renew {file}` makes it.")
    before = kept.read_text("utf-8")
    typer.echo(f"{file}: {'as expected' if now == before else 'DIFFERENT'}")
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "expected", "now", lineterm="", n=2)
    typer.echo("".join(f"  {line}\n" for line in lines), nl=False)
    return now == before
