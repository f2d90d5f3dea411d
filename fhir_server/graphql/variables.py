"""Values written in a query, and the variables that stand for them (https://spec.graphql.org/October2021/#sec-Language.Variables)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
)

from fhir_server.graphql.fault import malformed

Variables = Mapping[str, Any]

_KINDS: dict[str, tuple[type, ...]] = {
    "Boolean": (bool,), "String": (str,), "Int": (int,), "Float": (int, float, Decimal), "ID": (str, int),
}  # fmt: skip

_READ: dict[type, Callable[[Any], Any]] = {
    IntValueNode: lambda node: int(node.value),
    FloatValueNode: lambda node: Decimal(node.value),
    BooleanValueNode: lambda node: node.value,
    StringValueNode: lambda node: node.value,
    EnumValueNode: lambda node: node.value,
    NullValueNode: lambda _node: None,
}


def variables_of(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> Variables:
    """The values of the variables that an operation declares; GraphQLFault where one is missing or of another type."""
    declared = {one.variable.name.value: one for one in operation.variable_definitions or ()}
    if strange := sorted(given.keys() - declared.keys()):
        raise malformed(f"The query declares no variable ${strange[0][:60]}; it declares {', '.join(declared) or 'none'}.")
    return {name: _declared(name, one, given) for name, one in declared.items() if name in given or one.default_value or _is_needed(one)}


def _is_needed(definition: VariableDefinitionNode) -> bool:
    return isinstance(definition.type, NonNullTypeNode)


def _declared(name: str, definition: VariableDefinitionNode, given: Mapping[str, Any]) -> Any:
    if name in given:
        return _checked(name, definition.type, given[name])
    if definition.default_value is None:
        raise malformed(f"The variable ${name} has no value; send it in 'variables'.", definition)
    return value_of(definition.default_value, {})


def _checked(name: str, kind: TypeNode, value: Any) -> Any:
    if isinstance(kind, NonNullTypeNode):
        if value is None:
            raise malformed(f"The variable ${name} may not be null.", kind)
        return _checked(name, kind.type, value)
    if value is None:
        return None
    if isinstance(kind, ListTypeNode):
        return [_checked(name, kind.type, one) for one in (value if isinstance(value, list) else [value])]
    assert isinstance(kind, NamedTypeNode)
    wanted = _KINDS.get(kind.name.value, (str, bool, int, float, Decimal))
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise malformed(f"The variable ${name} is not of the type {kind.name.value}.", kind)
    return value


def value_of(node: ValueNode, variables: Variables) -> Any:
    """A value as written; None for null and for a variable without value."""
    if isinstance(node, VariableNode):
        if node.name.value not in variables:
            raise malformed(f"The variable ${node.name.value} has no value; declare it and send it in 'variables'.", node)
        return variables[node.name.value]
    if isinstance(node, ListValueNode):
        return [value_of(one, variables) for one in node.values]
    if (read := _READ.get(type(node))) is None:
        raise malformed("An object is no value of an argument here; write texts, numbers, true, false or lists of them.", node)
    return read(node)
