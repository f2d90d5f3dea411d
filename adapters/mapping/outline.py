"""What a map says, without running it: which part of the input becomes which element, and when.

For the page that integrators read and for the comparison with HL7's own tables; a run's own account is `explain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.mapping.compiler import PIPE, names
from adapters.mapping.maps import Parts
from adapters.mapping.run import Language
from adapters.mapping.source import Node

Bindings = Mapping[str, str]
"""What a name that `$each` binds stands for: CX is PID-3."""
Conditions = tuple[str, ...]
"""The conditions that a rule stands under, the nearest last."""
_HOLE = re.compile(r"\{([^{}|?]+)[^{}]*\}")
_NAME = re.compile(r"(?<![\w.-])[A-Z][A-Z0-9]{1,2}(?=\.[A-Za-z]|\s*$|\s+(?:=|!=|in|not|matches)\s)|(?<=exists )[A-Z][A-Z0-9]{1,2}(?![\w-])")
_PATH = re.compile(r"[A-Z][A-Z0-9]{1,2}(?:-\d+)?(?:\.[A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """`source`: a path of the input (`PID-3.authority.universalId`), with `constant` where the element gets a fixed value because of it.

    `template`: the resource of the map; `element`: from the resource's type on (`Patient.identifier.system`); `tables`: the code tables on
    the way. A resource that is made for a part of the input (`of: XCN`) is told once, its sources beginning with that name.
    """

    template: str
    element: str
    source: str
    when: str = ""
    constant: str = ""
    tables: tuple[str, ...] = ()


@dataclass(slots=True)
class _Walk:
    parts: Parts
    language: Language
    waiting: list[str]
    name: str = ""

    def run(self) -> Iterator[OutlineLine]:
        """The resources that are waiting, and those that they refer to."""
        for name in self.waiting:
            self.name, head = name, self.parts.resources[name]
            own = {one: one for one in names(head.get("of"))}
            yield from self.elements(self.parts.elements[name], str(head["type"].value), own, ())

    def elements(self, elements: Mapping[str, Node], element: str, bindings: Bindings, when: Conditions) -> Iterator[OutlineLine]:
        own = {name: node for name, node in elements.items() if not name.startswith("$")}
        used = elements.get("$use")
        for block in names(used) if used else ():
            own = {**self.block(block), **own}
        for name, node in own.items():
            yield from self.rule(node, f"{element}.{name}", bindings, when)

    def block(self, name: str) -> dict[str, Node]:
        body: dict[str, Node] = self.parts.blocks[name].value["set"].value
        inner = {key: one for used in names(body.get("$use")) for key, one in self.block(used).items()}
        return {**inner, **{key: one for key, one in body.items() if not key.startswith("$")}}

    def rule(self, node: Node, element: str, bindings: Bindings, when: Conditions) -> Iterator[OutlineLine]:
        if isinstance(node.value, dict):
            yield from self.object(node, element, bindings, when)
        elif isinstance(node.value, list):
            for one in node.value:
                yield from self.rule(one, element, bindings, when)
        else:
            yield from self.scalar(node, element, bindings, when)

    def object(self, node: Node, element: str, bindings: Bindings, when: Conditions) -> Iterator[OutlineLine]:
        bindings = self.bound(node.get("$each"), bindings)
        if condition := node.get("$when"):
            when = (*when, resolved(" ".join(condition.value.split()), bindings))
        if reference := node.get("$reference"):
            yield from self.reference(reference.value, element, bindings, when)
        elif (value := node.get("$value") or node.get("$first")) is not None:
            yield from self.rule(value, element, bindings, when)
        else:
            yield from self.elements(node.value, element, bindings, when)

    def bound(self, each: Node | None, bindings: Bindings) -> Bindings:
        bound = dict(bindings)
        for path in names(each):
            name, _ = self.language.each(path, frozenset(bound))
            bound[name] = resolved(path, {key: value for key, value in bound.items() if key != name})
        return bound

    def reference(self, name: str, element: str, bindings: Bindings, when: Conditions) -> Iterator[OutlineLine]:
        of = names(self.parts.resources[name].get("of"))
        if name not in self.waiting:
            self.waiting.append(name)  # `run` goes on to it
        if of:
            yield OutlineLine(self.name, element, bindings[of[-1]], _all(when), f"Reference({self.parts.resources[name]['type'].value})")

    def scalar(self, node: Node, element: str, bindings: Bindings, when: Conditions) -> Iterator[OutlineLine]:
        text = str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
        head, *pipes = PIPE.split(text)
        tables = tuple(pipe.split()[1] for pipe in pipes if pipe.split()[0] in ("code", "coding", "codings"))
        if not isinstance(node.value, str) or (head.startswith("=") and "{" not in head):
            decided = [path for path in _PATH.findall(_all(when[-1:])) if "-" in path or "." in path][:1]  # by the nearest condition
            yield from (OutlineLine(self.name, element, path, _all(when), head.removeprefix("=")) for path in decided)
            return
        for path in _HOLE.findall(head) if head.startswith("=") else [head]:
            yield OutlineLine(self.name, element, resolved(path.strip(), bindings), _all(when), "", tables)


def _all(conditions: Conditions) -> str:
    return " and ".join(f"({one})" if " or " in one and len(conditions) > 1 else one for one in conditions)


def outline(parts: Parts, start: list[str], language: Language) -> list[OutlineLine]:
    """All lines of a joined map, each once, in the order of the map."""
    return list(dict.fromkeys(_Walk(parts, language, list(start)).run()))


def resolved(text: str, bindings: Bindings) -> str:
    """A path or condition with the names that `$each` has bound put back to what they stand for; words to compare with stay."""
    return _NAME.sub(lambda match: bindings.get(match[0], match[0]), text)
