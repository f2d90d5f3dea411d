"""Syntax tree -> closures. A closure takes the scope and gives a collection; nothing reads the tree at run time."""

from __future__ import annotations

from fhir_server.fhirpath import (  # noqa: F401  # noqa: F401
    aggregates,
    boundaries,
    clock,
    combining,
    conversion,
    existence,
    fhir_functions,
    filtering,
    identifier_functions,
    maths,
    navigation,
    scores,
    strings,
    subsetting,
)
from fhir_server.fhirpath.constants import constant
from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.elements import member_step
from fhir_server.fhirpath.equality import distinct
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, Nodes, collection, system_node
from fhir_server.fhirpath.operators import OPERATORS, equals_text, sign
from fhir_server.fhirpath.registry import lookup
from fhir_server.fhirpath.tree import Binary, Call, Constant, Index, Literal, Member, Tree, TypeOperation, Unary, Variable
from fhir_server.fhirpath.type_functions import cast, type_test
from fhir_server.fhirpath.types import type_name
from fhir_server.fhirpath.values import integer
from fhir_server.model.schema import Schema


class Compiler:
    """Makes closures for one schema."""

    def __init__(self, schema: Schema):
        self.schema = schema

    def run(self, tree: Tree) -> Run:
        """The closure of a tree."""
        match tree:
            case Literal(value=value):
                return _literal(value)
            case Member(target=None):
                return self._first_name(tree)
            case Member(target=target, name=name) if target is not None:
                return self._member(self.run(target), name)
            case Call():
                return lookup(tree).build(self, tree)
            case Index():
                return _index(self.run(tree.target), self.run(tree.index), tree.column)
            case Unary():
                return sign(self.run(tree.operand), tree.operator == "-", tree.column)
            case Binary(operator="|"):
                return self._union(tree)
            case Binary(operator="=", right=Literal(value=str() as text)):
                return equals_text(self.run(tree.left), text)
            case Binary():
                return OPERATORS[tree.operator](self.run(tree.left), self.run(tree.right), tree.column)
            case TypeOperation():
                build = type_test if tree.operator == "is" else cast
                return build(self.run(tree.operand), type_name(tree.type, tree.column), self.schema, tree.column)
            case Variable(name=name):
                return _VARIABLES[name]
            case Constant(name=name, column=column):
                return constant(name, column)
        raise AssertionError(tree)

    def target(self, call: Call) -> Run:
        """The input of a call; `$this` where nothing stands before it."""
        return _this if call.target is None else self.run(call.target)

    def _union(self, tree: Binary) -> Run:
        """`a | b | c` at once; an alternative that begins with another type than the input's costs nothing."""
        alternatives = [(head(one), self.run(one)) for one in _alternatives(tree)]
        live: dict[str, list[Run]] = {}
        schema = self.schema

        def choose(kind: str) -> list[Run]:
            live[kind] = [one for name, one in alternatives if name not in schema.resource_types or schema.is_subtype(kind, name)]
            return live[kind]

        def run(scope: Scope) -> Nodes:
            this = scope.this
            if len(this) == 1:
                chosen = live.get(this[0].type) or choose(this[0].type)
            else:
                chosen = [one for _, one in alternatives]
            if len(chosen) == 1:
                return distinct(chosen[0](scope))
            return distinct([node for one in chosen for node in one(scope)])

        return run

    def _member(self, target: Run, name: str) -> Run:
        step = member_step(self.schema, name)

        def run(scope: Scope) -> Nodes:
            out: Nodes = []
            for node in target(scope):
                step(node, out)
            scope.run.left -= len(out)
            if scope.run.left < 0:
                scope.run.spend(0)
            return out

        return run

    def _first_name(self, tree: Member) -> Run:
        """A name at the beginning of a path: the type of the input itself, or one of its elements."""
        by_element = self._member(_this, tree.name)
        if tree.name not in self.schema or not tree.name[:1].isupper():
            return by_element
        schema, name = self.schema, tree.name

        def run(scope: Scope) -> Nodes:
            this = scope.this
            if len(this) == 1 and (this[0].type == name or schema.is_subtype(this[0].type, name)):
                return this
            return [node for node in this if schema.is_subtype(node.type, name)] if len(this) > 1 else by_element(scope)

        return run


_EMPTY_OF_EMPTY = frozenset(("where", "as", "ofType", "first", "last", "extension", "resolve", "select"))


def head(tree: Tree) -> str:
    """The name that a path begins with, so that the whole is empty where that name is; "" where this cannot be told."""
    match tree:
        case Member(target=None, name=name):
            return name
        case Member(target=target) | Index(target=target) | TypeOperation(operator="as", operand=target) if target is not None:
            return head(target)
        case Call(target=target, name=name) if target is not None and name in _EMPTY_OF_EMPTY:
            return head(target)
    return ""


def _alternatives(tree: Tree) -> list[Tree]:
    found: list[Tree] = []
    while isinstance(tree, Binary) and tree.operator == "|":
        found.append(tree.right)
        tree = tree.left
    return [tree, *reversed(found)]


def _literal(value: object) -> Run:
    nodes = EMPTY if value is None else collection(value)
    return lambda _scope: nodes


def _this(scope: Scope) -> Nodes:
    return scope.this


def _position(scope: Scope) -> Nodes:
    return EMPTY if scope.index is None else [system_node(scope.index)]


def _total(scope: Scope) -> Nodes:
    return EMPTY if scope.total is None else scope.total


_VARIABLES: dict[str, Run] = {"$this": _this, "$index": _position, "$total": _total}


def _index(target: Run, index: Run, column: int) -> Run:
    def run(scope: Scope) -> Nodes:
        nodes, place = target(scope), integer(index(scope), column)
        return [nodes[place]] if place is not None and 0 <= place < len(nodes) else EMPTY

    return run


def compile_tree(tree: Tree, schema: Schema) -> Run:
    """The closure of a whole expression; FhirPathError for an unknown function or type, or a tree that is too deep."""
    try:
        return Compiler(schema).run(tree)
    except RecursionError:
        raise FhirPathError("The expression has too many steps one after the other.", tree.column) from None
