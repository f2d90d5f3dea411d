"""What FHIR adds to FHIRPath (https://hl7.org/fhir/R4/fhirpath.html#functions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_server.fhirpath.context import Evaluation, Run, Scope
from fhir_server.fhirpath.elements import append_complex, resource_type
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.narrative import fragment_fault, narrative_fault
from fhir_server.fhirpath.node import EMPTY, FALSE, TRUE, Node, Nodes, collection
from fhir_server.fhirpath.registry import Compiles, function, on_collection
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import single, string
from fhir_server.model.schema import Schema

CORE = "http://hl7.org/fhir/StructureDefinition/"


@function("extension", 1)
def extension(compiler: Compiles, call: Call) -> Run:
    target, url, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

    def run(scope: Scope) -> Nodes:
        wanted = string(url(scope), column)
        out: Nodes = []
        for node in target(scope):
            holder = node.value if type(node.value) is dict else node.sibling
            if holder is not None and "extension" in holder:
                append_complex(out, holder["extension"], "Extension", node, "extension")
        return [node for node in out if type(node.value) is dict and node.value.get("url") == wanted]

    return run


@function("hasExtension", 1)
def has_extension(compiler: Compiles, call: Call) -> Run:
    """Not in the specification, but in an R4 search parameter (QuestionnaireResponse item-subject)."""
    found = extension(compiler, call)
    return lambda scope: TRUE if found(scope) else FALSE


@on_collection("hasValue")
def has_value(nodes: Nodes) -> Nodes:
    """True of one primitive that has a value and not only extensions."""
    return TRUE if len(nodes) == 1 and nodes[0].value is not None and type(nodes[0].value) is not dict else FALSE


@on_collection("getValue")
def get_value(nodes: Nodes) -> Nodes:
    return nodes if has_value(nodes) is TRUE else EMPTY


@function("resolve")
def resolve(compiler: Compiles, call: Call) -> Run:
    """The resources that references, canonicals and URIs point at; what cannot be resolved is left out."""
    target, schema = compiler.target(call), compiler.schema

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        scope.run.spend(len(nodes))
        found = (_resolved(node, scope.run, schema) for node in nodes)
        return [node for node in found if node is not None]

    return run


def _resolved(node: Node, run: Evaluation, schema: Schema) -> Node | None:
    text = node.value.get("reference") if type(node.value) is dict else node.value
    if isinstance(text, str) and text.startswith("#"):
        return _contained(text[1:], run)
    if isinstance(text, str) and run.context.resolve is not None:
        resource = run.context.resolve(text)
        if resource is not None:
            return Node(resource, resource_type(resource))
    return _stub(node.value, text, schema) if run.context.stub_references else None


def _contained(wanted: str, run: Evaluation) -> Node | None:
    container = run.root_resource
    if not wanted:
        return container
    if type(container.value) is not dict:
        return None
    contained = run.contained_in(container.value)
    place, found = contained.place(wanted), contained.find(wanted)
    return None if found is None else Node(found, resource_type(found), None, container, "contained", place)


def _stub(value: Any, text: Any, schema: Schema) -> Node | None:
    kind, id = reference_type(value, text, schema)
    return None if kind is None else Node({"resourceType": kind, **({"id": id} if id else {})}, kind)


def reference_type(value: Any, text: Any, schema: Schema) -> tuple[str | None, str | None]:
    """The resource type and id that a reference names by its text (`Patient/1/_history/2`, `http://x/Patient/1`) or its `type`."""
    if isinstance(text, str):
        parts = text.partition("/_history/")[0].split("/")
        if len(parts) >= 2 and parts[-2] in schema.resource_types:
            return parts[-2], parts[-1]
    kind = value.get("type") if type(value) is dict else None
    return (kind, None) if isinstance(kind, str) and kind in schema.resource_types else (None, None)


@function("memberOf", 1)
def member_of(compiler: Compiles, call: Call) -> Run:
    target, url, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

    def run(scope: Scope) -> Nodes:
        node, value_set = single(target(scope), column), string(url(scope), column)
        if node is None or value_set is None or scope.run.context.member_of is None:
            return EMPTY
        return collection(scope.run.context.member_of(node, value_set))

    return run


@function("conformsTo", 1)
def conforms_to(compiler: Compiles, call: Call) -> Run:
    target, url, column, schema = compiler.target(call), compiler.run(call.arguments[0]), call.column, compiler.schema

    def run(scope: Scope) -> Nodes:
        node, profile = single(target(scope), column), string(url(scope), column)
        if node is None or profile is None:
            return EMPTY
        check = scope.run.context.conforms_to
        answer = None if check is None else check(node, profile)
        return collection(_is_base_type(node, profile, schema, column) if answer is None else answer)

    return run


def _is_base_type(node: Node, profile: str, schema: Schema, column: int) -> bool:
    name = profile.removeprefix(CORE)
    if name == profile or name not in schema:
        raise FhirPathError("conformsTo() names a profile that is not known here.", column)
    return schema.is_subtype(node.type, name)


def _subsumption(name: str, turn: Callable[[Node, Node], tuple[Node, Node]]) -> None:
    @function(name, 1)
    def build(compiler: Compiles, call: Call) -> Run:
        target, other, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

        def run(scope: Scope) -> Nodes:
            one, two = single(target(scope), column), single(other(scope), column)
            check = scope.run.context.subsumes
            return EMPTY if one is None or two is None or check is None else collection(check(*turn(one, two)))

        return run


_subsumption("subsumes", lambda one, two: (one, two))
_subsumption("subsumedBy", lambda one, two: (two, one))


@function("checkModifiers", 0, 50)
def check_modifiers(compiler: Compiles, call: Call) -> Run:
    """The input; an error where an item has a modifier extension that is not among the arguments."""
    target, column = compiler.target(call), call.column
    allowed = [compiler.run(one) for one in call.arguments]

    def run(scope: Scope) -> Nodes:
        nodes, known = target(scope), {string(one(scope), column) for one in allowed}
        for node in nodes:
            for one in node.value.get("modifierExtension", ()) if type(node.value) is dict else ():
                if one.get("url") not in known:
                    raise FhirPathError("An element has a modifier extension that the expression does not know.", column)
        return nodes

    return run


def _needs_definitions(name: str, arguments: int) -> None:
    @function(name, arguments)
    def build(_compiler: Compiles, call: Call) -> Run:
        raise FhirPathError(f"{name}() needs a profile at hand and is not supported here.", call.column)


_needs_definitions("elementDefinition", 0)
_needs_definitions("slice", 2)


@function("htmlChecks")
def html_checks(compiler: Compiles, call: Call) -> Run:
    """Whether the XHTML of a narrative keeps to what FHIR allows and says anything at all; of a string, whether it could stand in one."""
    target, column = compiler.target(call), call.column

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        text = string(nodes, column)
        if text is None:
            return EMPTY
        fault = narrative_fault(text) if nodes[0].type == "xhtml" else fragment_fault(text)
        return FALSE if fault else TRUE

    return run
