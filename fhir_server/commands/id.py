"""`passerelle id`: national identifiers of persons, professionals and structures, without a server (docs/identifiers.md)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from fhir_server.commands.options import Language, Tongue
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.kinds import KINDS, fitting
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import pretty_json
from fhir_server.model.phrase import in_language, phrase

command = typer.Typer(rich_markup_mode=None)

Readings = Sequence[tuple[str, Sequence[Kind]]]
"""Values, each with the kinds that it is read as."""


class Form(StrEnum):
    """How what was found is shown."""

    text = "text"
    json = "json"


_SEPARATORS = re.compile(r"[\s.\-]")
Values = Annotated[list[str], typer.Argument(metavar="VALUE...|-", help="Identifiers; - reads them from standard input, one a line.")]
Wanted = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="What they are: " + ", ".join(KINDS) + ". Else all that fit.")]
Shown = Annotated[Form, typer.Option("--format", "--output", help="json: parts and faults of each value.")]


@command.callback()
def _group() -> None:
    """A single command below a name needs this to keep its name."""


@command.command("check")
def check(values: Values, kind: Wanted = None, format_: Shown = Form.text, lang: Language = Tongue.en) -> None:
    """Check and explain identifiers; status 0 all sound in a kind, 1 one is not, 2 could not run.

    Of kinds that have a key, one must be right: that the value looks like one of another kind does not count beside them.
    """
    read = [(value, _read_as(value, kind)) for value in _given(values)]
    for line in [_json(read, lang)] if format_ is Form.json else _text(read, lang):
        typer.echo(line)
    if not all(_sound(value, kinds) for value, kinds in read):
        raise typer.Exit(1)


def _given(values: Iterable[str]) -> list[str]:
    lines = (_readable(line).strip() for value in values for line in (sys.stdin if value == "-" else (value,)))
    found = [line for line in lines if line]
    if not found:
        raise fault(Category.INVALID, "required", "There is nothing to check: give an identifier, or one a line on standard input.")
    return found


def _readable(text: str) -> str:
    """Bytes that are no UTF-8 come as lone surrogates, which no terminal and no JSON takes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _read_as(value: str, code: str | None) -> list[Kind]:
    """The kind asked for; else those in which the value is sound, or where their keys say that it is not, all whose form it has."""
    if code is not None:
        if code not in KINDS:
            raise fault(Category.INVALID, "invalid", f"There is no kind {code}; choose among {', '.join(KINDS)}.")
        return [KINDS[code]]
    fit = fitting(value)
    return [kind for kind in fit if not kind.check(value)] if _sound(value, fit) else fit


def _sound(value: str, kinds: Sequence[Kind]) -> bool:
    return any(not kind.check(value) for kind in [one for one in kinds if one.has_key] or kinds)


def _text(read: Readings, language: str) -> Iterator[str]:
    for value, kinds in read:
        if not kinds:
            yield f"{value}: {in_language(_no_kind(value), language)}"
        for kind in kinds:
            yield f"{value}: {kind.code}: {in_language(_verdict(kind, value), language)}. {kind.explain(value, language)}"


def _verdict(kind: Kind, value: str) -> str:
    if kind.check(value):
        return phrase("wrong")
    return phrase("right") if kind.has_key else phrase("right in form, and has no key")


def _no_kind(value: str) -> str:
    if fitting(without := _SEPARATORS.sub("", value)):
        return phrase("Identifiers are written without spaces, points and dashes: {value}.", value=without)
    return phrase("No kind of identifier that is known here looks like this; --kind says what is wrong with it as one.")


def _json(read: Readings, language: str) -> str:
    rows = [{"value": value, "kinds": [_row(kind, value, language) for kind in kinds]} for value, kinds in read]
    return pretty_json(rows).decode()


def _row(kind: Kind, value: str, language: str) -> dict[str, Any]:
    return {
        "kind": kind.code,
        "label": in_language(kind.label, language),
        "valid": not kind.check(value),
        "has_key": kind.has_key,
        "parts": [
            {"name": in_language(part.name, language), "text": part.text, "meaning": in_language(part.meaning, language)}
            for part in kind.parse(value)
        ],
        "faults": [{"id": fault.message_id, "text": in_language(fault.sentence, language)} for fault in kind.check(value)],
    }
