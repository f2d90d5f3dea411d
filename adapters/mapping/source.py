"""A map file with the line of everything in it: YAML 1.2 (NO is a text), no tags, no duplicate keys.

`Node` is a plain value (dict of Nodes, list of Nodes, str, bool, int, Decimal, None) that knows where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from fhir_server.model.issue import Category, FhirError, Issue

MAX_DEPTH = 60
MAX_NODES = 100_000


class MapError(FhirError):
    """A map that cannot be used: `file:line: sentence`."""

    def __init__(self, file: Path, line: int | None, sentence: str):
        self.file, self.line = file, line
        where = f"{file.name}:{line}" if line else file.name
        super().__init__(Category.INVALID, (Issue("error", "invalid", f"{where}: {sentence}", line=line),))


@dataclass(frozen=True, slots=True)
class Node:
    value: Any
    file: Path
    line: int

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def get(self, key: str) -> Node | None:
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, Node) else None

    def items(self) -> Iterator[tuple[str, Node]]:
        return iter(self.value.items())

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def error(self, sentence: str) -> MapError:
        return MapError(self.file, self.line, sentence)

    def at(self, path: list[str | int]) -> Node:
        """The node at a path of keys and indexes, or the nearest above it."""
        node = self
        for step in path:
            inside = node.value
            reachable = isinstance(inside, dict) if isinstance(step, str) else isinstance(inside, list)
            if not reachable:
                break
            node = inside[step]
        return node


def read_yaml(file: Path) -> Node:
    """The document of a file; MapError with its line where it is not YAML of this kind, or cannot be read."""
    try:
        text = file.read_text("utf-8")
        tree = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise MapError(file, line, f"this is not YAML: {error.problem}") from None
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise MapError(file, None, f"cannot be read: {type(error).__name__}: {error}") from None
    if tree is None:
        raise MapError(file, 1, "the file is empty")
    return _Reader(file).node(tree, 0)


class _Reader:
    def __init__(self, file: Path):
        self.file = file
        self.count = 0

    def node(self, node: Any, depth: int) -> Node:
        self.count += 1
        line = node.start_mark.line + 1
        if depth > MAX_DEPTH or self.count > MAX_NODES:
            raise MapError(self.file, line, "the file is nested too deep or too large")
        return Node(self._value(node, line, depth), self.file, line)

    def _value(self, node: Any, line: int, depth: int) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, SequenceNode):
            return [self.node(item, depth + 1) for item in node.value]
        assert isinstance(node, ScalarNode)
        return self._scalar(node, line)

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Node]:
        result: dict[str, Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in result:
                raise MapError(self.file, key.start_mark.line + 1, f"{name} stands here twice")
            one = self.node(value, depth + 1)
            result[name] = replace(one, line=key.start_mark.line + 1)  # of a block, its key is where a person looks
        return result

    def _scalar(self, node: ScalarNode, line: int) -> Any:
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        try:
            return SCALARS[kind](node.value)
        except KeyError:
            raise MapError(self.file, line, f"a YAML value of the type {kind} has no meaning here; quote it") from None


SCALARS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": Decimal,
    "bool": lambda text: text.lower() == "true",
    "null": lambda _: None,
}
