"""The paths of a search parameter's expression through one resource type (https://hl7.org/fhir/R4/searchparameter.html#expression).

Nearly all expressions of R4 are unions of plain paths with a cast, `where(resolve() is Patient)` or `where(system='phone')`.
Followed through the schema, each becomes a fixed chain of JSON names that ends in one known type, which is many times faster
to walk than to evaluate. What has another shape is left to the FHIRPath engine; a test holds that both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir_server.model.schema import Schema

ANY_RESOURCE = ("Resource", "DomainResource")

_CAST = re.compile(r"\((?P<path>[^()]+) as (?P<type>\w+)\)(?P<tail>(?:\.\w+)*)")
_STEP = re.compile(
    r"(?:as\((?P<cast>\w+)\)|ofType\((?P<kind>\w+)\))"
    r"|where\(resolve\(\) is (?P<target>\w+)\)"
    r"|where\((?P<name>\w+) ?= ?'(?P<literal>[^'\\]*)'\)"
    r"|extension\('(?P<url>[^'\\]*)'\)"
    r"|(?P<child>\w+)(?![\w(])"
)


@dataclass(frozen=True, slots=True)
class Where:
    """Keep the elements whose child `name` is the string `literal`."""

    name: str
    literal: str


Step = str | Where
"""Go to the JSON member of this name, or keep some of the elements."""


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the resource to elements of one `type`; with a `target`, only references to that resource type count."""

    steps: tuple[Step, ...]
    type: str
    target: str | None = None


def paths_of(expression: str, resource_type: str, schema: Schema) -> tuple[list[Path], list[str]]:
    """The paths that an expression has for a resource type, and the parts of the union that are no plain path."""
    paths: list[Path] = []
    others: list[str] = []
    for part in _union(expression):
        steps = _steps(part)
        if steps is None or not all(_known(step, schema) for step in steps):
            others += [part] if _concerns(part, resource_type) else []
        else:
            paths += _follow(steps, resource_type, schema)
    return list(dict.fromkeys(paths)), others


def _union(expression: str) -> list[str]:
    """The operands of `|`, those inside parentheses and quotes left whole."""
    parts = [""]
    depth, quoted = 0, False
    for character in expression:
        quoted ^= character == "'"
        depth += 0 if quoted else (character == "(") - (character == ")")
        if character == "|" and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _steps(part: str) -> list[re.Match[str]] | None:
    """The steps of a plain path, a cast in parentheses turned into `.as(Type)`; None where it is something else."""
    if found := _CAST.fullmatch(part):
        part = f"{found['path']}.as({found['type']}){found['tail']}"
    steps: list[re.Match[str]] = []
    position = 0
    while found := _STEP.match(part, position):
        steps.append(found)
        if found.end() == len(part):
            return steps
        if part[found.end()] != ".":
            return None
        position = found.end() + 1
    return None


def _known(step: re.Match[str], schema: Schema) -> bool:
    """False for a cast to what is no FHIR type as written (`DateTime`)."""
    return (step["cast"] or step["kind"] or "Element") in schema


def _concerns(part: str, resource_type: str) -> bool:
    """False for an operand that begins with another resource type's name."""
    first = re.search(r"[A-Za-z]\w*", part)
    return first is None or first[0] in (resource_type, *ANY_RESOURCE) or first[0][0].islower()


def _follow(steps: list[re.Match[str]], resource_type: str, schema: Schema) -> list[Path]:
    first = steps[0]["child"]
    if first and first[0].isupper():
        if first not in (resource_type, *ANY_RESOURCE):
            return []
        steps = steps[1:]
    paths = [Path((), resource_type)]
    for step in steps:
        paths = [further for path in paths for further in _step(path, step, schema)]
    return paths


def _step(path: Path, step: re.Match[str], schema: Schema) -> Iterator[Path]:
    if wanted := step["cast"] or step["kind"]:
        exactly = step["cast"] in schema.primitive_types  # as FHIRPath's `as` has it: a canonical is not taken as a uri
        if path.type == wanted or (not exactly and schema.is_subtype(path.type, wanted)):
            yield path
    elif step["target"]:
        yield replace(path, target=step["target"])
    elif step["name"]:
        yield replace(path, steps=(*path.steps, Where(step["name"], step["literal"])))
    elif step["url"]:
        yield Path((*path.steps, "extension", Where("url", step["url"])), "Extension")
    else:
        yield from _children(path, step["child"], schema)


def _children(path: Path, name: str, schema: Schema) -> Iterator[Path]:
    """The element of this name, or each type of a choice."""
    definition = schema.get(path.type)
    if definition is None:
        return
    for key in definition.choices.get(name, (name,)):
        if element := definition.elements.get(key):
            yield Path((*path.steps, key), element.type)
