"""The file of a map, a site or a message that is sent: where those of the program are, and whether one follows the JSON Schema of all."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from adapters.mapping.source import MapError, Node, read_yaml


def default_folder() -> Path:
    """`mappings/` of the source tree, or the copy inside the installed package."""
    installed = Path(__file__).with_name("files")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "mappings"


def checked(file: Path) -> Node:
    """A file that follows the JSON Schema of maps."""
    document = read_yaml(file)
    if error := best_match(_validator().iter_errors(document.plain())):
        raise _against_schema(document, error)
    return document


def _against_schema(document: Node, error: ValidationError) -> MapError:
    """The innermost complaint, at the line it is about."""
    while error.context and (inner := best_match(error.context)) is not None:
        error = inner
    path = list(error.absolute_path)
    where = document.at(path)
    if error.validator in ("additionalProperties", "unevaluatedProperties") and isinstance(error.instance, dict):
        known = set(error.schema.get("properties", {}) if isinstance(error.schema, dict) else {})
        unknown = next((key for key in where.value if key not in known and f"'{key}'" in error.message), None)
        where = where.value[unknown] if unknown else where
    name = ".".join(str(step) for step in path)
    return where.error(f"{name + ': ' if name else ''}{_sentence(error)}")


def _sentence(error: ValidationError) -> str:
    """What the schema says of a value that does not match, or which keys there are, where it can."""
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "pattern" and "description" in schema:
        return f"{error.instance!r} is not right: {schema['description']}"
    found = error.instance if isinstance(error.instance, dict) else {}
    if error.validator == "additionalProperties" and "properties" in schema and "patternProperties" not in schema:
        unknown = ", ".join(repr(key) for key in found if key not in schema["properties"])
        return f"{unknown} means nothing here (there are: {', '.join(schema['properties'])})"
    return error.message


@cache
def _validator() -> Draft202012Validator:
    schema = default_folder() / "schema" / "map.schema.json"
    return Draft202012Validator(json.loads(schema.read_text("utf-8")))
