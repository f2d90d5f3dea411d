"""`passerelle validate`: resources in files against R4 and profiles, offline."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, store_settings
from fhir_server.model.issue import Category, Issue, fault, operation_outcome


class Format(StrEnum):
    """How findings are shown."""

    text = "text"
    json = "json"


Files = Annotated[list[Path], typer.Argument(metavar="FILE...|FOLDER", help="Resources as JSON, XML or NDJSON; of a folder, all of them.")]
Profile = Annotated[list[str] | None, typer.Option("--profile", metavar="URL", help="A profile to keep to, beside those of meta.profile.")]
Package = Annotated[list[Path] | None, typer.Option("--package", metavar="FILE.tgz", help="A FHIR package to read definitions from.")]
Shown = Annotated[Format, typer.Option("--format", help="json: one OperationOutcome for all files.")]


def command(
    files: Files, profile: Profile = None, package: Package = None, format_: Shown = Format.text, data: Data = None, config: Config = None
) -> None:
    """Check structure, cardinality, values, codes, invariants and profiles; status 0 valid, 1 invalid, 2 could not run."""
    from fhir_server.definitions_in_use import definitions_in_use
    from fhir_server.validation.document import DocumentCheck

    for archive in package or ():
        if not archive.is_file():
            raise fault(Category.NOT_FOUND, "not-found", f"There is no package file {archive}.")
    settings = store_settings(data, None, config)
    definitions = definitions_in_use(settings, package or (), say=lambda text: typer.echo(text, err=True))
    check = DocumentCheck(definitions, profile or ())
    found = [(path, issue) for path in _expanded(files) for issue in check.findings(path.name, _content(path))]
    _show(found, format_)
    if any(issue.is_error for _, issue in found):
        raise typer.Exit(1)


def _expanded(files: Iterable[Path]) -> list[Path]:
    """The resources' files, those of folders in their place."""
    listed = [path for one in files for path in (_in_folder(one) if one.is_dir() else [one])]
    if not listed:
        raise fault(Category.NOT_FOUND, "not-found", "No file that ends in .json, .xml or .ndjson was found.")
    return listed


def _in_folder(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".xml", ".ndjson") and path.is_file())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise fault(Category.NOT_FOUND, "not-found", f"{path} cannot be read: {error.strerror}.") from None


def _show(found: list[tuple[Path, Issue]], format_: Format) -> None:
    if format_ is Format.json:
        from fhir_server.model.json_format import pretty_json

        typer.echo(pretty_json(operation_outcome(issue for _, issue in found)).decode())
        return
    for path, issue in found:
        typer.echo(_line(path, issue))
    errors = sum(issue.is_error for _, issue in found)
    warnings = sum(issue.severity == "warning" for _, issue in found)
    typer.echo(f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}" if found else "No issue found.")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _line(path: Path, issue: Issue) -> str:
    """`bundle.json:12:5: error: Patient.birthDate: ...`, as editors and CI understand it."""
    place = ":".join(str(part) for part in (path, issue.line, issue.column) if part is not None)
    return ": ".join(part for part in (place, issue.severity, issue.expression, issue.diagnostics) if part)
