"""The types of R4 as a GraphQL schema, for clients that look at it before they ask (https://hl7.org/fhir/R4/graphql.html).

Lists and connections stand at the root only. Below a resource they can be asked for too (`ConditionList(_reference: patient)`); said of
each of the 148 types, they would make the schema a hundred times as large. What names a search value or a primitive is a scalar.
"""

from __future__ import annotations

from functools import partial

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLArgumentMap,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLField,
    GraphQLFieldMap,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedOutputType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    specified_directives,
)

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.schema import Element

_SCALARS = {"boolean": GraphQLBoolean, "string": GraphQLString, "integer": GraphQLInt, "id": GraphQLID}
_VALUE = GraphQLScalarType("SearchValue", description="A text, number or boolean; of several, one that holds is enough.")
_NUMBER, _TEXT, _ANY = GraphQLArgument(GraphQLInt), GraphQLArgument(GraphQLString), GraphQLArgument(GraphQLList(_VALUE))
_WINDOW: GraphQLArgumentMap = {"fhirpath": _TEXT, "_offset": _NUMBER, "_count": _NUMBER}
_PAGE: GraphQLFieldMap = {name: GraphQLField(GraphQLInt) for name in ("count", "offset", "pagesize")}
_PAGE |= {name: GraphQLField(GraphQLID) for name in ("first", "previous", "next", "last")}
_EDGE: GraphQLFieldMap = {"mode": GraphQLField(GraphQLString), "score": GraphQLField(GraphQLFloat)}


def graph_schema(definitions: Definitions) -> GraphQLSchema:
    """The schema of the whole server."""
    types = _Types(definitions)
    resources = [types.named(name) for name in sorted(definitions.schema.resource_types)]
    return GraphQLSchema(GraphQLObjectType("Query", types.query), types=resources, directives=[*specified_directives, *_directives()])


def name_in_graph(name: str) -> str:
    """GraphQL's names have no points: `Patient.contact` is `PatientContact`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split(".")) if "." in name else name


def _directives() -> list[GraphQLDirective]:
    path = {"path": GraphQLArgument(GraphQLNonNull(GraphQLString))}
    arguments: dict[str, GraphQLArgumentMap] = {"flatten": {}, "first": {}, "singleton": {}, "slice": path}
    return [GraphQLDirective(name, [DirectiveLocation.FIELD], named) for name, named in arguments.items()]


class _Types:
    """Each type once, by R4's name."""

    def __init__(self, definitions: Definitions):
        self._definitions, self._schema = definitions, definitions.schema
        self._made: dict[str, GraphQLNamedOutputType] = {}

    def named(self, name: str) -> GraphQLNamedOutputType:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> GraphQLNamedOutputType:
        definition = self._schema.get(name)
        if definition is None or definition.is_primitive:
            return _SCALARS.get(name) or GraphQLScalarType(name)
        if definition.abstract and definition.kind == "resource":
            return GraphQLInterfaceType(name, partial(self._fields, name))
        resource = self.named("Resource") if definition.kind == "resource" else None
        interfaces = [resource] if isinstance(resource, GraphQLInterfaceType) else []
        return GraphQLObjectType(name_in_graph(name), partial(self._fields, name), interfaces)

    def _fields(self, name: str) -> GraphQLFieldMap:
        definition = self._schema[name]
        fields = {element.name: self._field(element) for element in definition.elements.values()}
        fields |= {f"_{one.name}": self._sibling(one) for one in definition.elements.values() if self._is_leaf(one.type)}
        if name == "Reference":
            arguments = {"optional": GraphQLArgument(GraphQLBoolean), "type": _TEXT}
            fields["resource"] = GraphQLField(self.named("Resource"), arguments)
        if definition.kind == "resource":
            fields["resourceType"] = GraphQLField(GraphQLString)
        return fields

    def _field(self, element: Element) -> GraphQLField:
        kind = self.named(element.type)
        if not element.is_list:
            return GraphQLField(kind)
        return GraphQLField(GraphQLList(kind), {} if self._is_leaf(element.type) else _WINDOW | self._filters(element.type))

    def _sibling(self, element: Element) -> GraphQLField:
        kind = self.named("Element")
        return GraphQLField(GraphQLList(kind) if element.is_list else kind)

    def _filters(self, name: str) -> GraphQLArgumentMap:
        return {element.name: _ANY for element in self._schema[name].elements.values() if self._is_leaf(element.type)}

    def _is_leaf(self, name: str) -> bool:
        definition = self._schema.get(name)
        return definition is None or definition.is_primitive

    def query(self) -> GraphQLFieldMap:
        fields: GraphQLFieldMap = {}
        for name in sorted(self._schema.resource_types):
            searched = _WINDOW | {"_sort": _TEXT, "_filter": _TEXT} | self._parameters(name)
            fields[name] = GraphQLField(self.named(name), {"id": GraphQLArgument(GraphQLNonNull(GraphQLID))})
            fields[f"{name}List"] = GraphQLField(GraphQLList(self.named(name)), searched)
            fields[f"{name}Connection"] = GraphQLField(self._connection(name), searched | {"cursor": GraphQLArgument(GraphQLID)})
        return fields

    def _parameters(self, name: str) -> GraphQLArgumentMap:
        """The search parameters; those whose code GraphQL cannot write stay away."""
        codes = (code if code.startswith("_") else code.replace("-", "_") for code in self._definitions.search_parameters(name))
        return {code: _ANY for code in sorted(codes) if code.isidentifier() and code.isascii() and not code.startswith("__")}

    def _connection(self, name: str) -> GraphQLObjectType:
        edge = GraphQLObjectType(f"{name}Edge", _EDGE | {"resource": GraphQLField(self.named(name))})
        return GraphQLObjectType(f"{name}Connection", _PAGE | {"edges": GraphQLField(GraphQLList(edge))})
