"""`passerelle fhirpath`: what an expression gives for a resource, with types and places."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, store_settings
from fhir_server.definitions_in_use import definitions_in_use
from fhir_server.fhirpath import FhirPathError, Node
from fhir_server.fhirpath.plain import plain
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource, decode_resource, encode_json, pretty_json
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import decode_xml
from fhir_server.operations.fhirpath import Evaluated, evaluate, marked, part, warnings


class Form(StrEnum):
    """How values are shown."""

    text = "text"
    json = "json"


Source = Annotated[str, typer.Argument(metavar="EXPRESSION", help="FHIRPath, such as Patient.name.given.first().")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A resource in JSON or XML; - is standard input.")]
For = Annotated[str | None, typer.Option("--context", metavar="EXPRESSION", help="Evaluate once for each item that this gives.")]
Shown = Annotated[Form, typer.Option("--format", "--output", help="json: the parts of a $fhirpath answer.")]


def command(
    expression: Source, file: File, context: For = None, format_: Shown = Form.text, data: Data = None, config: Config = None
) -> None:
    """Evaluate a FHIRPath expression; status 2, with the column marked, where it cannot be read or run."""
    schema = definitions_in_use(store_settings(data, None, config), say=lambda text: typer.echo(text, err=True)).schema
    resource = _resource(file, schema)
    try:
        found = evaluate(expression, resource, schema, context)
    except FhirPathError as error:
        raise FhirError(Category.INVALID, [Issue("error", "invalid", marked(expression, error), message_id="fhirpath")]) from None
    hint = None if context else warnings(expression, str(resource.get("resourceType")), schema)
    if hint:
        typer.echo(f"Warning:\n{marked(expression, hint)}", err=True)
    for line in _json(found, schema) if format_ is Form.json else _text(found, several=context is not None):
        typer.echo(line)


def _resource(file: Path, schema: Schema) -> Resource:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise fault(Category.NOT_FOUND, "not-found", f"{file} cannot be read: {error.strerror}.") from None
    return decode_xml(content, schema) if content.lstrip().startswith(b"<") else decode_resource(content)


def _text(found: list[Evaluated], *, several: bool) -> Iterator[str]:
    for one in found:
        if several:
            yield f"{one.context}:"
        for name, nodes in one.traces:
            yield from (f"trace {name}: {_line(node)}" for node in nodes)
        yield from map(_line, one.values)
        if not one.values:
            yield "(empty)"


def _line(node: Node) -> str:
    """`Patient.name[0].family (string): "Durand"`; of what was computed, the type alone."""
    place = f"{node.location} ({node.type})" if node.parent is not None else node.type
    return f"{place}: {encode_json(plain(node.value)).decode()}"


def _json(found: list[Evaluated], schema: Schema) -> Iterator[str]:
    results = [{"context": one.context, "result": [part(node, schema) for node in one.values]} for one in found]
    yield pretty_json(results).decode()
