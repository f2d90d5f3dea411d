"""What a compiled profile is: a tree of rules, each with the small assertions that hold for one element.

An `Assertion` knows how to check one thing and how to describe itself. A `Rule` holds for one object or primitive value: its assertions,
then its members by JSON key, then its slicings. `profile` makes rules out of snapshots; `run` walks a value with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Protocol

import msgspec

from fhir_server.fhirpath.context import Context
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.validation.bundle_resolver import inner_context
from fhir_server.validation.location import Location


class Subject(msgspec.Struct, gc=False):
    """What an assertion looks at: a value with its FHIR type, its place, the resources around it, the `_` sibling of a primitive, and
    the subject that it is an element of. `value` is None where a primitive has only a sibling.
    """

    value: Any
    type: str
    at: Location
    context: Context
    sibling: dict[str, Any] | None = None
    parent: Any = None  # Subject | None

    @property
    def node(self) -> dict[str, Any] | None:
        """The object whose members are this element's children; of a primitive, its sibling."""
        return self.value if type(self.value) is dict else self.sibling


class Assertion(Protocol):
    """One thing that must hold."""

    def check(self, subject: Subject) -> Iterable[Issue]:
        """The issues; none where it holds."""

    def describe(self) -> str:
        """What must hold, in a few words."""


class Sliced(Protocol):
    """The slices of one child element, checked together since their numbers and order count."""

    def run(self, subject: Subject, node: dict[str, Any], found: list[Issue]) -> None: ...

    def describe_all(self, depth: int) -> list[str]: ...


@dataclass(slots=True, eq=False)
class Rule:
    """What must hold for one element. `members` is filled after the rule is made, since rules may hold themselves."""

    assertions: tuple[Assertion, ...] = ()
    members: dict[str, Member] = field(default_factory=dict)
    slicings: tuple[Sliced, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.assertions or self.members or self.slicings)

    def describe(self, name: str = "", depth: int = 0) -> list[str]:
        """The assertions as an indented list; a rule inside itself is not repeated."""
        lines = [f"{'  ' * depth}{name}: {assertion.describe()}" for assertion in self.assertions]
        if depth >= MAX_DESCRIBED:
            return lines
        for key, member in self.members.items():
            for rule in member.own if not key.startswith("_") else ():
                lines += rule.describe(member.step, depth + 1)
        for slicing in self.slicings:
            lines += slicing.describe_all(depth + 1)
        return lines


MAX_DESCRIBED = 8


def run(rule: Rule, subject: Subject, found: list[Issue]) -> None:
    """Check a subject and all below it; the issues are added to `found`."""
    for assertion in rule.assertions:
        if issues := assertion.check(subject):
            found.extend(issues)
    value = subject.value
    node = value if type(value) is dict else subject.sibling
    if type(node) is not dict:
        node = {}  # a primitive without extensions: a slice may ask for one
    elif members := rule.members:
        for key, child in node.items():
            member = members.get(key)
            if member is not None:
                member.visit(child, node, subject, found)
    for slicing in rule.slicings:
        slicing.run(subject, node, found)


def findings(rules: Iterable[Rule], subject: Subject) -> list[Issue]:
    """The issues of a subject under some rules."""
    found: list[Issue] = []
    for rule in rules:
        run(rule, subject, found)
    return found


def conforms(rules: Iterable[Rule], subject: Subject) -> bool:
    """True where the rules find no error."""
    return not any(issue.is_error for issue in findings(rules, subject))


Shared = Callable[[], tuple[Rule, ...]]


@dataclass(slots=True)
class Member:
    """One JSON key of an object: the rules of its values, those of the snapshot itself (`own`) and those of their types (`shared`)."""

    step: str
    type: str
    own: tuple[Rule, ...]
    shared: Shared = tuple
    _rules: tuple[Rule, ...] | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them; the shared ones are compiled when first met."""
        if self._rules is None:
            self._rules = tuple(rule for rule in (*self.own, *self.shared()) if not rule.is_empty)
        return self._rules

    def visit(self, value: Any, node: dict[str, Any], parent: Subject, found: list[Issue]) -> None:  # noqa: ARG002
        rules = self._rules
        if rules is None:
            rules = self.rules
        if type(value) is not list:
            self._one(rules, value, (parent.at, self.step, None), parent, found)
            return
        for index, one in enumerate(value):
            self._one(rules, one, (parent.at, self.step, index), parent, found)

    def _one(self, rules: tuple[Rule, ...], value: Any, at: Location, parent: Subject, found: list[Issue]) -> None:
        if type(value) is dict:
            subject = Subject(value, self.type, at, parent.context, None, parent)
            for rule in rules:
                run(rule, subject, found)


@dataclass(slots=True)
class PrimitiveMember(Member):
    """A primitive element, under its name and under `_name`; `name` is None where nothing is asked of the value itself."""

    name: str | None = None
    sibling_name: str = ""

    def __post_init__(self) -> None:
        self.sibling_name = f"_{self.name}"

    def visit(self, value: Any, node: dict[str, Any], parent: Subject, found: list[Issue]) -> None:
        name = self.name
        if name is None:
            self._pairs(None, value, parent, found)
        elif name in node:
            if node[name] is not value:
                return
            beside = self.sibling_name
            if beside not in node and type(value) is not list:
                self._pair(value, None, (parent.at, self.step, None), parent, found)
            else:
                self._pairs(value, node.get(beside), parent, found)
        else:
            self._pairs(None, value, parent, found)

    def _pairs(self, value: Any, sibling: Any, parent: Subject, found: list[Issue]) -> None:
        if type(value) is not list and type(sibling) is not list:
            self._pair(value, sibling, (parent.at, self.step, None), parent, found)
            return
        values, siblings = (one if type(one) is list else () for one in (value, sibling))
        for index, (one, beside) in enumerate(zip_longest(values, siblings)):
            self._pair(one, beside, (parent.at, self.step, index), parent, found)

    def _pair(self, value: Any, sibling: Any, at: Location, parent: Subject, found: list[Issue]) -> None:
        if value is None and sibling is None:
            return
        subject = Subject(value, self.type, at, parent.context, sibling, parent)
        for rule in self._rules or self.rules:
            run(rule, subject, found)


@dataclass(slots=True)
class ResourceMember(Member):
    """A resource inside another: what a profile says of it. Each has a context of its own."""

    def _one(self, rules: tuple[Rule, ...], value: Any, at: Location, parent: Subject, found: list[Issue]) -> None:
        if type(value) is not dict:
            return
        subject = Subject(
            value, str(value.get("resourceType")), at, inner_context(parent.context, parent.value, value, self.step), None, parent
        )
        for rule in rules:
            run(rule, subject, found)


NestedCheck = Callable[[Resource, Location, Subject], Iterable[Issue]]


@dataclass(slots=True)
class NestedResource(Member):
    """A resource inside another, checked against its own type and the profiles that it claims."""

    check: NestedCheck = field(default=lambda _resource, _at, _parent: ())

    def _one(self, rules: tuple[Rule, ...], value: Any, at: Location, parent: Subject, found: list[Issue]) -> None:  # noqa: ARG002
        if type(value) is dict:
            found.extend(self.check(value, at, parent))


Members = Mapping[str, Member]
