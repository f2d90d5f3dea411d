"""From method and path to a route: one step of a tree for each part of the path, whatever the number of routes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.rest.errors import MethodNotAllowed
from fhir_server.rest.route import Route

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
"""Those of HTTP and PATCH: another is not implemented (501), one of these may be out of place (405)."""

Parts = dict[str, str]


class _Node:
    """A place in the tree of paths; `variable` is where {type}, {id} or {vid} leads, whichever `name` says."""

    __slots__ = ("literals", "name", "routes", "variable")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.name = ""
        self.routes: dict[str, list[Route]] = {}

    def child(self, segment: str) -> _Node:
        """The node below for a template's segment, made if it is not there."""
        if not segment.startswith("{"):
            return self.literals.setdefault(segment, _Node())
        self.name = segment[1:-1]
        self.variable = self.variable or _Node()
        return self.variable


class Dispatch:
    """All routes over the resource types of a schema."""

    def __init__(self, routes: Iterable[Route], schema: Schema):
        self._types = schema.resource_types
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.segments:
            node = node.child(segment)
        for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
            node.routes.setdefault(method, []).append(route)

    def find(self, method: str, path: str) -> tuple[Route, Parts]:
        """The route and the variable parts of the path (below the base); NOT_FOUND or METHOD where there is none."""
        node, parts = self._walk(path)
        type_name = parts.get("type")
        if type_name is not None and type_name not in self._types:
            raise self._unknown_type(type_name)
        for route in node.routes.get(method, ()):
            if _serves(route, type_name):
                return route, parts
        raise _no_route(method, path, node, type_name)

    def _walk(self, path: str) -> tuple[_Node, Parts]:
        node, parts = self._root, {}
        trimmed = path.strip("/")
        if "\0" in trimmed:  # which no database keeps in an id
            raise _unknown_path(path, trimmed.rpartition("/")[2])
        for segment in trimmed.split("/") if trimmed else ():
            below = node.literals.get(segment)
            if below is None and segment and segment[0] not in "$_":
                parts[node.name] = segment
                below = node.variable
            if below is None:
                raise _unknown_path(path, segment)
            node = below
        return node, parts

    def _unknown_type(self, name: str) -> FhirError:
        close = get_close_matches(name[:64], self._types, 1) or get_close_matches(name[:64].title(), self._types, 1)
        hint = phrase(" Did you mean {name}?", name=close[0]) if close else phrase(" Names are case-sensitive, as in Patient.")
        return fault(Category.NOT_FOUND, "not-supported", phrase("R4 has no resource type {type}.", type=repr(name[:64])) + hint)


def _serves(route: Route, type_name: str | None) -> bool:
    return route.types is None or type_name in route.types


def _unknown_path(path: str, segment: str) -> FhirError:
    kind = phrase("operation") if segment.startswith("$") else phrase("address")
    sentence = phrase(
        "This server has no {kind} {segment} at {path}; /metadata lists what it has.",
        kind=kind, segment=repr(segment[:64]), path=repr(path[:200]),
    )  # fmt: skip
    return fault(Category.NOT_FOUND, "not-supported", sentence)


_BASE = "the base itself (/metadata lists what there is)"


def _no_route(method: str, path: str, node: _Node, type_name: str | None) -> FhirError:
    allowed = [name for name, routes in node.routes.items() if any(_serves(route, type_name) for route in routes)]
    if not allowed:
        return _unknown_path(path, path.rpartition("/")[2])
    if method not in METHODS:
        return fault(Category.NOT_SUPPORTED, "not-supported", f"HTTP has no method {method[:32]}; use {', '.join(allowed)}.")
    return MethodNotAllowed(method, path.strip("/")[:200] or _BASE, allowed)
