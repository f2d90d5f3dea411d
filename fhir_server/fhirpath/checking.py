"""A path checked against the schema before it runs, for those who write expressions: names that a type does not have, types that an
element cannot be (http://hl7.org/fhirpath/N1/#type-safety-and-strict-evaluation). Evaluation itself is lenient: such a path is empty.
"""

from __future__ import annotations

from collections.abc import Mapping

from fhir_server.fhirpath.constants import is_known
from fhir_server.fhirpath.elements import properties
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.expression import Expression
from fhir_server.fhirpath.node import system_node
from fhir_server.fhirpath.tree import Binary, Call, Constant, Index, Literal, Member, Tree, TypeOperation, Unary, Variable
from fhir_server.fhirpath.types import type_argument, type_name
from fhir_server.model.schema import Schema

Types = frozenset[str] | None
"""What a part may be; None where that cannot be told."""

_SAME = frozenset(("where", "first", "last", "tail", "skip", "take", "single", "distinct", "trace", "intersect", "exclude", "sort"))
_EACH = frozenset(("where", "select", "all", "exists", "repeat", "sort", "iif"))
_CASTS = frozenset(("as", "ofType"))
_ORDERED = frozenset(("first", "last", "tail", "skip", "take"))
_UNORDERED = frozenset(("children", "descendants"))


def check_types(expression: Expression, root_type: str, *, ordered: bool = False, variables: Mapping[str, str] | None = None) -> None:
    """FhirPathError at the first name that no possible type has. `variables` are the types of the `%name`s that the caller
    gives: with them, another name that nobody gives is an error too.

    With `ordered`, also where first(), skip() and the like are used on children() or descendants(), whose order means nothing.
    """
    _Checker(expression.schema, ordered, variables).infer(expression.tree, frozenset((root_type,)))


class _Checker:
    def __init__(self, schema: Schema, ordered: bool, variables: Mapping[str, str] | None):
        self.schema = schema
        self.ordered = ordered
        self.variables = variables

    def infer(self, tree: Tree, this: Types) -> Types:
        """What the tree may give where `$this` is of the types given."""
        match tree:
            case Literal(value=value):
                return None if value is None else frozenset((system_node(value).type,))
            case Member():
                return self.member(tree, this)
            case Call():
                return self.call(tree, this)
            case Index(target=target, index=index):
                self.infer(index, this)
                return self.infer(target, this)
            case Unary(operand=operand):
                return self.infer(operand, this)
            case Binary():
                return self.binary(tree, this)
            case TypeOperation(operator=operator, operand=operand):
                self.infer(operand, this)
                return frozenset((type_name(tree.type).name,)) if operator == "as" else None
            case Variable(name="$this"):
                return this
            case Constant() if self.variables is not None:
                return self.constant(tree, self.variables)
        return None

    def constant(self, tree: Constant, variables: Mapping[str, str]) -> Types:
        if tree.name not in variables and not is_known(tree.name):
            raise FhirPathError(f"There is no %{tree.name} here.", tree.column)
        return frozenset((variables[tree.name],)) if tree.name in variables else None

    def binary(self, tree: Binary, this: Types) -> Types:
        left, right = self.infer(tree.left, this), self.infer(tree.right, this)
        return left | right if tree.operator == "|" and left is not None and right is not None else None

    def member(self, tree: Member, this: Types) -> Types:
        types = this if tree.target is None else self.infer(tree.target, this)
        if types is None:
            return None
        if tree.target is None and (own := frozenset(one for one in types if self.schema.is_subtype(one, tree.name))):
            return own
        return self.children(tree, types)

    def children(self, tree: Member, types: frozenset[str]) -> Types:
        if any(self.is_open(one) for one in types):
            return None
        rows = [row for one in types for row in properties(self.schema, one, tree.name)]
        if not rows:
            raise FhirPathError(f"{' and '.join(sorted(types))} has no element {tree.name}.", tree.column)
        kinds = {kind for _, _, kind, _ in rows}
        return None if None in kinds else frozenset(kind for kind in kinds if kind is not None)

    def is_open(self, name: str) -> bool:
        definition = self.schema.get(name)
        return definition is None or definition.abstract

    def call(self, tree: Call, this: Types) -> Types:
        target = this if tree.target is None else self.infer(tree.target, this)
        if tree.name in (*_CASTS, "is"):
            return frozenset((type_argument(tree.arguments[0]).name,)) if tree.name in _CASTS else None
        if self.ordered and tree.name in _ORDERED and isinstance(tree.target, Call) and tree.target.name in _UNORDERED:
            raise FhirPathError(f"{tree.name}() depends on an order that {tree.target.name}() does not have.", tree.column)
        given = [self.infer(one, target if tree.name in _EACH else this) for one in tree.arguments]
        if tree.name == "select":
            return given[0]
        return target if tree.name in _SAME else None
