"""The slices of one element: which value belongs to which, how many of each, in which order
(https://hl7.org/fhir/R4/profiling.html#slicing).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase, together
from fhir_server.model.schema import Element
from fhir_server.validation.bundle_resolver import inner_context
from fhir_server.validation.discriminator import Test, paired
from fhir_server.validation.location import expression, step_of
from fhir_server.validation.rule import Member, Subject, run

Rules = Literal["open", "closed", "openAtEnd"]
DEFAULT = "@default"


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice: its discriminators' tests, how often it may occur, and what its elements must meet, by FHIR type."""

    name: str
    tests: tuple[Test, ...]
    min: int
    max: int | None
    source: str
    members: dict[str, Member]
    reslicing: Slicing | None = None

    def holds(self, subject: Subject) -> bool:
        return all(test.holds(subject) for test in self.tests)

    def failed(self, subject: Subject) -> list[Test]:
        return [test for test in self.tests if not test.holds(subject)]


@dataclass(frozen=True, slots=True)
class Unclear:
    """A slice that nothing tells apart: what is in no other slice may be in it."""

    name: str
    min: int
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Slicing:
    """The slices of an element, or the re-slices of a slice. Where some are unclear, nothing is said of what may be in them."""

    path: str
    elements: tuple[Element, ...]
    slices: tuple[Slice, ...]
    rules: Rules
    ordered: bool
    source: str
    default: Slice | None = None
    unclear: tuple[Unclear, ...] = ()

    def run(self, subject: Subject, node: dict[str, Any], found: list[Issue]) -> None:
        """Check the children of `node`, the members of `subject`."""
        self.sort([one for element in self.elements for one in _subjects(element, node, subject)], subject, found)

    def sort(self, values: list[Subject], parent: Subject, found: list[Issue]) -> None:
        """Give every value to its slice, then check the slices."""
        members: dict[str, list[Subject]] = {}
        order: list[int] = []
        for value in values:
            index = self._index(value, found)
            order.append(index)
            if index < len(self.slices):
                members.setdefault(self.slices[index].name, []).append(value)
            else:
                found.extend(self._unmatched(value))
        found.extend(self._misplaced(values, order))
        for one in self.slices:
            self._slice(one, members.get(one.name, []), parent, found)
        rest = [value for value, index in zip(values, order, strict=True) if index == len(self.slices)]
        if self.default:
            self._slice(self.default, rest, parent, found)
        for unclear in self.unclear:
            found.extend(self._unchecked(unclear, len(rest), parent))

    def _index(self, value: Subject, found: list[Issue]) -> int:
        """The place of a value's slice among the slices; their number where it is in none."""
        held = [index for index, one in enumerate(self.slices) if one.holds(value)]
        if len(held) > 1:
            found.append(self._several(value, [self.slices[index].name for index in held]))
        return held[0] if held else len(self.slices)

    def _slice(self, one: Slice, values: list[Subject], parent: Subject, found: list[Issue]) -> None:
        found.extend(self._number(one, len(values), parent))
        for value in values:
            member = one.members.get(value.type) or one.members.get("Resource")
            for rule in member.rules if member else ():
                run(rule, value, found)
        if one.reslicing:
            one.reslicing.sort(values, parent, found)

    def _number(self, one: Slice, count: int, parent: Subject) -> Iterator[Issue]:
        if count < one.min:
            sentence = phrase(
                "The slice '{slice}' of {path} must occur at least {min} time(s); found {count}. Its elements are known by: {tests}.",
                slice=one.name, path=self.path, min=one.min, count=count, tests=_wanted(one),
            )  # fmt: skip
            yield _issue(parent, "slice-min", sentence, one.source)
        if one.max is not None and count > one.max:
            sentence = phrase(
                "The slice '{slice}' of {path} may occur at most {max} time(s); found {count}. Remove what is too much.",
                slice=one.name, path=self.path, max=one.max, count=count,
            )  # fmt: skip
            yield _issue(parent, "slice-max", sentence, one.source)

    def _unchecked(self, one: Unclear, candidates: int, parent: Subject) -> Iterator[Issue]:
        """Too few are too few, whichever they are; of the others it is said that they were not checked."""
        if candidates < one.min:
            sentence = phrase(
                "The slice '{slice}' of {path} must occur at least {min} time(s); {count} could be in it.",
                slice=one.name, path=self.path, min=one.min, count=candidates,
            )  # fmt: skip
            yield _issue(parent, "slice-min", sentence, one.source)
        elif candidates:
            place = expression(parent.at)
            yield Issue("warning", "not-supported", one.reason, place, message_id="slicing-unchecked", source=one.source)

    def _unmatched(self, value: Subject) -> Iterator[Issue]:
        if self.rules != "closed" or self.default:
            return
        nearest = min(self.slices, key=lambda one: len(one.failed(value)), default=None)
        names = ", ".join(f"'{one.name}'" for one in self.slices) or "none"
        sentence = phrase("This is none of the slices of {path} ({names}), and no others are allowed.", path=self.path, names=names)
        if nearest is not None:
            failed = "; ".join(test.explain(value) for test in nearest.failed(value))
            sentence = phrase("{said} The nearest is '{slice}', but {failed}.", said=sentence, slice=nearest.name, failed=failed)
        yield _issue(value, "slice-closed", sentence, self.source)

    def _several(self, value: Subject, names: list[str]) -> Issue:
        sentence = phrase(
            "This matches several slices of {path}: {names}. It may be one of them only.", path=self.path, names=", ".join(names)
        )
        return _issue(value, "slice-ambiguous", sentence, self.source)

    def _misplaced(self, values: list[Subject], order: list[int]) -> Iterator[Issue]:
        last = 0
        for value, index in zip(values, order, strict=True):
            matched = index < len(self.slices)
            if matched and last == len(self.slices) and self.rules == "openAtEnd":
                sentence = phrase(
                    "An element of the slice '{slice}' stands after others of no slice; those go to the end.", slice=self.slices[index].name
                )
                yield _issue(value, "slice-order", sentence, self.source)
            elif matched and self.ordered and index < last:
                sentence = phrase(
                    "The slices of {path} are out of order; '{slice}' goes further up.", path=self.path, slice=self.slices[index].name
                )
                yield _issue(value, "slice-order", sentence, self.source)
            if matched or self.rules == "openAtEnd":
                last = max(last, index)

    def describe_all(self, depth: int) -> list[str]:
        """The slices as lines."""
        lines: list[str] = []
        for one in (*self.slices, *([self.default] if self.default else ())):
            maximum = "*" if one.max is None else one.max
            lines.append(f"{'  ' * depth}{self.path}:{one.name} occurs {one.min}..{maximum} where {_wanted(one)}")
            lines += [line for member in one.members.values() for rule in member.own for line in rule.describe(one.name, depth + 1)]
        lines += [f"{'  ' * depth}{self.path}:{unclear.name} is not checked: {unclear.reason}" for unclear in self.unclear]
        return lines


def _wanted(one: Slice) -> str:
    return together(phrase("{path} is {wanted}", path=test.path, wanted=test.wanted) for test in one.tests) or phrase("nothing else")


def _issue(subject: Subject, message_id: str, sentence: str, source: str) -> Issue:
    return Issue("error", "structure", sentence, expression(subject.at), message_id=message_id, source=source)


def _subjects(element: Element, node: dict[str, Any], parent: Subject) -> Iterator[Subject]:
    value, sibling = node.get(element.name), node.get("_" + element.name)
    if value is None and sibling is None:
        return
    step = step_of(element.name, element.choice, element.type)
    for index, one, beside in paired(value, sibling):
        at = (parent.at, step, index)
        if type(one) is dict and "resourceType" in one:
            yield Subject(one, str(one["resourceType"]), at, inner_context(parent.context, parent.value, one, element.name), None, parent)
        elif one is not None or beside is not None:
            yield Subject(one, element.type, at, parent.context, beside, parent)
