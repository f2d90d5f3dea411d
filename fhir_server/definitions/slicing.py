"""What slices an element and what its slices mean for it (https://hl7.org/fhir/R4/profiling.html#slicing), on the tree of a snapshot."""

from __future__ import annotations

from fhir_server.definitions.element_tree import Node, Row, Step

EXTENSIONS = ("extension", "modifierExtension")


def as_choice(parent: Node, step: Step, is_last: bool) -> Step:
    """`valueQuantity` as the slice of `value[x]` that it is (https://hl7.org/fhir/R4/profiling.html#slicing)."""
    if parent.child(Step(step.name)) is not None:
        return step
    for child in parent.children:
        stem = child.step.name.removesuffix("[x]")
        if child.step.slice is None and stem != child.step.name and step.name in (stem, *_names(child)):
            is_itself = step.name == stem or not (is_last or _is_sliced(parent, child))
            return Step(child.step.name, step.slice or (None if is_itself else step.name))
    return step


def _is_sliced(parent: Node, choice: Node) -> bool:
    """False for a choice of one type without slices: `valueQuantity.value` then is below the element itself."""
    return "slicing" in choice.element or bool(parent.slices(choice.step.name)) or len(choice.types) > 1


def _names(choice: Node) -> list[str]:
    stem = choice.step.name.removesuffix("[x]")
    codes = [str(one.get("code")) for one in (choice.origin or choice).types]
    return [stem + code[0].upper() + code[1:] for code in codes if code]


def narrow_choice(node: Node) -> None:
    """A slice that is named like a type of its choice has this type."""
    if node.step.name.endswith("[x]") and node.step.slice in (names := _names(node)):
        node.element["type"] = [(node.origin or node).types[names.index(str(node.step.slice))]]
        node.children = []


def decide_choice(parent: Node, sliced: Node) -> None:
    """Where one type of a choice that occurs once is required, no other is left."""
    needed = [one for one in parent.slices(sliced.step.name) if one.element.get("min", 0) and len(one.types) == 1]
    if sliced.step.name.endswith("[x]") and sliced.element.get("max") == "1" and len(needed) == 1:
        code = needed[0].types[0].get("code")
        sliced.element["min"] = 1
        sliced.element["type"] = [kind for kind in sliced.types if kind.get("code") == code]
        sliced.element["slicing"] = sliced.element["slicing"] | {"rules": "closed"}


def implied_slicing(name: str) -> Row | None:
    """Extensions are sliced by URL and choices by type, whether a profile says so or not."""
    if name in EXTENSIONS:
        return {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}
    if name.endswith("[x]"):
        return {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "open"}
    return None


def least(parent: Node, sliced: Node) -> int:
    """How often an element occurs at least, out of what its slices ask for."""
    needed = [int(one.element.get("min", 0)) for one in parent.slices(sliced.step.name) if "/" not in str(one.step.slice)]
    return max(int(sliced.element.get("min", 0)), sum(needed))
