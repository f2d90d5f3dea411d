"""Directives on a selection: @skip and @include, and those of FHIR that flatten (https://hl7.org/fhir/R4/graphql.html#flattening)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from graphql import DirectiveNode, FieldNode, SelectionNode

from fhir_server.graphql.fault import malformed
from fhir_server.graphql.variables import Variables, value_of

_ARGUMENTS = {"skip": ("if",), "include": ("if",), "flatten": (), "first": (), "singleton": (), "slice": ("path",)}
_ON_FIELDS = frozenset(("flatten", "first", "singleton", "slice"))


class Shape(NamedTuple):
    """How a field is put out: `slice` is a FHIRPath whose value is added to the names."""

    flatten: bool = False
    first: bool = False
    singleton: bool = False
    slice: str | None = None


PLAIN = Shape()


def is_wanted(selection: SelectionNode, variables: Variables) -> bool:
    """False where @skip or @include leaves it out."""
    for one in selection.directives or ():
        if one.name.value in ("skip", "include"):
            holds = _argument(one, "if", variables)
            if not isinstance(holds, bool):
                raise malformed(f"@{one.name.value}(if: ...) is true or false.", one)
            if holds is (one.name.value == "skip"):
                return False
    return True


def shape_of(nodes: Iterable[FieldNode], variables: Variables) -> Shape:
    """What the directives of a field ask for; GraphQLFault for one that there is not."""
    found: dict[str, Any] = {}
    for one in (directive for node in nodes for directive in node.directives or ()):
        _known(one)
        if one.name.value == "slice":
            found["slice"] = _path(one, variables)
        elif one.name.value in _ON_FIELDS:
            found[one.name.value] = True
    return Shape(**found) if found else PLAIN


def check_directives(selection: SelectionNode) -> None:
    """GraphQLFault where a fragment has a directive that is unknown or stands on fields only."""
    for one in selection.directives or ():
        _known(one)
        if one.name.value in _ON_FIELDS and not isinstance(selection, FieldNode):
            raise malformed(f"@{one.name.value} stands behind a field.", one)


def _known(directive: DirectiveNode) -> None:
    name = directive.name.value
    if name not in _ARGUMENTS:
        raise malformed(f"There is no directive @{name[:40]} here; there are {', '.join('@' + one for one in _ARGUMENTS)}.", directive)
    for argument in directive.arguments or ():
        if argument.name.value not in _ARGUMENTS[name]:
            raise malformed(f"@{name} has no argument {argument.name.value[:40]}.", argument)


def _path(directive: DirectiveNode, variables: Variables) -> str:
    value = _argument(directive, "path", variables)
    if not isinstance(value, str):
        raise malformed('@slice(path: "...") needs a FHIRPath as text.', directive)
    return value


def _argument(directive: DirectiveNode, name: str, variables: Variables) -> Any:
    found = [one for one in directive.arguments or () if one.name.value == name]
    return value_of(found[0].value, variables) if found else None
