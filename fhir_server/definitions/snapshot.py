"""Differential -> snapshot (https://hl7.org/fhir/R4/profiling.html#snapshot).

The base's snapshot is taken as a tree, and each row of the differential finds its node in it: what lies below a data type, a type profile
or a content reference is unfolded when a row goes there, a slice is made when a row names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fhir_server.definitions.constraining import constrained, contradictions
from fhir_server.definitions.element_tree import Node, Row, Step, id_of, located, rows_of, tree_of
from fhir_server.definitions.slicing import as_choice, decide_choice, implied_slicing, least, narrow_choice
from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase

BASE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = "http://hl7.org/fhirpath/System."
MAX_DEPTH = 40
"""Steps of an element id, and definitions that are based on one another."""

Resolve = Callable[[str], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The elements (the rows of `snapshot.element`) and what is wrong with the profile.

    An issue of severity fatal means that there are no elements; an error, that the profile contradicts its base or itself.
    """

    elements: list[Row]
    issues: tuple[Issue, ...] = ()

    @property
    def fatal(self) -> Issue | None:
        """Why there is no snapshot."""
        return next((issue for issue in self.issues if issue.severity == "fatal"), None)


class Impossible(Exception):
    """There can be no snapshot; carries the issue that says why."""

    def __init__(self, code: str, message_id: str, sentence: str):
        self.issue = Issue("fatal", code, sentence, "StructureDefinition.baseDefinition", message_id=message_id)
        super().__init__(sentence)


def generate_snapshot(profile: dict[str, Any], resolve: Resolve) -> Snapshot:
    """The snapshot that a StructureDefinition's differential makes of its base. `resolve` gives definitions by canonical URL;
    those without a snapshot get one on the way."""
    try:
        made = _Generation(profile, _Trees(resolve))
        return Snapshot(rows_of(made.root), tuple(made.issues))
    except Impossible as error:
        return Snapshot([], (error.issue,))


class _Trees:
    """The trees of other definitions, made once for a generation; `under_way` are those being generated."""

    def __init__(self, resolve: Resolve):
        self.resolve = resolve
        self.under_way: list[str] = []
        self._trees: dict[str, Node] = {}

    def base(self, canonical: str, asked_by: str) -> Node:
        """The tree of a base definition. Impossible where it is missing, circular or unreadable."""
        if canonical.partition("|")[0] == BASE + "Base":  # R5's root of all types, which logical models for R4 name too
            return Node(Step("Base"), {"min": 0, "max": "*", "base": {"path": "Base", "min": 0, "max": "*"}})
        definition = self._found(canonical)
        if definition is None:
            raise Impossible("not-found", "snapshot-base-missing", _base_missing(canonical, asked_by))
        return self._tree(canonical, definition)

    def of_type(self, canonicals: Iterable[str]) -> Node | None:
        """The first of these definitions that is known, usable and not under way itself (an extension may hold itself)."""
        for canonical in canonicals:
            definition = self._found(canonical)
            if definition and definition.get("url") not in self.under_way:
                with suppress(Impossible):
                    return self._tree(canonical, definition)
        return None

    def _found(self, canonical: str) -> dict[str, Any] | None:
        """The version that is asked for, else another one: packages are pinned to versions that are seldom all there."""
        return self.resolve(canonical) or self.resolve(canonical.partition("|")[0])

    def _tree(self, canonical: str, definition: dict[str, Any]) -> Node:
        if canonical not in self._trees:
            self._trees[canonical] = self._made(definition)
        return self._trees[canonical]

    def _made(self, definition: dict[str, Any]) -> Node:
        rows = definition.get("snapshot", {}).get("element")
        if not rows:
            return _Generation(definition, self).root
        try:
            return tree_of(rows)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            sentence = phrase(
                "The snapshot of {url} cannot be read ({error}); remove it: it is then made anew.",
                url=definition.get("url"),
                error=repr(error),
            )
            raise Impossible("structure", "snapshot-unreadable", sentence) from None


