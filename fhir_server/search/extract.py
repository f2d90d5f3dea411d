"""Index values out of resources: every search parameter of the resource's type, walked in one pass.

https://hl7.org/fhir/R4/search.html#ptypes. The parameters of a type are compiled once into a tree of JSON names: parameters that
share a path share its walk, and members that nobody searches cost one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, TypeVar

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.fhirpath import Expression, FhirPathError, compile_expression
from fhir_server.model.json_format import Resource
from fhir_server.search.composite import components_of
from fhir_server.search.composite_extract import RESOURCE, Component, composite_walk
from fhir_server.search.facet import facets
from fhir_server.search.path import Path, Step, Where, paths_of
from fhir_server.search.rows import IndexRows
from fhir_server.search.sight.grants import Grants
from fhir_server.search.sight.marks import Marks
from fhir_server.search.types import number, phonetic, position, quantity, string, token, uri
from fhir_server.search.types.date import date_writers
from fhir_server.search.types.reference import reference_writers, targeted_writer
from fhir_server.search.types.writer import Writer, Writers
from fhir_server.search.words import text_rows

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
        self.marks, self.grants = Marks(definitions, self._base), Grants(zone, self._base)
        self._writers: Mapping[str, Writers] = {
            "string": string.WRITERS, "token": token.WRITERS, "uri": uri.WRITERS, "number": number.WRITERS, "quantity": quantity.WRITERS,
            "date": date_writers(zone), "reference": reference_writers(self._base), "special": position.WRITERS,
        }  # fmt: skip
        self._targeted: dict[tuple[Writer, str], Writer] = {}
        self._plans: tuple[int, dict[str, _Plan]] = (definitions.parameters_generation, {})
        self.generation = 0
        """Of the goals that the rows are made from (`fhir_server.store.indexing`); set by the reindexing, after the definitions."""
        self.unusable: dict[str, str] = {}
        """Parameters (by URL) whose expression cannot be compiled, and why; they are not indexed."""

    def extract(self, resource: Resource, id_: str | None = None) -> IndexRows:
        """The rows of all parameters of the resource's type, each once, and what access is decided by; an element that cannot be read
        makes none. `id_` is what it stands under, where that is not the id it has."""
        plan = self._plan(resource["resourceType"])
        rows = IndexRows()
        members = plan.members
        for name, value in resource.items():
            if walk := members.get(name):
                walk(value, rows)
        for evaluate in plan.expressions:
            evaluate(resource, rows)
        rows.texts = text_rows(resource)
        self._access(resource, id_ or str(resource.get("id", "")), rows)
        _remove_duplicates(rows)
        return rows

    def require_few_grants(self, resource: Resource, id_: str) -> None:
        """INVALID where a resource that is written lets in or keeps out too many."""
        with suppress(*_MALFORMED):
            self.grants.require_few(resource, id_)

    def _access(self, resource: Resource, id_: str, rows: IndexRows) -> None:
        """What cannot be read lets nobody in."""
        try:
            rows.marks, rows.grants = [(mark,) for mark in self.marks.of(resource, id_)], self.grants.of(resource, id_)
        except _MALFORMED:
            return

    def _plan(self, resource_type: str) -> _Plan:
        """Compiled when first asked for, and again after the parameters have changed."""
        generation, plans = self._plans
        if generation != (newest := self._definitions.parameters_generation):
            generation, plans = self._plans = (newest, {})  # together, as threads extract too
            self.unusable = {}
        plan = plans.get(resource_type)
        if plan is None:
            plan = plans[resource_type] = self._compile(resource_type)
        return plan

    def _compile(self, resource_type: str) -> _Plan:
        root = _Node()
        expressions: list[Walk] = []
        for code, parameter in self._definitions.search_parameters(resource_type).items():
            if not parameter.expression or code in NOT_INDEXED:
                continue
            if parameter.type == "composite":
                expressions += self._composite(parameter, resource_type)
            elif parameter.type in self._writers:
                expressions += self._parameter(root, parameter, resource_type)
        return _Plan(root.members(), tuple(expressions))

    def _parameter(self, root: _Node, parameter: SearchParameter, resource_type: str) -> list[Walk]:
        """Plants the parameter's plain paths; what is none comes back as walks over the whole resource."""
        assert parameter.expression is not None
        paths, others = paths_of(parameter.expression, resource_type, self._definitions.schema)
        walks: list[Walk] = []
        for one, writers in ((parameter, self._writers_of(parameter)), *facets(parameter)):
            key = one.key(resource_type)
            for path in paths:
                self._plant(root, path, writers, key)
            walks += self._evaluations(others, writers, parameter, key)
        if parameter.type == "uri" and [path.steps for path in paths] == [("url",)]:
            walks.append(_whole_resource(uri.write_versioned, parameter.key(resource_type)))
        return walks

    def _writers_of(self, parameter: SearchParameter) -> Writers:
        return phonetic.WRITERS if phonetic.is_phonetic(parameter) else self._writers[parameter.type]

    def _plant(self, root: _Node, path: Path, writers: Writers, key: int) -> None:
        if writer := self._writer(writers, path):
            node = root
            for step in path.steps:
                node = node.children.setdefault(step, _Node())
            node.leaves.setdefault(writer, []).append(key)

    def _writer(self, writers: Writers, path: Path) -> Writer | None:
        writer = writers.get(path.type)
        if writer is None or not path.target or path.type != "Reference":
            return writer
        if (writer, path.target) not in self._targeted:
            self._targeted[writer, path.target] = targeted_writer(writer, self._base, path.target)
        return self._targeted[writer, path.target]

    def _composite(self, parameter: SearchParameter, resource_type: str) -> list[Walk]:
        """The walk of a composite over the whole resource."""
        components = components_of(parameter, self._definitions)
        if components is None:
            self.unusable[parameter.url] = "A component is no search parameter that is known here, or not of a type that can be compared."
            return []
        assert parameter.expression is not None
        paths, others = paths_of(parameter.expression, resource_type, self._definitions.schema)
        if others:
            self.unusable[parameter.url] = f"The elements of a composite are to be a plain path; {others[0]!r} is none."
        bases = [(path.steps, tuple(self._component(one, path.type, resource_type) for one in components)) for path in paths]
        return [_tolerant(composite_walk(bases))]

    def _component(self, component: SearchParameter, element_type: str, resource_type: str) -> Component:
        expression = component.expression or ""
        of_resource = expression.startswith(RESOURCE)
        source = resource_type if of_resource else element_type
        paths, others = paths_of(expression.removeprefix(RESOURCE), source, self._definitions.schema)
        key, root, writers = component.key(resource_type), _Node(), self._writers[component.type]
        for path in paths:
            self._plant(root, path, writers, key)
        walks = self._evaluations(others, writers, component, key, source)
        return Component(component.type, key, root.members(), walks, of_resource)

    def _evaluations(
        self, expressions: list[str], writers: Writers, parameter: SearchParameter, key: int, source: str | None = None
    ) -> list[Walk]:
        """What is no plain path goes through the FHIRPath engine; `source` is the type of what it starts from, if not a resource."""
        try:
            compiled = [compile_expression(source, self._definitions.schema) for source in expressions]
        except FhirPathError as error:
            self.unusable[parameter.url] = str(error)
            return []
        return [_evaluation(expression, writers, (key,), source, parameter.targets) for expression in compiled]


