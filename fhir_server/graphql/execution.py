"""A query answered: field by field, each from the element, reference or search that it names (https://hl7.org/fhir/R4/graphql.html)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import FieldNode, SelectionSetNode

from fhir_server.graphql.budget import Budget
from fhir_server.graphql.connection import cursor_of, of_connection
from fhir_server.graphql.directives import Shape, shape_of
from fhir_server.graphql.fault import GraphQLFault, malformed
from fhir_server.graphql.filtering import filtered, matching, named_by
from fhir_server.graphql.graph_schema import name_in_graph
from fhir_server.graphql.introspection import FIELDS, Introspection, is_introspection
from fhir_server.graphql.missing import needs_selection, no_field, plain
from fhir_server.graphql.output import Output
from fhir_server.graphql.request import GraphQLRequest, Operation, read_request
from fhir_server.graphql.searching import MAX_LIST, list_window, pairs_of, referring, too_many
from fhir_server.graphql.selection import Field, fields_of
from fhir_server.graphql.source import Edge, Found, Pair, Source
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource
from fhir_server.model.references import ParsedReference, parse_reference

QUERY = "Query"
"""The name of the type that the queries of a system begin with."""

_RESOLVE_ARGUMENTS = frozenset(("optional", "type"))
_ELEMENTLESS = ("xhtml",)


async def execute(
    request: GraphQLRequest, source: Source, focus: tuple[str, str] | None = None, introspection: Introspection | None = None
) -> dict[str, Any]:
    """`{"data": ...}`: about the resource (type, id) in focus, else about the whole server. FhirError where it cannot be answered whole."""
    operation = read_request(request)
    if introspection is not None and focus is None and is_introspection(operation):
        return {"data": await introspection.answer(request)}
    execution = Execution(operation, source)
    return {"data": await (execution.instance(*focus) if focus else execution.system())}


class _Place(NamedTuple):
    """Where an object is put: below what container, at which level, whether an outer @flatten makes lists, and what @slice adds."""

    container: Resource
    level: int = 0
    is_flat: bool = False
    suffix: str = ""


class Execution:
    """One run of one operation."""

    def __init__(self, operation: Operation, source: Source):
        self._operation, self._source, self._schema = operation, source, source.schema
        self._budget = Budget()

    async def instance(self, type_name: str, id_: str) -> dict[str, Any]:
        """The selections on one resource."""
        resource, out = await self._source.read(type_name, id_), Output()
        await self._object(resource, type_name, [self._operation.selections], out, _Place(resource))
        return out.values

    async def system(self) -> dict[str, Any]:
        """Resources by id, lists and connections."""
        out = Output()
        for field in self._fields([self._operation.selections], QUERY):
            await self._budget.field(0, field.node)
            plain(field, self._operation.variables)
            if field.name == "__typename":
                out.object(field.key, QUERY)
            elif (value := await self._from_system(field)) is not None:
                out.object(field.key, value)
        return out.values

    async def _from_system(self, field: Field) -> Any:
        if field.name in self._schema.resource_types:
            return await self._by_id(field)
        if (searched := self._searched_type(field.name)) is not None:
            if "_reference" in field.arguments:
                raise malformed("_reference stands below a resource only.", field.node)
            return await self._search(field, searched, [], 0)
        if field.name in FIELDS:
            raise no_field(field, QUERY, [])
        hint = "name a type with an id, as in Patient(id: 1), a list (PatientList) or a connection (PatientConnection)"
        raise malformed(f"The server has no field '{field.name[:60]}': {hint}.", field.node)

    async def _by_id(self, field: Field) -> Any:
        names = [name for name in ("id", "_id") if name in field.arguments]
        if len(names) != 1 or len(field.arguments) != 1 or not isinstance(field.arguments[names[0]], str | int):
            raise malformed(f"{field.name} takes just an id, as in {field.name}(id: 1); use {field.name}List to search.", field.node)
        self._budget.read(field.node)
        resource = await self._placed(self._source.read(field.name, str(field.arguments[names[0]])), field.node)
        return await self._whole(resource, field.selections, field.node, 1)

    async def _whole(self, resource: Resource, selections: list[SelectionSetNode], node: FieldNode, level: int) -> dict[str, Any]:
        """A resource as an object of its own."""
        if not selections:
            raise needs_selection(node.name.value, str(resource.get("resourceType")), node)
        out = Output()
        await self._object(resource, str(resource.get("resourceType")), selections, out, _Place(resource, level))
        return out.values

    async def _placed(self, reading: Any, node: FieldNode) -> Any:
        """What is read; where that is refused, with the place in the query."""
        try:
            return await reading
        except GraphQLFault:
            raise
        except FhirError as error:
            raise GraphQLFault(error.category, error.issues[0].code, str(error.issues[0].diagnostics), node) from None

    def _fields(self, selections: Sequence[SelectionSetNode], type_name: str) -> list[Field]:
        return fields_of(selections, type_name, self._operation, self._schema)

    async def _object(
        self, value: dict[str, Any], type_name: str, selections: Sequence[SelectionSetNode], out: Output, place: _Place
    ) -> None:
        for field in self._fields(selections, type_name):
            await self._budget.field(place.level, field.node)
            shape = shape_of(field.nodes, self._operation.variables)
            await self._field(field, shape, value, type_name, out, place)

    async def _field(self, field: Field, shape: Shape, value: dict[str, Any], type_name: str, out: Output, place: _Place) -> None:
        if field.name == "__typename" or (field.name == "resourceType" and type_name in self._schema.resource_types):
            self._put(field, shape, name_in_graph(type_name), "string", False, out, place)
        elif field.name == "resource" and type_name == "Reference":
            await self._reference(field, shape, value, out, place)
        elif type_name in self._schema.resource_types and (searched := self._searched_type(field.name)):
            plain(field, self._operation.variables)
            pairs = referring(field.arguments, searched, f"{type_name}/{value.get('id')}", self._source, field.node)
            found = await self._search(field, searched, pairs, place.level)
            self._put(field, shape, found, searched, False, out, place)
        else:
            await self._element(field, shape, value, type_name, out, place)

    async def _element(self, field: Field, shape: Shape, value: dict[str, Any], type_name: str, out: Output, place: _Place) -> None:
        elements = self._schema[type_name].elements
        element = elements.get(field.name) or elements.get(field.name.removeprefix("_"))
        is_sibling = element is not None and field.name not in elements
        if element is None or (is_sibling and not self._is_leaf(element.type)):
            raise no_field(field, type_name, list(elements))
        kind = "Element" if is_sibling else element.type
        raw = value.get(field.name)
        values = raw if isinstance(raw, list) else [] if raw is None else [raw]
        if self._is_leaf(kind):
            self._leaves(field, shape, values, kind, element.is_list, out, place)
        else:
            await self._objects(field, shape, values, kind, element.is_list, out, place)

    def _is_leaf(self, kind: str) -> bool:
        return kind in _ELEMENTLESS or kind not in self._schema or self._schema[kind].is_primitive

    def _leaves(self, field: Field, shape: Shape, values: list[Any], kind: str, is_list: bool, out: Output, place: _Place) -> None:
        if field.arguments:
            raise malformed(f"{field.name} is a primitive; it takes no arguments.", field.node)
        if field.selections:
            raise malformed(f"{field.name} is a primitive ({kind}); nothing can be selected below it.", field.node)
        if shape.flatten or shape.slice:
            raise malformed(f"@flatten and @slice stand on what has fields; {field.name} has none.", field.node)
        for one in values[:1] if shape.first else values:
            if one is not None or not place.is_flat:
                self._put(field, shape, one, kind, is_list, out, place)

    async def _objects(self, field: Field, shape: Shape, values: list[Any], kind: str, is_list: bool, out: Output, place: _Place) -> None:
        if not field.selections:
            raise needs_selection(field.name, kind, field.node)
        objects = [one for one in values if isinstance(one, dict)]
        found = await filtered(objects, kind, field.arguments, self._schema, field.node, self._budget.steps)
        found = found[:1] if shape.first else found
        suffixes = await self._suffixes(found, kind, shape, field.node)
        for one, suffix in zip(found, suffixes, strict=True):
            type_name = self._type(one, kind)
            inner = _Place(place.container, place.level + 1, place.is_flat or is_list, place.suffix + suffix)
            if shape.flatten:
                await self._object(one, type_name, field.selections, out, inner)
            else:
                own = Output()
                await self._object(one, type_name, field.selections, own, _Place(place.container, place.level + 1))
                self._put(field, shape, own.values, type_name, is_list, out, place._replace(suffix=inner.suffix))

    async def _suffixes(self, values: list[Any], kind: str, shape: Shape, node: FieldNode) -> list[str]:
        if shape.slice is None:
            return [""] * len(values)
        return [f".{name}" for name in await named_by(values, kind, shape.slice, self._schema, node, self._budget.steps)]

    def _type(self, value: dict[str, Any], kind: str) -> str:
        found = value.get("resourceType") if kind in ("Resource", "DomainResource") else None
        return found if isinstance(found, str) and found in self._schema else kind

    def _put(self, field: Field, shape: Shape, value: Any, kind: str, is_list: bool, out: Output, place: _Place) -> None:
        key = field.key + place.suffix
        if shape.singleton:
            out.single(key, value, field.node)
        elif is_list or place.is_flat:
            out.list(key, value, kind, field.node)
        elif isinstance(value, dict):
            out.object(key, value)
        else:
            out.values[key] = value

    async def _reference(self, field: Field, shape: Shape, value: dict[str, Any], out: Output, place: _Place) -> None:
        if strange := field.arguments.keys() - _RESOLVE_ARGUMENTS:
            raise malformed(f"resource takes optional and type, not {', '.join(sorted(strange))[:60]}.", field.node)
        wanted = field.arguments.get("type")
        if wanted is not None and wanted not in self._schema:
            raise malformed(f"R4 has no resource type {str(wanted)[:60]}.", field.node)
        resource = await self._target(field, value, wanted, place.container)
        if resource is None or not self._fits(str(resource.get("resourceType")), wanted):
            return
        container = place.container if str(value.get("reference")).startswith("#") else resource
        if not field.selections:
            raise needs_selection("resource", str(resource.get("resourceType")), field.node)
        own = out if shape.flatten else Output()
        inner = _Place(container, place.level + 1, place.is_flat and shape.flatten, place.suffix if shape.flatten else "")
        await self._object(resource, str(resource.get("resourceType")), field.selections, own, inner)
        if not shape.flatten:
            self._put(field, shape, own.values, str(resource.get("resourceType")), False, out, place)

    def _fits(self, type_name: str, wanted: Any) -> bool:
        return wanted is None or self._schema.is_subtype(type_name, str(wanted))

    async def _target(self, field: Field, value: dict[str, Any], wanted: Any, container: Resource) -> Resource | None:
        """The resource that a reference leads to; None where it is of another type than wanted, or optional and not to be had."""
        reference = parse_reference(str(value.get("reference") or ""))
        if reference.kind == "contained":
            found = _contained(container, str(reference.fragment))
        elif reference.type is not None and not self._fits(reference.type, wanted):
            return None
        else:
            found = await self._read(reference, field.node)
        if found is None and field.arguments.get("optional") is not True:
            sentence = (
                f"The reference '{reference.text[:100]}' cannot be resolved here; ask with resource(optional: true) to go on without it."
            )
            raise GraphQLFault(Category.NOT_FOUND, "not-found", sentence, field.node)
        return found

    async def _read(self, reference: ParsedReference, node: FieldNode) -> Resource | None:
        if reference.type not in self._schema.resource_types or not reference.id or reference.base not in (None, self._source.base):
            return None
        self._budget.read(node)
        try:
            return await self._source.read(str(reference.type), reference.id, reference.version)
        except FhirError:  # absent, deleted, or not for this reader
            return None

    def _searched_type(self, name: str) -> str | None:
        for ending in ("List", "Connection"):
            if name.endswith(ending) and name.removesuffix(ending) in self._schema.resource_types:
                return name.removesuffix(ending)
        return None

    async def _search(self, field: Field, type_name: str, pairs: list[Pair], level: int) -> Any:
        if field.name.endswith("Connection"):
            return await self._connection(field, type_name, pairs, level)
        pairs = [*pairs, *pairs_of(type_name, field.arguments, self._source, field.node)]
        offset, count = list_window(field.arguments, field.node)
        size = MAX_LIST if count is None else offset + count
        found = await self._found(type_name, [*pairs, ("_count", str(size)), ("_total", "none")], field.node)
        if found.next is not None and (count is None or len(found.edges) < size):
            raise too_many(type_name, field.node)
        edges = await self._matching(found.edges[offset:], type_name, field.arguments.get("fhirpath"), field.node)
        return [await self._whole(one.resource, field.selections, field.node, level + 1) for one in edges]

    async def _found(self, type_name: str, pairs: list[Pair], node: FieldNode) -> Found:
        self._budget.search(node)
        found: Found = await self._placed(self._source.search(type_name, pairs), node)
        self._budget.found(len(found.edges), node)
        return found

    async def _matching(self, edges: Sequence[Edge], type_name: str, expression: Any, node: FieldNode) -> list[Edge]:
        if expression is None:
            return list(edges)
        kept = await matching([one.resource for one in edges], type_name, expression, self._schema, node, self._budget.steps)
        wanted = {id(one) for one in kept}
        return [one for one in edges if id(one.resource) in wanted]

    async def _connection(self, field: Field, type_name: str, pairs: list[Pair], level: int) -> dict[str, Any]:
        cursor = cursor_of(field, type_name, pairs, self._source)
        inner = self._fields(field.selections, f"{type_name}Connection")
        if not inner:
            raise needs_selection(field.name, f"{type_name}Connection", field.node)
        asked = [("_count", str(cursor.size)), ("_total", "accurate" if any(one.name == "count" for one in inner) else "none")]
        asked += [("_page", cursor.page)] if cursor.page else []
        found = await self._found(type_name, [*cursor.pairs, *asked], field.node)
        edges = await self._matching(found.edges, type_name, cursor.fhirpath, field.node)
        out = Output()
        for one in inner:
            plain(one, self._operation.variables)
            if one.name == "edges":
                out.values[one.key] = [await self._edge(edge, one, level + 1) for edge in edges]
            elif (value := of_connection(one, cursor, found)) is not None:
                out.values[one.key] = value
        return out.values

    async def _edge(self, edge: Edge, field: Field, level: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        kind = f"{edge.resource.get('resourceType')}Edge"
        for one in self._fields(field.selections, kind):
            await self._budget.field(level, one.node)
            plain(one, self._operation.variables)
            if one.name == "resource":
                values[one.key] = await self._whole(edge.resource, one.selections, one.node, level + 1)
            elif one.name not in ("mode", "score", "__typename"):
                raise no_field(one, "an edge", ["mode", "score", "resource"])
            elif (value := {"mode": edge.mode, "score": edge.score, "__typename": kind}[one.name]) is not None:
                values[one.key] = value
        return values


def _contained(container: Resource, fragment: str) -> Resource | None:
    if not fragment:
        return container
    listed = container.get("contained")
    return next((one for one in listed if isinstance(one, dict) and one.get("id") == fragment), None) if isinstance(listed, list) else None