class _Generation:
    """One profile while its snapshot is made; `root` is the tree when it is done."""

    def __init__(self, profile: dict[str, Any], trees: _Trees):
        self.trees, self.url = trees, str(profile.get("url"))
        self.type = str(profile.get("type"))
        self.is_specialization = profile.get("derivation") == "specialization"
        self.issues: list[Issue] = []
        self._added_nodes: set[int] = set()
        """Elements that a specialization defines: what is below them, it says itself."""
        self._rowed: set[int] = set()
        """Nodes that the differential has a row for."""
        self._sliced: dict[int, tuple[Node, Node]] = {}
        """Elements that got slices, each with its parent."""
        self._require_not_circular()
        trees.under_way.append(self.url)
        try:
            self.root = self._base(profile)
            self._apply(profile)
        finally:
            trees.under_way.pop()

    def _require_not_circular(self) -> None:
        if self.url in self.trees.under_way:
            chain = " -> ".join((*self.trees.under_way, self.url))
            sentence = phrase("{url} is based on itself ({chain}); name another baseDefinition.", url=self.url, chain=chain)
            raise Impossible("business-rule", "snapshot-base-circular", sentence)
        if len(self.trees.under_way) > MAX_DEPTH:
            sentence = phrase(
                "{url} is one of more than {max_depth} definitions that build on each other without snapshots.",
                url=self.url,
                max_depth=MAX_DEPTH,
            )
            raise Impossible("too-costly", "snapshot-base-depth", sentence)

    def _base(self, profile: dict[str, Any]) -> Node:
        base = profile.get("baseDefinition")
        if not base or not isinstance(base, str):
            raise Impossible(
                "required", "snapshot-base-unnamed", phrase("{url} has no baseDefinition; name the definition it constrains.", url=self.url)
            )
        root = self.trees.base(base, self.url).copy()
        if self.is_specialization:
            name = self.type.rpartition("/")[2]
            root.step = Step(name)
            root.element["base"] = {"path": name, "min": 0, "max": "*"}
        return root

    def _apply(self, profile: dict[str, Any]) -> None:
        try:
            for steps, row in located(profile.get("differential", {}).get("element", ())):
                self._apply_row(steps, row)
            self._finish_slicing()
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            sentence = phrase(
                "The differential of {url} cannot be read ({error}); check it against the StructureDefinition resource.",
                url=self.url,
                error=repr(error),
            )
            raise Impossible("structure", "snapshot-differential", sentence) from None

    def _apply_row(self, steps: list[Step], row: Row) -> None:
        node = self._reached(steps, row)
        if node is None:
            unknown = phrase(
                "The base {name} has no element {path}; correct the path or remove the element.", name=self.root.step.name, path=row["path"]
            )
            self._report("not-found", "snapshot-element", unknown, row)
            return
        if id(node) in self._rowed:
            twice = phrase("The differential has two rows for it; make them one, or give each its sliceName.")
            self._report("duplicate", "snapshot-twice", twice, row)
        self._rowed.add(id(node))
        base = node.element
        node.element = constrained(base, self._with_maximum(row))
        for message_id, sentence in contradictions(base, node.element, node.step.slice is not None):
            self._report("business-rule", message_id, sentence, row)

    def _finish_slicing(self) -> None:
        for parent, sliced in self._sliced.values():
            self._require_room(parent, sliced)
            decide_choice(parent, sliced)
            if id(sliced) not in self._rowed:
                sliced.element["min"] = least(parent, sliced)

    def _require_room(self, parent: Node, sliced: Node) -> None:
        needed, most = least(parent, sliced), str(sliced.element.get("max", "*"))
        if most.isdecimal() and needed > int(most):
            sentence = phrase(
                "Its slices ask for {needed} together, but max is {most}; lower the min of a slice or raise max.", needed=needed, most=most
            )
            self._report("business-rule", "snapshot-slices-min", sentence, {"path": id_of(self.root, sliced) or str(sliced.step)})

    def _with_maximum(self, row: Row) -> Row:
        """A use of an extension that says no max has that of the extension's own definition."""
        kinds = row.get("type", ())
        if "max" in row or len(kinds) != 1 or kinds[0].get("code") != "Extension" or len(kinds[0].get("profile", ())) != 1:
            return row
        extension = self.trees.of_type(kinds[0]["profile"])
        return row | {"max": extension.element.get("max", "*")} if extension else row

    def _report(self, code: str, message_id: str, sentence: str, row: Row) -> None:
        place = row.get("id") or row["path"]
        self.issues.append(
            Issue(
                "error", code, phrase("{place}: {sentence}", place=place, sentence=sentence), place, message_id=message_id, source=self.url
            )
        )

    def _reached(self, steps: list[Step], row: Row) -> Node | None:
        """The node of a row, unfolded and sliced on the way; None where the base has no such element."""
        if len(steps) > MAX_DEPTH:
            return None
        node: Node | None = self.root if steps[0].name == self.root.step.name else None
        for step in steps[1:]:
            node = self._child(node, step, step is steps[-1]) if node else None
        return node or (self._added(steps, row) if self.is_specialization else None)

    def _child(self, parent: Node, step: Step, is_last: bool) -> Node | None:
        self._unfold(parent)
        step = as_choice(parent, step, is_last)
        found = parent.child(step)
        if found is not None or step.slice is None:
            return found
        sliced = parent.child(Step(step.name, step.slice.rpartition("/")[0] or None)) or parent.child(Step(step.name))
        if sliced is None:
            return None
        return self._new_slice(parent, sliced, step)

    def _new_slice(self, parent: Node, sliced: Node, step: Step) -> Node:
        """A slice begins as the base has the sliced element: what this profile says of all slices is not said again of each."""
        self._slice_base(parent, sliced)
        made = (sliced if sliced.step.slice else sliced.origin or sliced).copy()
        made.step = step
        made.element = {key: value for key, value in made.element.items() if key != "slicing"}
        made.element |= {"sliceName": step.slice, "min": 0}
        narrow_choice(made)
        parent.insert_slice(made)
        return made

    def _slice_base(self, parent: Node, sliced: Node) -> None:
        """Note what gets slices, and make sure that it says how it is sliced."""
        if sliced.step.slice:
            return
        self._sliced[id(sliced)] = parent, sliced
        if "slicing" not in sliced.element and (slicing := implied_slicing(sliced.step.name)):
            sliced.element["slicing"] = slicing

    def _added(self, steps: list[Step], row: Row) -> Node | None:
        """A new element of a specialization, behind those there are."""
        parent = self._reached(steps[:-1], row) if len(steps) > 1 else None
        if parent is None:
            return None
        base = {"path": row["path"], "min": row.get("min", 0), "max": row.get("max", "*")}
        node = Node(steps[-1], {"min": 0, "max": "*", "base": base} | _reference(row))
        parent.children.append(node)
        self._added_nodes.add(id(node))
        return node

    def _unfold(self, node: Node) -> None:
        """Give a node the children that its type, its type's profile or its content reference has."""
        if node.children or node is self.root or id(node) in self._added_nodes:
            return
        source = self._referred(node) or self.trees.of_type(_definitions_of(node))
        if source is not None:
            node.children = [child.copy() for child in source.children]

    def _referred(self, node: Node) -> Node | None:
        """The element that a content reference means, as its own type defines it: without what this profile says of it."""
        reference = node.element.get("contentReference")
        if not reference:
            return None
        names = str(reference).rpartition("#")[2].split(".")
        found = self.trees.of_type([BASE + names[0]]) or self.root
        for name in names[1:]:
            found = found.child(Step(name)) if found else None  # type: ignore[assignment]
        if found is not None:
            node.element = {key: value for key, value in node.element.items() if key != "contentReference"} | {"type": found.types}
        return found


def _reference(row: Row) -> Row:
    return {"contentReference": row["contentReference"]} if "contentReference" in row else {}


def _definitions_of(node: Node) -> Iterator[str]:
    """Canonical URLs of the definitions that say what is below a node, the closest first."""
    if len(node.types) != 1:
        yield BASE + "Element"
        return
    (kind,) = node.types
    profiles = kind.get("profile", ())
    yield from profiles if len(profiles) == 1 else ()
    yield _canonical_of_type(str(kind.get("code")))


def _canonical_of_type(code: str) -> str:
    if code.startswith(SYSTEM):
        return BASE + code.removeprefix(SYSTEM).lower()
    return code if "://" in code else BASE + code


def _base_missing(canonical: str, asked_by: str) -> str:
    return phrase(
        "The base {canonical} of {asked_by} is in no package in use and not stored; add its package or store it.",
        canonical=canonical,
        asked_by=asked_by,
    )
