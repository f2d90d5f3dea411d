"""The quick way through plain paths, for search indexes: no nodes, no scopes, the types known beforehand.

Most search parameters are unions of paths such as `(Observation.value as Quantity)` or `Patient.telecom.where(system = 'phone')`.
For a known type of resource such an expression becomes a chain of dict look-ups; alternatives that begin with another type
vanish. An expression that needs more has no route, and is evaluated node by node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_server.fhirpath.elements import TYPE_INFO, properties
from fhir_server.fhirpath.fhir_functions import reference_type
from fhir_server.fhirpath.node import Nodes
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.tree import Binary, Call, Literal, Member, Tree, TypeOperation
from fhir_server.fhirpath.types import Matches, TypeName, as_matcher, lenient_matcher, type_argument, type_name
from fhir_server.fhirpath.values import TEMPORAL_TYPES
from fhir_server.model.schema import Schema
from fhir_server.model.temporal import Temporal

Values = list[tuple[Any, str]]
"""Values as they are in the JSON, each with its FHIR type."""

Route = Callable[[Any, Values], None]
"""Takes a value and appends what the path finds below it."""

Test = Callable[[Any], bool]
Onward = Callable[[str], "Route | None"]
"""Given the type arrived at, the rest of the way; None where it leads nowhere."""


class NotAPlainPath(Exception):
    """The expression needs nodes."""


class NeedsNodes(Exception):
    """This value needs nodes: a reference to a contained resource."""


def route_of(tree: Tree, start: str, schema: Schema) -> Route | None:
    """The way from a value of type `start`; None where the expression is more than plain paths."""
    try:
        return _Router(schema).route(tree, start, _emit) or _nowhere
    except NotAPlainPath:
        return None


def _nowhere(_value: Any, _out: Values) -> None:
    return None


def _emit(kind: str) -> Route:
    return lambda value, out: out.append((value, kind))


class _Router:
    def __init__(self, schema: Schema):
        self.schema = schema

    def route(self, tree: Tree, start: str, onward: Onward) -> Route | None:
        """The way through the tree and onward; None where nothing can be found."""
        match tree:
            case Member(target=None, name=name) if name[:1].isupper() and name in self.schema:
                return onward(start) if self.schema.is_subtype(start, name) else self.member(start, name, onward)
            case Member(target=None, name=name):
                return self.member(start, name, onward)
            case Member(target=target, name=name) if target is not None:
                return self.route(target, start, lambda kind: self.member(kind, name, onward))
            case Binary(operator="|"):
                return _both(self.route(tree.left, start, onward), self.route(tree.right, start, onward))
            case TypeOperation(operator="as"):
                return self.cast(tree.operand, start, type_name(tree.type), onward)
            case Call(target=target) if target is not None:
                return self.call(tree, target, start, onward)
        raise NotAPlainPath

    def member(self, kind: str, name: str, onward: Onward) -> Route | None:
        found: Route | None = None
        for key, _, child, _ in properties(self.schema, kind, name):
            if child is None:
                raise NotAPlainPath
            if (rest := onward(child)) is not None:
                found = _both(found, _step(key, child, rest, onward is _emit))
        return found

    def call(self, tree: Call, target: Tree, start: str, onward: Onward) -> Route | None:
        if tree.name in ("as", "ofType"):
            return self.cast(target, start, type_argument(tree.arguments[0]), onward)
        if tree.name == "where":
            return self.route(target, start, lambda kind: self.filtered(self.test(tree.arguments[0], kind), onward(kind)))
        if tree.name == "extension":
            return self.route(target, start, lambda kind: self.extension(tree, kind, onward))
        return self.route(target, start, _refuse)

    def cast(self, target: Tree, start: str, wanted: TypeName, onward: Onward) -> Route | None:
        matches: Matches = lenient_matcher(as_matcher(wanted, self.schema), wanted, self.schema)
        return self.route(target, start, lambda kind: onward(kind) if matches(kind) else None)

    def filtered(self, test: Test, rest: Route | None) -> Route | None:
        if rest is None:
            return None

        def route(value: Any, out: Values) -> None:
            if test(value):
                rest(value, out)

        return route

    def test(self, criteria: Tree, kind: str) -> Test:
        """`resolve() is Patient`, `system = 'phone'`, and such joined by `and`."""
        match criteria:
            case TypeOperation(operator="is", operand=Call(target=None, name="resolve")):
                return self.points_at(type_name(criteria.type).name)
            case Binary(operator="=", left=left, right=Literal(value=str() as text)):
                return self.equals(left, kind, text)
            case Binary(operator="and"):
                one, two = self.test(criteria.left, kind), self.test(criteria.right, kind)
                return lambda value: one(value) and two(value)
        raise NotAPlainPath

    def points_at(self, wanted: str) -> Test:
        schema = self.schema

        def test(value: Any) -> bool:
            text = value.get("reference") if type(value) is dict else value
            if type(text) is str and text.startswith("#"):
                raise NeedsNodes
            found = reference_type(value, text, schema)[0]
            return found is not None and (found == wanted or schema.is_subtype(found, wanted))

        return test

    def equals(self, path: Tree, kind: str, text: str) -> Test:
        route = self.route(path, kind, _text_only)

        def test(value: Any) -> bool:
            found: Values = []
            if route is not None:
                route(value, found)
            return len(found) == 1 and found[0][0] == text

        return test

    def extension(self, tree: Call, kind: str, onward: Onward) -> Route | None:
        if kind in self.schema.primitive_types or not isinstance(tree.arguments[0], Literal):
            raise NotAPlainPath
        url = tree.arguments[0].value
        return self.member(kind, "extension", lambda child: self.filtered(lambda value: value.get("url") == url, onward(child)))


def _refuse(_kind: str) -> Route | None:
    raise NotAPlainPath


def _text_only(kind: str) -> Route:
    if kind in TEMPORAL_TYPES:
        raise NotAPlainPath
    return _emit(kind)


def _both(one: Route | None, two: Route | None) -> Route | None:
    if one is None or two is None:
        return one or two
    first, second = one, two

    def route(value: Any, out: Values) -> None:
        first(value, out)
        second(value, out)

    return route


def _step(key: str, kind: str, rest: Route, is_last: bool) -> Route:
    if is_last:
        return _last_step(key, kind)

    def route(value: Any, out: Values) -> None:
        child = value.get(key)
        if child is None:
            return
        if type(child) is not list:
            rest(child, out)
            return
        for item in child:
            if item is not None:
                rest(item, out)

    return route


def _last_step(key: str, kind: str) -> Route:
    def route(value: Any, out: Values) -> None:
        child = value.get(key)
        if child is None:
            return
        if type(child) is list:
            out.extend((item, kind) for item in child if item is not None)
        else:
            out.append((child, kind))

    return route


_FHIR_NAMES = {
    "System.Boolean": "boolean", "System.String": "string", "System.Integer": "integer", "System.Decimal": "decimal", "System.Date": "date",
    "System.DateTime": "dateTime", "System.Time": "time", "System.Quantity": "Quantity",
}  # fmt: skip


def plain_values(nodes: Nodes) -> Values:
    """Nodes as values with FHIR types; System values as FHIR would write them."""
    kept = (node for node in nodes if node.value is not None and node.type != TYPE_INFO)
    return [(_plain(node.value), _FHIR_NAMES.get(node.type, node.type)) for node in kept]


def _plain(value: Any) -> Any:
    if type(value) is Quantity:
        return {"value": value.value, "unit": value.word or value.unit, "code": value.unit}
    return str(value) if type(value) is Temporal else value
