"""What a map may write where codes stand: its fixed values, alone and with each code that its tables give.

What is read from the message is not known here; `AS_SENT` stands for it where a code may stand. So that each part is judged in its place,
a sample is the whole of what is fixed around one code, as `Node`s: a finding about a part of it leads to the line that says the part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.mapping.compiler import PIPE, names
from adapters.mapping.concept_map import CodeTable
from adapters.mapping.source import Node

AS_SENT = "as-sent"
CONDITIONAL = ("$when", "$each", "$first")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a code that is not fixed comes from: what a table makes it of; without a table, the rule that takes what was sent."""

    table: str
    code: str


Sample = tuple[Node, Origin | None]


@dataclass(frozen=True, slots=True)
class Sampler:
    """The samples of one map's resources."""

    blocks: Mapping[str, Node]
    tables: Mapping[str, CodeTable]

    def samples(self, node: Node) -> Iterator[Sample]:
        """What the rule may write; what is fixed comes first."""
        if isinstance(node.value, list):
            yield from self._of_list(node)
        elif isinstance(node.value, dict):
            yield from self._of_object(node)
        elif (fixed := _constant(node)) is not None:
            yield fixed, None
        else:
            yield from self._of_table(node)

    def _of_list(self, node: Node) -> Iterator[Sample]:
        fixed = [(item, self._fixed(item)) for item in node.value]
        if always := [one for _, one in fixed if one is not None]:
            yield replace(node, value=always), None
        for item in node.value:
            beside = [one for other, one in fixed if one is not None and other is not item]
            for value, origin in self.samples(item):
                yield replace(node, value=[*beside, *(value.value if isinstance(value.value, list) else [value])]), origin

    def _of_object(self, node: Node) -> Iterator[Sample]:
        for alternative in _alternatives(node):
            yield from self.samples(alternative)
        if any(key in node for key in ("$value", "$first", "$reference")):
            return
        elements = self._elements(node)
        always = self._always(elements)
        if always and _says_a_code(elements, always):
            yield replace(node, value=always), None
        changing = [name for name, rule in elements.items() if name not in always or isinstance(rule.value, dict | list)]
        for name in changing if _says_a_code(elements, always) else ["code"]:
            for value, origin in self.samples(elements[name]):
                yield replace(node, value={**always, name: value}), origin

    def _of_table(self, node: Node) -> Iterator[Sample]:
        function, _, table = PIPE.split(str(node.value))[-1].strip().partition(" ")
        table = table.strip()
        if function not in MADE:
            yield replace(node, value=AS_SENT), Origin("", str(node.value))
            return
        for code, codings in self.tables[table].targets.items():
            if codings:
                yield _node(MADE[function](codings), node), Origin(table, code)

    def _fixed(self, node: Node) -> Node | None:
        """What is written always and never otherwise; None where there is no such thing."""
        if isinstance(node.value, list):
            items = [one for one in (self._fixed(item) for item in node.value) if one is not None]
            return replace(node, value=items) if items else None
        if not isinstance(node.value, dict):
            return _constant(node)
        if any(key in node for key in (*CONDITIONAL, "$value", "$reference")):
            return None
        elements = self._elements(node)
        always = self._always(elements)
        return replace(node, value=always) if always and _says_a_code(elements, always) else None

    def _always(self, elements: Mapping[str, Node]) -> dict[str, Node]:
        fixed = ((name, self._fixed(rule)) for name, rule in elements.items())
        return {name: one for name, one in fixed if one is not None}

    def _elements(self, node: Node) -> dict[str, Node]:
        """The elements of an object, those of the blocks it uses first; its own win."""
        found: dict[str, Node] = {}
        for block in names(node.get("$use")):
            found.update(self._elements(self.blocks[block].value["set"]))
        return found | {name: one for name, one in node.items() if not name.startswith("$")}


def _alternatives(node: Node) -> Sequence[Node]:
    value, first = node.get("$value"), node.get("$first")
    return [value] if value else first.value if first else []


def _constant(node: Node) -> Node | None:
    """The value of a rule that reads nothing: `=home`, `true`."""
    if not isinstance(node.value, str):
        return node
    fixed = node.value.startswith("=") and "{" not in node.value and len(PIPE.split(node.value)) == 1
    return replace(node, value=node.value[1:]) if fixed else None


def _says_a_code(elements: Mapping[str, Node], always: Mapping[str, Node]) -> bool:
    """A system whose code is read from the message is no coding that could be judged."""
    return not {"system", "code"} <= elements.keys() or "code" in always


def _node(value: Any, at: Node) -> Node:
    """A plain value as Nodes, all of one line."""
    if isinstance(value, dict):
        return replace(at, value={key: _node(one, at) for key, one in value.items()})
    return replace(at, value=[_node(one, at) for one in value] if isinstance(value, list) else value)


MADE: dict[str, Any] = {"code": lambda codings: codings[0]["code"], "coding": lambda codings: dict(codings[0]), "codings": list}
"""What the functions of a table make of the targets of a code."""
