"""`passerelle validate`: resources in files, folders and packages against R4 and profiles, offline."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.commands.options import Config, Data, Language, Tongue, store_settings
from fhir_server.garbage import collect_seldom
from fhir_server.identifiers.grades import Grades
from fhir_server.inspection.inspection import Verdict, verdicts
from fhir_server.inspection.source import documents, expanded, is_package
from fhir_server.inspection.text import lines, totals
from fhir_server.model.issue import Category, Severity, fault
from fhir_server.model.phrase import translated
from fhir_server.settings import Settings

if TYPE_CHECKING:
    from fhir_server.validation.document import DocumentCheck

SEVERITIES: tuple[Severity, ...] = ("fatal", "error", "warning", "information")


class Format(StrEnum):
    """How findings are shown."""

    text = "text"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    github = "github"


class Least(StrEnum):
    """Severities that a user may choose between."""

    error = "error"
    warning = "warning"
    information = "information"

    @property
    def and_worse(self) -> frozenset[str]:
        return frozenset(SEVERITIES[: SEVERITIES.index(self.value) + 1])


SOURCES = "JSON, XML or NDJSON; of a folder, all; of a package, its examples; - is standard input."
Sources = Annotated[list[Path], typer.Argument(metavar="FILE...|FOLDER|PACKAGE.tgz|-", help=SOURCES)]
Profile = Annotated[list[str] | None, typer.Option("--profile", metavar="URL", help="A profile to keep to, beside those of meta.profile.")]
Package = Annotated[list[Path] | None, typer.Option("--package", metavar="FILE.tgz", help="A FHIR package to read definitions from.")]
Shown = Annotated[Format, typer.Option("--format", "--output", help="json: OperationOutcome; junit, sarif, github: for CI.")]
LeastShown = Annotated[Least, typer.Option("--min-severity", help="Show nothing less severe; the status stays the same.")]
Failing = Annotated[Least, typer.Option("--fail-on", help="The least severe finding that makes the status 1.")]
AsNamed = Annotated[bool, typer.Option("--examples", help="One that breaks just the rule that its meta.tag names is right.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no findings; the status tells.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes for many documents; 0: one for each processor.")]


def command(
    files: Sources, profile: Profile = None, package: Package = None, format_: Shown = Format.text, lang: Language = Tongue.en,
    min_severity: LeastShown = Least.information, fail_on: Failing = Least.error, quiet: Quiet = False, jobs: Jobs = 0,
    examples: AsNamed = False,
    data: Data = None, config: Config = None,
) -> None:  # fmt: skip
    """Check structure, cardinality, values, codes, invariants and profiles; status 0 valid, 1 invalid, 2 could not run."""
    paths = expanded(files)
    archives = (*(package or ()), *(path for path in paths if is_package(path)))
    make = partial(_check, store_settings(data, None, config), _existing(archives), tuple(profile or ()), examples)
    began = time.monotonic()
    found = list(_watched(verdicts(documents(paths), make(say=_aside), make, jobs or os.cpu_count() or 1), paths))
    if not quiet:
        _show([_told(verdict, min_severity, lang) for verdict in found], format_, lang, time.monotonic() - began)
    if any(issue.severity in fail_on.and_worse for verdict in found for issue in verdict.issues):
        raise typer.Exit(1)


Say = Callable[[str], None]


def _check(settings: Settings, archives: Sequence[Path], profiles: Sequence[str], examples: bool, say: Say | None = None) -> DocumentCheck:
    """Made here, and once more in each process that helps; those say nothing."""
    collect_seldom()
    from fhir_server.definitions_in_use import definitions_in_use
    from fhir_server.inspection.example import ExampleCheck
    from fhir_server.validation.document import DocumentCheck
    from fhir_server.validation.validator import Validator

    check = ExampleCheck if examples else DocumentCheck
    definitions = definitions_in_use(settings, archives, say or _silently)
    grades = Grades(settings.identifier_checks, settings.identifier_checks_of)
    return check(definitions, profiles, Validator(definitions, identifiers=grades))


def _aside(text: str) -> None:
    typer.echo(text, err=True)


def _silently(_text: str) -> None:
    """What the first process has said already."""


def _existing(archives: Iterable[Path]) -> tuple[Path, ...]:
    """The archives once each; FhirError for one that is not there."""
    wanted = tuple(dict.fromkeys(archives))
    for archive in wanted:
        if not archive.is_file():
            raise fault(Category.NOT_FOUND, "not-found", f"There is no package file {archive}.")
    return wanted


def _watched(found: Iterator[Verdict], paths: Sequence[Path]) -> Iterator[Verdict]:
    """The same verdicts, with a progress bar where a person is looking and there is something to wait for."""
    if not sys.stderr.isatty() or (len(paths) == 1 and not _holds_many(paths[0])):
        return found
    from fhir_server.inspection.terminal import with_bar

    return with_bar(found, None if any(_holds_many(path) for path in paths) else len(paths))


def _holds_many(path: Path) -> bool:
    return is_package(path) or path.suffix == ".ndjson"


def _told(verdict: Verdict, least: Least, lang: Tongue) -> Verdict:
    kept = [issue for issue in verdict.issues if issue.severity in least.and_worse]
    return replace(verdict, issues=tuple(translated(kept, lang)))


def _show(found: Sequence[Verdict], format_: Format, lang: Tongue, seconds: float) -> None:
    if format_ is Format.text:
        _show_text(found, lang, seconds)
        return
    for line in _written(found, format_, lang, seconds):
        typer.echo(line)


def _written(found: Sequence[Verdict], format_: Format, lang: Tongue, seconds: float) -> Iterable[str]:
    if format_ is Format.github:
        from fhir_server.inspection.github import workflow_commands

        return (line for verdict in found for line in workflow_commands(verdict))
    if format_ is Format.junit:
        from fhir_server.inspection.junit import junit_xml

        return [junit_xml(found, seconds)]
    if format_ is Format.sarif:
        from fhir_server.inspection.sarif import sarif_json
        from fhir_server.version import version

        return [sarif_json(found, version())]
    from fhir_server.inspection.outcome import outcome_json

    return [outcome_json(found, lang)]


def _show_text(found: Sequence[Verdict], lang: Tongue, seconds: float) -> None:
    for verdict in found:
        for line in lines(verdict):
            typer.echo(line)
    if len(found) > 1 and sys.stdout.isatty():
        from fhir_server.inspection.summary import summary
        from fhir_server.inspection.terminal import print_summary

        print_summary(summary(found), seconds, lang)
    typer.echo(totals(found, lang))
