"""The elements of a StructureDefinition as a tree (https://hl7.org/fhir/R4/elementdefinition.html#id).

A node is an element or a slice of one; slices stand behind the element they slice, as its siblings. Ids and paths are not kept
but follow from the place in the tree, so that a part of one definition can be hung into another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Row = dict[str, Any]


class Step(NamedTuple):
    """One part of an element id: `identifier:ins` is Step("identifier", "ins")."""

    name: str
    slice: str | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.slice}" if self.slice else self.name


class Node:
    """An element, its slice name if it is one, and what is below it. `children` is empty where nothing was unfolded;
    `origin` is the node it was copied from, as long as that one stays as it is.
    """

    __slots__ = ("children", "element", "origin", "step")

    def __init__(self, step: Step, element: Row, children: list[Node] | None = None, origin: Node | None = None):
        self.step, self.element, self.origin = step, element, origin
        self.children = children if children is not None else []

    def copy(self) -> Node:
        """Another node of the same content; changing one does not change the other."""
        return Node(self.step, dict(self.element), [child.copy() for child in self.children], self)

    def child(self, step: Step) -> Node | None:
        return next((child for child in self.children if child.step == step), None)

    def slices(self, name: str) -> list[Node]:
        """The slices of a child, re-slices included."""
        return [child for child in self.children if child.step.name == name and child.step.slice]

    def insert_slice(self, node: Node) -> None:
        """Behind all slices of the same element; a re-slice behind those of the same slice, where that is there."""
        namesakes = [index for index, child in enumerate(self.children) if child.step.name == node.step.name]
        family = [index for index in namesakes if _is_family(self.children[index].step, node.step)]
        self.children.insert((family or namesakes)[-1] + 1, node)

    @property
    def types(self) -> list[Row]:
        found: list[Row] = self.element.get("type", [])
        return found


def _is_family(one: Step, new: Step) -> bool:
    slice_ = (new.slice or "").rpartition("/")[0]
    return one.name == new.name and (not slice_ or one.slice == slice_ or (one.slice or "").startswith(slice_ + "/"))


def located(rows: Iterable[Row]) -> Iterator[tuple[list[Step], Row]]:
    """Each row of a snapshot or differential with its steps: out of its id, else out of its path and the rows before it."""
    last: list[Step] = []
    for row in rows:
        last = _steps_of_id(row) or _steps_of_path(row, last)
        yield last, row


def _steps_of_id(row: Row) -> list[Step] | None:
    names, parts = row["path"].split("."), str(row.get("id", "")).split(".")
    if len(names) != len(parts):
        return None
    steps = [Step(name, part.partition(":")[2] or None) for name, part in zip(names, parts, strict=True)]
    if not all(_same_name(step.name, part.partition(":")[0]) for step, part in zip(steps, parts, strict=True)):
        return None
    named = row.get("sliceName")
    return steps if steps[-1].slice or not named else [*steps[:-1], Step(steps[-1].name, named)]


def _same_name(name: str, in_id: str) -> bool:
    return name == in_id or name.removesuffix("[x]") == in_id.removesuffix("[x]")


def _steps_of_path(row: Row, last: list[Step]) -> list[Step]:
    """As deep as the names agree, the row lies below the one before it, slices included."""
    names = row["path"].split(".")
    steps: list[Step] = []
    for name, former in zip(names[:-1], last, strict=False):
        if former.name != name:
            break
        steps.append(former)
    steps += [Step(name) for name in names[len(steps) : -1]]
    return [*steps, Step(names[-1], row.get("sliceName"))]


def tree_of(rows: Iterable[Row]) -> Node:
    """The tree of a snapshot. Raises KeyError or ValueError where the rows do not make one."""
    nodes: dict[tuple[Step, ...], Node] = {}
    for steps, row in located(rows):
        node = nodes[tuple(steps)] = Node(steps[-1], {key: value for key, value in row.items() if key not in ("id", "path")})
        if len(steps) > 1:
            nodes[tuple(steps[:-1])].children.append(node)
    if not nodes:
        raise ValueError("it has no elements")
    return next(iter(nodes.values()))


def rows_of(root: Node) -> list[Row]:
    """The tree as the rows of a snapshot, with ids and paths."""
    return list(_rows(root, "", ""))


def _rows(node: Node, id_: str, path: str) -> Iterator[Row]:
    own = {"id": id_ + str(node.step), "path": path + node.step.name}
    yield own | node.element
    for child in node.children:
        yield from _rows(child, own["id"] + ".", own["path"] + ".")


def id_of(root: Node, wanted: Node) -> str | None:
    """The element id of a node of the tree; None where it is not in it."""
    waiting = [(root, str(root.step))]
    while waiting:
        node, id_ = waiting.pop()
        if node is wanted:
            return id_
        waiting += [(child, f"{id_}.{child.step}") for child in node.children]
    return None
