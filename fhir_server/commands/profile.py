"""`passerelle profile`: what a profile asks, as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from fhir_server.commands.options import Config, Data, store_settings
from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.element_table import ElementRow, element_table
from fhir_server.definitions.snapshot import generate_snapshot
from fhir_server.definitions_in_use import definitions_in_use
from fhir_server.model.issue import Category, FhirError, Issue, fault

command = typer.Typer(rich_markup_mode=None)

Definition = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
SUGGESTED = 5

Url = Annotated[str, typer.Argument(metavar="URL", help="Canonical URL; the last part of it is enough where only one ends so.")]
Package = Annotated[list[Path] | None, typer.Option("--package", metavar="FILE.tgz", help="A FHIR package to read definitions from.")]
Differential = Annotated[bool, typer.Option("--differential", help="Only what the profile itself says.")]


@command.callback()
def _group() -> None:
    """A single command below a name needs this to keep its name."""


@command.command("show")
def show(url: Url, package: Package = None, differential: Differential = False, data: Data = None, config: Config = None) -> None:
    """The element table: flags (S must support, ?! modifier, Σ summary, C rules), cardinality, type, binding, slices, rules."""
    settings = store_settings(data, None, config)
    definitions = definitions_in_use(settings, package or (), say=lambda text: typer.echo(text, err=True))
    definition = found(definitions, url)
    snapshot, problems = _snapshot(definition, definitions)
    rows = definition.get("differential", {}).get("element", ()) if differential else snapshot
    table = element_table(rows, {str(row.get("id")): row for row in snapshot} if differential else None)
    for line in (*_heading(definition), *_problems(problems)):
        typer.echo(line)
    if sys.stdout.isatty():
        _print_table(table)
    else:
        for line in lines(table):
            typer.echo(line)


def found(definitions: Definitions, url: str) -> Definition:
    """The StructureDefinition; FhirError with the nearest URLs where none, or more than one, is meant."""
    urls = _urls(definitions) if "://" not in url else []
    ending = [one for one in urls if one.rpartition("/")[2].lower() == url.lower()]
    definition = definitions.resolve(ending[0] if len(ending) == 1 else url)
    if definition is not None and definition.get("resourceType") == "StructureDefinition":
        return definition
    near = ending or get_close_matches(url, urls or _urls(definitions), SUGGESTED, 0.5)
    hint = "".join(f"\n  {one}" for one in near[:SUGGESTED])
    sentence = f"No package in use has the profile {url}." + (f" Near it:{hint}" if hint else " `passerelle packages add` adds a package.")
    raise fault(Category.NOT_FOUND, "not-found", sentence)


def _urls(definitions: Definitions) -> list[str]:
    return list(dict.fromkeys(url for package in reversed(definitions.packages) for url in package.urls("StructureDefinition")))


def _snapshot(definition: Definition, definitions: Definitions) -> tuple[Sequence[Definition], Sequence[Issue]]:
    """The rows, and what is wrong with the differential that they are made of. A snapshot that is shipped is shown as it is."""
    made = generate_snapshot(definition, definitions.resolve)
    if "snapshot" in definition:
        return definition["snapshot"]["element"], [issue for issue in made.issues if issue.severity != "fatal"]
    if made.fatal:
        raise FhirError(Category.INVALID, [made.fatal])
    return made.elements, made.issues


def _problems(issues: Sequence[Issue]) -> Iterator[str]:
    """The profile contradicts its base or itself; empty where it does not."""
    yield from (f"! {issue.diagnostics}" for issue in issues)
    yield from [""] if issues else []


def _heading(definition: Definition) -> Iterator[str]:
    version = f"|{definition['version']}" if definition.get("version") else ""
    yield f"{definition.get('title') or definition.get('name')}: {definition['url']}{version}"
    base = definition.get("baseDefinition")
    yield f"{definition.get('derivation', 'definition')} of {base or definition.get('type')}, status {definition.get('status')}"
    yield ""


HEADINGS = ("element", "flags", "card.", "type", "description")


def lines(table: Sequence[ElementRow]) -> Iterator[str]:
    """The table as text in columns; what an element says besides stands below it."""
    cells = [HEADINGS, *(_cells(row) for row in table)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    indent = " " * (sum(widths) + 3 * 2)
    for number, row in enumerate(cells):
        first = "  ".join(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
        yield f"{first}  {row[3]}  {row[4]}".rstrip() if row[3] else f"{first}  {row[4]}".rstrip()
        yield from (f"{indent}  {one}" for one in (table[number - 1].says if number else ()))


def _cells(row: ElementRow) -> tuple[str, str, str, str, str]:
    return "  " * row.depth + row.name, " ".join(row.flags), row.cardinality, row.type, row.short


def _print_table(table: Sequence[ElementRow]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    for name in HEADINGS:
        shown.add_column(name, overflow="fold", no_wrap=name in ("flags", "card."))
    for row in table:
        *first, short = _cells(row)
        shown.add_row(*(Text(cell) for cell in first), Text("\n".join((short, *row.says) if short else row.says)))
    Console().print(shown)
