"""The rows of a snapshot as a tree: children under their element, slices beside it, re-slices under their slice
(https://hl7.org/fhir/R4/elementdefinition.html#id).

`fhir_server.definitions.element_tree` changes such trees to make snapshots; this one is only read, and knows slices by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.definitions.element_tree import located

Row = dict[str, Any]

PROFILE_ELEMENT = "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element"


class ElementNode:
    """One row with what is below it. `slices` are those of this element, or the re-slices of this slice, by name."""

    __slots__ = ("children", "id", "name", "parent", "row", "slice", "slices")

    def __init__(self, row: Row, id_: str, parent: ElementNode | None):
        self.row, self.id, self.parent = row, id_, parent
        self.name, _, self.slice = id_.rpartition(".")[2].partition(":")
        self.children: dict[str, ElementNode] = {}
        self.slices: dict[str, ElementNode] = {}

    def child(self, name: str) -> ElementNode | None:
        """The child with this name; `value` also finds `value[x]`, and `value[x]` a `valueQuantity` that stands alone."""
        return self.children.get(name) or self.children.get(name + "[x]")

    @property
    def type_codes(self) -> list[str]:
        return [str(kind.get("code")) for kind in self.row.get("type", ())]

    @property
    def type_profiles(self) -> list[str]:
        return [one for kind in self.row.get("type", ()) for one in profiles_of(kind)]

    def find(self, id_: str) -> ElementNode | None:
        """The node with an id, this one or one below it."""
        return next((node for node in self.walk() if node.id == id_), None)

    def walk(self) -> Iterator[ElementNode]:
        """This node and all below it."""
        yield self
        for one in (*self.children.values(), *self.slices.values()):
            yield from one.walk()

    def __repr__(self) -> str:
        return f"ElementNode({self.id})"


def profiles_of(kind: Row) -> Iterator[str]:
    """The profiles of one type of a row; with `#element id` where the type is one element of the profile."""
    beside = kind.get("_profile", ())
    for index, canonical in enumerate(kind.get("profile", ())):
        extensions = (beside[index] or {}).get("extension", ()) if index < len(beside) else ()
        element = next((one.get("valueString") for one in extensions if one.get("url") == PROFILE_ELEMENT), None)
        yield f"{canonical}#{element}" if element else str(canonical)


def element_tree(rows: list[Row]) -> ElementNode:
    """The root of the tree; ValueError where a row has no place in it."""
    placed = [(".".join(map(str, steps)), row) for steps, row in located(rows)]
    if not placed:
        raise ValueError("it has no elements")
    root = ElementNode(placed[0][1], placed[0][0], None)
    nodes = {root.id: root}
    for id_, row in placed[1:]:
        nodes[id_] = _placed(row, id_, nodes)
    return root


def _placed(row: Row, id_: str, nodes: dict[str, ElementNode]) -> ElementNode:
    above, _, last = id_.rpartition(".")
    parent = nodes.get(above)
    if parent is None:
        raise ValueError(f"the element {id_} has no parent")
    node = ElementNode(row, id_, parent)
    name, _, slice_name = last.partition(":")
    if not slice_name:
        parent.children[name] = node
        return node
    sliced = nodes.get(f"{above}.{name}:{slice_name.rpartition('/')[0]}") if "/" in slice_name else None
    (sliced or _sliced(row, name, parent)).slices[slice_name] = node
    return node


def _sliced(row: Row, name: str, parent: ElementNode) -> ElementNode:
    """The element that a slice belongs to; a slice without one gets an empty row to stand beside."""
    if name not in parent.children:
        bare = {"path": row["path"], "min": 0, "max": "*", "type": row.get("type", [])}
        parent.children[name] = ElementNode(bare, f"{parent.id}.{name}", parent)
    return parent.children[name]
