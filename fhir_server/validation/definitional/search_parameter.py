"""A SearchParameter: does its expression compile, and can it start at its base types? (https://hl7.org/fhir/R4/searchparameter.html)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.fhirpath import FhirPathError, compile_expression
from fhir_server.fhirpath.tree import Binary, Call, Index, Member, Tree, TypeOperation
from fhir_server.model.issue import Issue
from fhir_server.model.json_array import objects
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning

SOURCE = "https://hl7.org/fhir/R4/searchparameter.html"


def check_search_parameter(around: Surroundings) -> Iterator[Issue]:
    """The issues of a SearchParameter's expression, its components and what it derives from."""
    yield from _components(around)
    yield from _derived(around)
    yield from _expression(around)


def _components(around: Surroundings) -> Iterator[Issue]:
    if around.resource.get("type") == "composite" and len(objects(around.resource.get("component"))) < 2:
        sentence = phrase("A composite search parameter has two components or more.")
        yield error("required", around.at, sentence, "search-parameter-components", SOURCE)


def _derived(around: Surroundings) -> Iterator[Issue]:
    """What derives from another parameter searches in the same way, for no more types."""
    canonical = around.resource.get("derivedFrom")
    origin = around.canonical(canonical, "SearchParameter") if isinstance(canonical, str) else None
    if origin is None:
        return
    allowed = origin.get("base", ())
    more = [one for one in around.resource.get("base", ()) if one not in allowed and "Resource" not in allowed]
    if more:
        sentence = phrase("{canonical} is not for {more}.", canonical=canonical, more=", ".join(map(str, more)))
        yield error("business-rule", around.at, sentence, "search-parameter-derived", SOURCE)
    if "type" in around.resource and around.resource["type"] != origin.get("type"):
        kind = origin.get("type")
        sentence = phrase("{canonical} is of the type {type}; what derives from it keeps the type.", canonical=canonical, type=kind)
        yield error("business-rule", around.at, sentence, "search-parameter-derived", SOURCE)


def _expression(around: Surroundings) -> Iterator[Issue]:
    expression = around.resource.get("expression")
    if not isinstance(expression, str):
        return
    at: Location = (around.at, "expression", None)
    schema = around.definitions.schema
    try:
        tree = compile_expression(expression, schema).tree
    except FhirPathError as fault:
        yield error("invalid", at, phrase("The expression cannot be read: {fault}", fault=fault), "search-parameter-expression", SOURCE)
        return
    bases = [one for one in around.resource.get("base", ()) if isinstance(one, str)]
    for name in sorted(_starts(tree)):
        if name in schema.resource_types and not any(_fits(name, base, around) for base in bases):
            sentence = phrase(
                "The expression starts at {name}, which is not among the base types ({bases}).", name=name, bases=", ".join(bases) or "none"
            )
            yield warning("business-rule", at, sentence, "search-parameter-base", SOURCE)


def _fits(name: str, base: str, around: Surroundings) -> bool:
    schema = around.definitions.schema
    return name == base or schema.is_subtype(name, base) or schema.is_subtype(base, name)


def _starts(tree: Tree) -> set[str]:
    """The names that an expression begins with, one for each part of a union."""
    node: Any = tree
    while True:
        match node:
            case Binary(operator="|"):
                return _starts(node.left) | _starts(node.right)
            case Member(target=None):
                return {node.name}
            case Member() | Call() | Index() if node.target is not None:
                node = node.target
            case TypeOperation():
                node = node.operand
            case _:
                return set()
