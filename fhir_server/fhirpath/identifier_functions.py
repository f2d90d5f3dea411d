"""Functions of our own about national identifiers: `identifier.where(checkIdentifier() = false)`, `identifier.explainIdentifier('fr')`.

https://hl7.org/fhir/R4/fhirpath.html#functions lets implementations add functions; docs/validation.md names these as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, Node, Nodes, collection
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import single, string
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.kinds import KINDS, kind_of
from fhir_server.model.language import LANGUAGES


@function("checkIdentifier", 0, 1)
def check_identifier(compiler: Compiles, call: Call) -> Run:
    """Whether an Identifier of a known kind, or a string of the kind that is named, is sound; empty where the kind is not known."""
    target, column = compiler.target(call), call.column
    named = compiler.run(call.arguments[0]) if call.arguments else None

    def run(scope: Scope) -> Nodes:
        found = _kind_and_value(single(target(scope), column), string(named(scope), column) if named else None, column)
        return EMPTY if found is None else collection(not found[0].check(found[1]))

    return run


@function("explainIdentifier", 0, 1)
def explain_identifier(compiler: Compiles, call: Call) -> Run:
    """What the parts of an Identifier of a known kind mean and what is wrong with it, in English or the language that is named."""
    target, column = compiler.target(call), call.column
    named = compiler.run(call.arguments[0]) if call.arguments else None

    def run(scope: Scope) -> Nodes:
        language = (string(named(scope), column) if named else None) or "en"
        if language not in LANGUAGES:
            raise FhirPathError(f"explainIdentifier() speaks {', '.join(LANGUAGES)}.", column)
        found = _kind_and_value(single(target(scope), column), None, column)
        return EMPTY if found is None else collection(found[0].explain(found[1], language))

    return run


def _kind_and_value(node: Node | None, code: str | None, column: int) -> tuple[Kind, str] | None:
    if code is not None and code not in KINDS:
        raise FhirPathError(f"There is no kind of identifier '{code}'; there are {', '.join(KINDS)}.", column)
    if node is None:
        return None
    if code is not None:
        value = node.value.get("value") if isinstance(node.value, dict) else node.value
        return (KINDS[code], value) if isinstance(value, str) else None
    return _of_identifier(node.value) if isinstance(node.value, dict) else None


def _of_identifier(identifier: Mapping[str, Any]) -> tuple[Kind, str] | None:
    kind, value = kind_of(identifier), identifier.get("value")
    return (kind, value) if kind and isinstance(value, str) else None
