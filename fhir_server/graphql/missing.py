"""What a query gets told where it asks for a field that there is not, or for none."""

from __future__ import annotations

from difflib import get_close_matches

from graphql import FieldNode

from fhir_server.graphql.directives import PLAIN, shape_of
from fhir_server.graphql.fault import GraphQLFault, malformed
from fhir_server.graphql.selection import Field
from fhir_server.graphql.variables import Variables


def no_field(field: Field, type_name: str, names: list[str]) -> GraphQLFault:
    """The type has no such field; `names` are those it has."""
    if field.name in ("__schema", "__type"):
        return malformed("An introspection is a query of its own, of the whole server ([base]/$graphql).", field.node)
    close = get_close_matches(field.name[:60], names, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return malformed(f"{type_name} has no field '{field.name[:60]}'.{hint}", field.node)


def needs_selection(name: str, kind: str, node: FieldNode) -> GraphQLFault:
    """A field that is no primitive was asked without saying what of it."""
    return malformed(f"{name} is a {kind}; say in braces which of its fields you want.", node)


def plain(field: Field, variables: Variables) -> None:
    """GraphQLFault where a directive of FHIR's stands on what comes of a search."""
    if shape_of(field.nodes, variables) != PLAIN:
        raise malformed(f"@flatten, @first, @singleton and @slice stand on elements; {field.name} is none.", field.node)
