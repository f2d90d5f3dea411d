"""Index values out of resources: every search parameter of the resource's type, walked in one pass.

https://hl7.org/fhir/R4/search.html#ptypes. The parameters of a type are compiled once into a tree of JSON names: parameters that
share a path share its walk, and members that nobody searches cost one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, TypeVar

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.fhirpath import Expression, FhirPathError, compile_expression
from fhir_server.model.json_format import Resource
from fhir_server.search.path import Path, Step, Where, paths_of
from fhir_server.search.rows import IndexRows
from fhir_server.search.types import number, quantity, string, token, uri
from fhir_server.search.types.date import date_writers
from fhir_server.search.types.reference import reference_writers, targeted_writer
from fhir_server.search.types.writer import Writer, Writers

NOT_INDEXED = frozenset(("_id", "_lastUpdated"))
"""Columns of the table `resource`."""

_MALFORMED = (TypeError, ValueError, AttributeError, KeyError, ArithmeticError)

Row = TypeVar("Row", bound=tuple[Any, ...])
Walk = Callable[[Any, IndexRows], None]


class IndexExtractor:
    """Makes the index rows of resources; dates without an offset are in `zone`, `base` is this server's own URL."""

    def __init__(self, definitions: Definitions, zone: tzinfo, base: str | None = None):
        self._definitions = definitions
        self._base = base.rstrip("/") if base else None
        self._writers: Mapping[str, Writers] = {
            "string": string.WRITERS, "token": token.WRITERS, "uri": uri.WRITERS, "number": number.WRITERS, "quantity": quantity.WRITERS,
            "date": date_writers(zone), "reference": reference_writers(self._base),
        }  # fmt: skip
        self._targeted: dict[str, Writer] = {}
        self._plans: dict[str, _Plan] = {}
        self.unusable: dict[str, str] = {}
        """Parameters (by URL) whose expression cannot be compiled, and why; they are not indexed."""

    def extract(self, resource: Resource) -> IndexRows:
        """The rows of all parameters of the resource's type, each once; an element that cannot be read makes none."""
        type_name = resource["resourceType"]
        plan = self._plans.get(type_name) or self._plans.setdefault(type_name, self._compile(type_name))
        rows = IndexRows()
        members = plan.members
        for name, value in resource.items():
            if walk := members.get(name):
                walk(value, rows)
        for evaluate in plan.expressions:
            evaluate(resource, rows)
        _remove_duplicates(rows)
        return rows

    def _compile(self, resource_type: str) -> _Plan:
        root = _Node()
        expressions: list[Walk] = []
        for code, parameter in self._definitions.search_parameters(resource_type).items():
            if parameter.expression and parameter.type in self._writers and code not in NOT_INDEXED:
                paths, others = paths_of(parameter.expression, resource_type, self._definitions.schema)
                for path in paths:
                    self._plant(root, path, parameter, parameter.key(resource_type))
                expressions += self._evaluations(others, parameter, parameter.key(resource_type))
        members = {name: node.walk() for name, node in root.children.items() if isinstance(name, str)}
        return _Plan(members, tuple(expressions))

    def _plant(self, root: _Node, path: Path, parameter: SearchParameter, key: int) -> None:
        if writer := self._writer(parameter.type, path):
            node = root
            for step in path.steps:
                node = node.children.setdefault(step, _Node())
            node.leaves.setdefault(writer, []).append(key)

    def _writer(self, parameter_type: str, path: Path) -> Writer | None:
        if path.target and path.type == "Reference":
            if path.target not in self._targeted:
                self._targeted[path.target] = targeted_writer(self._base, path.target)
            return self._targeted[path.target]
        return self._writers[parameter_type].get(path.type)

    def _evaluations(self, expressions: list[str], parameter: SearchParameter, key: int) -> list[Walk]:
        """What is no plain path goes through the FHIRPath engine."""
        try:
            compiled = [compile_expression(source, self._definitions.schema) for source in expressions]
        except FhirPathError as error:
            self.unusable[parameter.url] = str(error)
            return []
        return [self._evaluation(expression, parameter, key) for expression in compiled]

    def _evaluation(self, compiled: Expression, parameter: SearchParameter, key: int) -> Walk:
        writers, keys = self._writers[parameter.type], (key,)

        def evaluate(resource: Any, rows: IndexRows) -> None:
            for value, type_name in compiled.values(resource):
                if writer := writers.get(_FHIR_TYPES.get(type_name, type_name)):
                    _written(writer, value, keys, rows)

        return _tolerant(evaluate)


_FHIR_TYPES = {"System.Boolean": "boolean", "System.String": "string", "System.Integer": "integer", "System.Decimal": "decimal"}


def _tolerant(walk: Walk) -> Walk:
    def evaluate(resource: Any, rows: IndexRows) -> None:
        try:
            walk(resource, rows)
        except (FhirPathError, *_MALFORMED):
            return

    return evaluate


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to index one resource type: walks by member of the resource, and whole expressions."""

    members: Mapping[str, Walk]
    expressions: tuple[Walk, ...]


@dataclass(slots=True)
class _Node:
    """A place in the resource: what is written there, with the keys of its parameters, and where the ways lead on."""

    leaves: dict[Writer, list[int]] = field(default_factory=dict)
    children: dict[Step, _Node] = field(default_factory=dict)

    def walk(self) -> Walk:
        leaves = [(writer, tuple(dict.fromkeys(keys))) for writer, keys in self.leaves.items()]
        members = [(step, child.walk()) for step, child in self.children.items() if isinstance(step, str)]
        filters = [(step, child.walk()) for step, child in self.children.items() if isinstance(step, Where)]
        if not members and not filters and len(leaves) == 1:
            return _leaf(*leaves[0])
        return _branch(leaves, members, filters)


def _leaf(writer: Writer, keys: tuple[int, ...]) -> Walk:
    def walk(value: Any, rows: IndexRows) -> None:
        if type(value) is list:
            for item in value:
                _written(writer, item, keys, rows)
        else:
            _written(writer, value, keys, rows)

    return walk


def _branch(leaves: list[tuple[Writer, tuple[int, ...]]], members: list[tuple[str, Walk]], filters: list[tuple[Where, Walk]]) -> Walk:
    def element(value: Any, rows: IndexRows) -> None:
        for writer, keys in leaves:
            _written(writer, value, keys, rows)
        if type(value) is dict:
            for name, walk_member in members:
                if name in value:
                    walk_member(value[name], rows)
            for where, walk_kept in filters:
                if value.get(where.name) == where.literal:
                    walk_kept(value, rows)

    def walk(value: Any, rows: IndexRows) -> None:
        if type(value) is list:
            for item in value:
                element(item, rows)
        else:
            element(value, rows)

    return walk


def _written(writer: Writer, value: Any, keys: tuple[int, ...], rows: IndexRows) -> None:
    """Bad elements are refused before they come here; one that slips through is not worth a failed write."""
    if value is not None:
        try:
            writer(value, keys, rows)
        except _MALFORMED:
            return


def _remove_duplicates(rows: IndexRows) -> None:
    rows.strings, rows.tokens, rows.references = _unique(rows.strings), _unique(rows.tokens), _unique(rows.references)
    rows.dates, rows.numbers, rows.quantities = _unique(rows.dates), _unique(rows.numbers), _unique(rows.quantities)
    rows.uris = _unique(rows.uris)


def _unique(rows: list[Row]) -> list[Row]:
    try:
        return list(dict.fromkeys(rows)) if len(rows) > 1 else rows
    except TypeError:  # an object where a text was due
        return _unique([row for row in rows if all(isinstance(column, str | int | float) for column in row)])
