"""$fhirpath: evaluate an expression on a resource, for those who write expressions.

In and out are Parameters, in the form that the FHIRPath Lab has made common (https://github.com/brianpos/fhirpath-lab#server-api):
in, `expression`, `resource` and optionally `context`; out, `parameters` that repeats the question and one `result` for each item of
the context, with a part for each value: named by its type, its place in an extension. FHIRPath itself is https://hl7.org/fhirpath/N1/.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fhir_server.fhirpath import Context, Expression, FhirPathError, Node, check_types, compile_expression
from fhir_server.fhirpath.plain import plain
from fhir_server.fhirpath.steps import Steps
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource, encode_json
from fhir_server.model.schema import Schema

PATH_URL = "http://fhir.forms-lab.com/StructureDefinition/resource-path"
JSON_URL = "http://fhir.forms-lab.com/StructureDefinition/json-value"
MAX_EXPRESSION = 20_000
MAX_ITEMS = 10_000
MAX_STEPS = 1_000_000


@dataclass(slots=True)
class Evaluated:
    """What an expression gave for one item of the context: its values, and what trace() showed."""

    context: str
    values: list[Node]
    traces: list[tuple[str, list[Node]]] = field(default_factory=list)


def evaluate(expression: str, resource: Resource, schema: Schema, context: str | None = None) -> list[Evaluated]:
    """The values of the expression, once for each item of `context` (itself an expression; without it, the resource).

    FhirPathError where one of the two cannot be read or run; bounded in steps and items.
    """
    compiled = _compiled(expression, schema)
    if not context:
        return [_evaluate(compiled, resource, resource, str(resource.get("resourceType")), Steps(MAX_STEPS))]
    steps = Steps(MAX_STEPS)
    nodes = _compiled(context, schema).evaluate(resource, _context(resource, steps))
    _bounded(len(nodes))
    return [_evaluate(compiled, node, resource, node.location, steps) for node in nodes]


def warnings(expression: str, type_name: str, schema: Schema) -> FhirPathError | None:
    """What looks wrong in the expression for this type of resource, although it can be run: a name that no type there has."""
    try:
        check_types(_compiled(expression, schema), type_name)
    except FhirPathError as error:
        return error
    return None


def _compiled(expression: str, schema: Schema) -> Expression:
    if len(expression) > MAX_EXPRESSION:
        raise FhirPathError(f"The expression has {len(expression)} characters; at most {MAX_EXPRESSION} are read.")
    return compile_expression(expression, schema)


def _context(resource: Resource, steps: Steps, traces: list[tuple[str, list[Node]]] | None = None) -> Context:
    trace = None if traces is None else lambda name, nodes: traces.append((name, nodes))
    return Context(resource=resource, trace=trace, stub_references=True, steps=steps)


def _evaluate(compiled: Expression, root: Resource | Node, resource: Resource, place: str, steps: Steps) -> Evaluated:
    made = Evaluated(place, [])
    made.values = compiled.evaluate(root, _context(resource, steps, made.traces))
    _bounded(len(made.values) + sum(len(nodes) for _, nodes in made.traces))
    return made


def _bounded(items: int) -> None:
    if items > MAX_ITEMS:
        raise FhirPathError(f"The expression gives {items} items; at most {MAX_ITEMS} are shown.")


def answered(body: Resource, schema: Schema, evaluator: str) -> Resource:
    """The answer to Parameters; FhirError MALFORMED where they make no sense, INVALID where the expression cannot be read or run."""
    expression, context, resource = _asked(body)
    try:
        found = evaluate(expression, resource, schema, context)
    except FhirPathError as error:
        raise _refused(error) from None
    except (ValueError, TypeError, ArithmeticError) as error:
        raise _refused(FhirPathError(str(error))) from None
    question: list[dict[str, Any]] = [{"name": "evaluator", "valueString": evaluator}, {"name": "expression", "valueString": expression}]
    question += [{"name": "context", "valueString": context}] if context else []
    question += [{"name": "resource", "resource": resource}]
    hint = warnings(expression, str(resource.get("resourceType")), schema) if not context else None
    question += [{"name": "warning", "valueString": marked(expression, hint)}] if hint else []
    results = [{"name": "result", "valueString": one.context, "part": list(_parts(one, schema))} for one in found]
    return {"resourceType": "Parameters", "parameter": [{"name": "parameters", "part": question}, *map(_without_empty, results)]}


def _without_empty(result: dict[str, Any]) -> dict[str, Any]:
    return result if result["part"] else {name: value for name, value in result.items() if name != "part"}


def _asked(body: Resource) -> tuple[str, str | None, Resource]:
    if body.get("resourceType") != "Parameters":
        raise fault(Category.MALFORMED, "structure", "Send Parameters with the parameters 'expression' and 'resource'.")
    parts = body.get("parameter")
    named = {part.get("name"): part for part in (parts if isinstance(parts, list) else ()) if isinstance(part, dict)}
    expression, resource = _string(named, "expression"), (named.get("resource") or {}).get("resource")
    if expression is None:
        raise fault(Category.MALFORMED, "required", "The Parameters hold no 'expression' with a valueString.", "Parameters.parameter")
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise fault(Category.MALFORMED, "required", "The Parameters hold no 'resource' with a resource.", "Parameters.parameter")
    return expression, _string(named, "context"), resource


def _string(named: dict[Any, dict[str, Any]], name: str) -> str | None:
    value = named.get(name, {}).get("valueString")
    return value if isinstance(value, str) and value else None


def _refused(error: FhirPathError) -> FhirError:
    column = error.column
    issue = Issue("error", "invalid", f"FHIRPath: {error}", line=1 if column else None, column=column, message_id="fhirpath")
    return FhirError(Category.INVALID, [issue])


def marked(expression: str, error: FhirPathError) -> str:
    """The error with the expression and a mark below the column that it means."""
    if not error.column:
        return error.message
    start = expression.rfind("\n", 0, error.column - 1) + 1
    line = expression[start:].partition("\n")[0]
    return f"{line}\n{' ' * (error.column - 1 - start)}^ {error.message}"


def _parts(found: Evaluated, schema: Schema) -> Iterator[dict[str, Any]]:
    yield from (part(node, schema) for node in found.values)
    for name, nodes in found.traces:
        yield {"name": "trace", "valueString": name} | ({"part": [part(node, schema) for node in nodes]} if nodes else {})


def part(node: Node, schema: Schema) -> dict[str, Any]:
    """A value as a part of Parameters: under its type's name, with its place, and as JSON text where value[x] cannot hold its type."""
    name = node.type.removeprefix("System.")
    place = [{"url": PATH_URL, "valueString": node.location}] if node.parent is not None or name == _resource_type(node) else []
    if name == _resource_type(node):
        return {"name": name, "extension": place, "resource": node.value}
    key = f"value{name[0].upper()}{name[1:]}"
    if key not in schema["Parameters.parameter"].choices["value"]:
        place.append({"url": JSON_URL, "valueString": encode_json(node.value).decode()})
        return {"name": name, "extension": place}
    return {"name": name} | ({"extension": place} if place else {}) | _valued(key, node)


def _resource_type(node: Node) -> Any:
    return node.value.get("resourceType") if isinstance(node.value, dict) else None


def _valued(key: str, node: Node) -> dict[str, Any]:
    sibling = {"_" + key: node.sibling} if node.sibling else {}
    return ({} if node.value is None else {key: plain(node.value)}) | sibling
