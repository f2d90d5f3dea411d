"""Invariants decided on the JSON itself where their expression has one of the common shapes
(https://hl7.org/fhir/R4/conformance-rules.html#constraints).

Most of R4's rules are `a.exists() or b.empty() or ...`: which elements are there is a matter of dictionary look-ups. A shortcut says True
or False only where the whole expression, run by `fhir_server.fhirpath`, would say so too; None means: run it. Parts that have no shortcut
are None always, so that `offset.empty() or (when in (...))` is decided wherever there is no offset.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.elements import Property, properties
from fhir_server.fhirpath.tree import Binary, Call, Constant, Literal, Member, Tree
from fhir_server.fhirpath.values import TEMPORAL_TYPES
from fhir_server.model.json_format import Resource
from fhir_server.model.primitive import PRIMITIVES
from fhir_server.model.schema import Schema

Decide = Callable[[dict[str, Any], str, Resource | None], bool | None]
"""Takes an object, its FHIR type and %resource."""

Single = Callable[[dict[str, Any], str, Resource | None], Any]
"""The same, for the value of one primitive: None where there is none, or several, or one that cannot be told without nodes."""

SCALARS = frozenset((str, int, bool, Decimal, dict))
_NUMBERS = frozenset((int, Decimal))


def shortcut(tree: Tree, schema: Schema) -> Decide | None:
    """The shortcut of an expression; None where it has none."""
    return _Shortcuts(schema).decide(tree)


class _Shortcuts:
    def __init__(self, schema: Schema):
        self.schema = schema

    def decide(self, tree: Tree) -> Decide | None:
        match tree:
            case Call(target=target, name="exists", arguments=()) if target is not None:
                return self.exists(target)
            case Call(target=target, name="empty", arguments=()) if target is not None:
                return _negated(self.exists(target))
            case Call(target=target, name="not", arguments=()) if target is not None:
                return _negated(self.decide(target))
            case Call(target=target, name="hasValue", arguments=()) if target is not None:
                return self.has_value(target)
            case Call(target=target, name="all", arguments=(criteria,)) if target is not None:
                return self.all_items(target, criteria)
            case Call(target=target, name="contains", arguments=(Literal(value=str() as part),)) if target is not None:
                return _contains(self.single(target), part)
            case Binary(operator="and" | "or" | "implies" as operator):
                return _JOINED[operator](self.decide(tree.left), self.decide(tree.right))
            case Binary(operator="=", right=Literal(value=str() as text)):
                return _equals(self.single(tree.left), text)
            case Binary(operator="=" | "!="):
                return _same(self.decide(tree.left), self.decide(tree.right), tree.operator == "=")
            case Binary(operator="<=", left=Member(), right=Member()):
                return _not_after(self.single(tree.left, dates=True), self.single(tree.right, dates=True))
            case Binary(operator=">=", right=Literal(value=int() as least)) if type(least) is int:
                return _at_least(self.single(tree.left), least)
        return None

    def exists(self, path: Tree) -> Decide | None:
        """Whether the path finds anything."""
        match path:
            case Member(target=None, name=name) if self.is_element(name):
                return self.last(name)
            case Member(target=target, name=name) if target is not None:
                rest = self.last(name)
                return self.through(target, rest)
        return None

    def through(self, path: Tree, rest: Decide) -> Decide | None:
        """Whether the rest of the way finds anything below a path."""
        match path:
            case Member(target=None, name=name) if self.is_element(name):
                return self.step(name, rest)
            case Member(target=target, name=name) if target is not None:
                return self.through(target, self.step(name, rest))
        return None

    def is_element(self, name: str) -> bool:
        """A name at the beginning may also be a type."""
        return not name[:1].isupper()

    def rows(self, name: str) -> Callable[[str], tuple[Property, ...]]:
        """Where a type has the element, looked up once for each type."""
        table: dict[str, tuple[Property, ...]] = {}

        def rows(kind: str) -> tuple[Property, ...]:
            found = table.get(kind)
            if found is None:
                found = table[kind] = properties(self.schema, kind, name)
            return found

        return rows

    def last(self, name: str) -> Decide:
        rows = self.rows(name)
        keys: dict[str, frozenset[str]] = {}

        def decide(value: dict[str, Any], kind: str, _resource: Resource | None) -> bool | None:
            known = keys.get(kind)
            if known is None:
                known = keys[kind] = frozenset(key for row in rows(kind) for key in row[:2] if key)
            if known.isdisjoint(value):
                return False
            return True if any(is_there(value[key]) for key in known.intersection(value)) else None

        return decide

    def step(self, name: str, rest: Decide) -> Decide:
        rows = self.rows(name)

        def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
            found = rows(kind)
            for key, sibling, inner, _ in found:
                if key in value or (sibling and sibling in value):
                    return None if sibling or len(found) > 1 else _any(value[key], inner, rest, resource)
            return False

        return decide

    def single(self, path: Tree, *, dates: bool = False) -> Single | None:
        """The value of a primitive: an element of the object itself, or of %resource."""
        match path:
            case Member(target=None, name=name) if self.is_element(name):
                return self.value(name, dates)
            case Member(target=Constant(name="resource"), name=name):
                value = self.value(name, dates)
                return lambda _value, _kind, resource: value(resource, resource.get("resourceType", ""), resource) if resource else None
        return None

    def value(self, name: str, dates: bool) -> Single:
        rows = self.rows(name)

        def single(value: dict[str, Any], kind: str, _resource: Resource | None) -> Any:
            found = rows(kind)
            if len(found) != 1 or found[0][1] is None or (found[0][2] in TEMPORAL_TYPES) is not dates:
                return None
            one = value.get(found[0][0])
            return None if type(one) is dict or type(one) is list else one

        return single

    def has_value(self, path: Tree) -> Decide | None:
        exists = self.exists(path)
        match path:
            case Member(target=None, name=name) if exists is not None:
                plain, dated = self.value(name, False), self.value(name, True)
            case _:
                return None

        def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
            if plain(value, kind, resource) is not None or dated(value, kind, resource) is not None:
                return True
            return None if exists(value, kind, resource) is not False else False

        return decide

    def all_items(self, path: Tree, criteria: Tree) -> Decide | None:
        """Whether all items of one element meet the criteria."""
        meets = self.decide(criteria)
        if meets is None or not isinstance(path, Member) or path.target is not None or not self.is_element(path.name):
            return None
        rows, criterion = self.rows(path.name), meets

        def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
            found = rows(kind)
            if len(found) != 1 or found[0][1] is not None or found[0][2] is None:
                return None
            items, inner = value.get(found[0][0]), found[0][2]
            if items is None:
                return True
            told = type(items) is list and all(type(one) is dict and criterion(one, inner, resource) for one in items)
            return True if told else None

        return decide


def is_there(value: Any) -> bool:
    return type(value) in SCALARS or (type(value) is list and bool(value) and type(value[0]) in SCALARS)


def _any(found: Any, kind: str | None, rest: Decide, resource: Resource | None) -> bool | None:
    """Whether one of the objects has the rest of the way; None where one is no object or cannot be told."""
    items = found if type(found) is list else (found,)
    answer: bool | None = False
    for one in items:
        inner = kind or (one.get("resourceType") if type(one) is dict else None)
        told = rest(one, inner, resource) if type(one) is dict and type(inner) is str else None
        if told is None:
            return None
        answer = answer or told
    return answer


def _negated(one: Decide | None) -> Decide | None:
    if one is None:
        return None
    decide = one

    def negated(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
        told = decide(value, kind, resource)
        return None if told is None else not told

    return negated


def _never(_value: dict[str, Any], _kind: str, _resource: Resource | None) -> bool | None:
    return None


def _joined(settles: bool, then: bool) -> Callable[[Decide | None, Decide | None], Decide | None]:
    """Of the left side `settles` decides the whole, which is `then`; otherwise the right side does."""

    def build(left: Decide | None, right: Decide | None) -> Decide | None:
        if left is None:
            return None
        first, second = left, right or _never

        def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
            told = first(value, kind, resource)
            if told is None:
                return None
            return then if told is settles else second(value, kind, resource)

        return decide

    return build


_JOINED = {"and": _joined(settles=False, then=False), "or": _joined(settles=True, then=True), "implies": _joined(settles=False, then=True)}


def _same(left: Decide | None, right: Decide | None, wanted: bool) -> Decide | None:
    if left is None or right is None:
        return None
    first, second = left, right

    def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
        one, two = first(value, kind, resource), second(value, kind, resource)
        return None if one is None or two is None else (one is two) is wanted

    return decide


def _equals(single: Single | None, text: str) -> Decide | None:
    if single is None:
        return None
    one = single

    def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
        found = one(value, kind, resource)
        return bool(found == text) if type(found) is str else None

    return decide


def _contains(single: Single | None, part: str) -> Decide | None:
    if single is None:
        return None
    one = single

    def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
        found = one(value, kind, resource)
        return part in found if type(found) is str else None

    return decide


def _at_least(single: Single | None, least: int) -> Decide | None:
    if single is None:
        return None
    one = single

    def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
        found = one(value, kind, resource)
        return bool(found >= least) if type(found) in _NUMBERS else None

    return decide


def _not_after(left: Single | None, right: Single | None) -> Decide | None:
    if left is None or right is None:
        return None
    first, second = left, right

    def decide(value: dict[str, Any], kind: str, resource: Resource | None) -> bool | None:
        one, two = first(value, kind, resource), second(value, kind, resource)
        return bool(one <= two) if _are_alike(one, two) else None

    return decide


_IS_MOMENT = PRIMITIVES["dateTime"].accepts
_DATE = len("2024-12-31")


def _are_alike(one: Any, two: Any) -> bool:
    """Moments of one precision and one offset from UTC, which are in order as texts are."""
    if type(one) is not str or type(two) is not str or len(one) != len(two) or not (_IS_MOMENT(one) and _IS_MOMENT(two)):
        return False
    return len(one) <= _DATE or (one[-6:] == two[-6:] if one[-1] != "Z" else two[-1] == "Z")
