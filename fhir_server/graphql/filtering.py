"""Which values of a repeating element are taken: by FHIRPath, by the value of a sub-element, by offset and count
(https://hl7.org/fhir/R4/graphql.html#list).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anyio.to_thread import run_sync
from graphql import Node as SyntaxNode

from fhir_server.fhirpath import Context, FhirPathError, Node, compile_expression
from fhir_server.fhirpath.steps import Steps
from fhir_server.graphql.fault import malformed
from fhir_server.model.schema import Schema

_LIST_ARGUMENTS = frozenset(("fhirpath", "_offset", "_count"))


async def filtered(
    values: Sequence[Any], type_name: str, arguments: Mapping[str, Any], schema: Schema, node: SyntaxNode, steps: Steps
) -> list[Any]:
    """The values that hold, in their order; GraphQLFault where an argument makes no sense for the type."""
    found = list(values)
    for name in arguments.keys() - _LIST_ARGUMENTS:
        _known(name, type_name, schema, node)
        found = [one for one in found if _has(one, name, arguments[name])]
    if (expression := arguments.get("fhirpath")) is not None:
        found = await matching(found, type_name, expression, schema, node, steps)
    offset, count = whole(arguments, "_offset", node) or 0, whole(arguments, "_count", node)
    return found[offset:] if count is None else found[offset : offset + count]


def whole(arguments: Mapping[str, Any], name: str, node: SyntaxNode) -> int | None:
    """An argument that is a number from 0; None where it is not there."""
    value = arguments.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise malformed(f"{name} is a whole number from 0.", node)
    return value


def _known(name: str, type_name: str, schema: Schema, node: SyntaxNode) -> None:
    element = schema[type_name].elements.get(name)
    if element is None or not schema[element.type].is_primitive:
        raise malformed(f"{type_name} has no element '{name[:60]}' of a primitive type to filter by.", node)


def _has(value: Any, name: str, wanted: Any) -> bool:
    found = value.get(name) if isinstance(value, dict) else None
    texts = {text_of(one) for one in (found if isinstance(found, list) else [found]) if one is not None}
    return not texts.isdisjoint(text_of(one) for one in (wanted if isinstance(wanted, list) else [wanted]))


def text_of(value: Any) -> str:
    """A value as FHIR writes it in a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


async def matching(values: Sequence[Any], type_name: str, expression: Any, schema: Schema, node: SyntaxNode, steps: Steps) -> list[Any]:
    """The values for which the FHIRPath is true; worked out in a thread."""
    if not isinstance(expression, str):
        raise malformed("fhirpath is an expression as text.", node)
    told = await run_sync(_evaluated, values, type_name, expression, schema, node, steps)
    return [value for value, result in zip(values, told, strict=True) if len(result) == 1 and result[0].value is True]


async def named_by(values: Sequence[Any], type_name: str, expression: str, schema: Schema, node: SyntaxNode, steps: Steps) -> list[str]:
    """For @slice: the text that the FHIRPath gives for each value; `$index` is its place."""
    if expression.strip() == "$index":
        return [str(index) for index in range(len(values))]
    told = await run_sync(_evaluated, values, type_name, expression, schema, node, steps)
    return [".".join(text_of(one.value) for one in result) for result in told]


def _evaluated(values: Sequence[Any], type_name: str, expression: str, schema: Schema, node: SyntaxNode, steps: Steps) -> list[list[Node]]:
    try:
        compiled = compile_expression(expression, schema)
        context = Context(stub_references=True, steps=steps)
        return [compiled.evaluate(Node(value, _type(value, type_name)), context) for value in values]
    except FhirPathError as error:
        raise malformed(f"The FHIRPath cannot be read or run: {error}", node) from None
    except (ValueError, TypeError, ArithmeticError) as error:
        raise malformed(f"The FHIRPath cannot be run: {error}", node) from None


def _type(value: Any, type_name: str) -> str:
    found = value.get("resourceType") if isinstance(value, dict) else None
    return found if isinstance(found, str) else type_name