def _evaluation(compiled: Expression, writers: Writers, keys: tuple[int, ...], source: str | None, targets: tuple[str, ...]) -> Walk:
    def evaluate(element: Any, rows: IndexRows) -> None:
        for value, type_name in compiled.values(element, source):
            if writer := writers.get(_FHIR_TYPES.get(type_name, type_name)) or _writer_of_resource(writers, value, targets):
                _written(writer, value, keys, rows)

    return _tolerant(evaluate)


def _writer_of_resource(writers: Writers, value: Any, targets: tuple[str, ...]) -> Writer | None:
    return writers.get("Resource") if type(value) is dict and value.get("resourceType") in targets else None


def _whole_resource(writer: Writer, key: int) -> Walk:
    def walk(resource: Any, rows: IndexRows) -> None:
        _written(writer, resource, (key,), rows)

    return walk


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

    def members(self) -> dict[str, Walk]:
        """The ways on by JSON name."""
        return {step: child.walk() for step, child in self.children.items() if isinstance(step, str)}

    def walk(self) -> Walk:
        leaves = [(writer, tuple(dict.fromkeys(keys))) for writer, keys in self.leaves.items()]
        members = list(self.members().items())
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


_TABLES = IndexRows.__slots__


def _remove_duplicates(rows: IndexRows) -> None:
    for table in _TABLES:
        if len(found := getattr(rows, table)) > 1:
            setattr(rows, table, _unique(found))


def _unique(rows: list[Row]) -> list[Row]:
    try:
        return list(dict.fromkeys(rows))
    except TypeError:  # an object where a text was due
        return _unique([row for row in rows if all(isinstance(column, str | int | float) for column in row)])
