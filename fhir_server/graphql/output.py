"""The graph that is answered, put together value by value: single values, lists, and what @flatten collates."""

from __future__ import annotations

from typing import Any

from graphql import Node

from fhir_server.graphql.fault import malformed


class Output:
    """One object of the answer."""

    __slots__ = ("_types", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._types: dict[str, str] = {}

    def list(self, key: str, value: Any, type_name: str, node: Node) -> None:
        """One more value of a list; all of a list have one FHIR type."""
        self._same_type(key, type_name, node)
        self.values.setdefault(key, []).append(value)

    def single(self, key: str, value: Any, node: Node) -> None:
        """The only value; GraphQLFault where there is one already."""
        if key in self.values:
            raise malformed(f"{key} is a @singleton, but has more than one value; filter, or leave @singleton out.", node)
        self.values[key] = value

    def object(self, key: str, value: Any) -> None:
        """An object that is alone unless the query asks for it twice."""
        if key not in self.values:
            self.values[key] = value
        elif isinstance(self.values[key], list):
            self.values[key].append(value)
        else:
            self.values[key] = [self.values[key], value]

    def _same_type(self, key: str, type_name: str, node: Node) -> None:
        known = self._types.setdefault(key, type_name)
        if known != type_name:
            raise malformed(f"@flatten brings values of the types {known} and {type_name} together under {key}; give one an alias.", node)
