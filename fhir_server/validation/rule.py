"""What a compiled profile is: a tree of rules, each with the small assertions that hold for one element.

An `Assertion` knows how to check one thing and how to describe itself. A `Rule` holds for one object or primitive value: its assertions,
then its members by JSON key, then its slicings. `profile` makes rules out of snapshots; `run` walks a value with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Protocol

import msgspec

from fhir_server.fhirpath.context import Context
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.validation.at_a_glance import Accepts, Fine, Look, fine, look, text_tests
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
    """What must hold for one element. `members` is filled after the rule is made, since rules may hold themselves.

    With a schema, the assertions of each type of object become one function (`at_a_glance`) when the first such object is met.
    """

    assertions: tuple[Assertion, ...] = ()
    members: dict[str, Member] = field(default_factory=dict)
    slicings: tuple[Sliced, ...] = ()
    schema: Schema | None = None
    _looks: dict[str, Look] = field(default_factory=dict)
    _fines: dict[tuple[str, int], Fine | None] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.assertions or self.members or self.slicings)

    def look(self, kind: str) -> Look:
        """The check of the assertions on an object of a type."""
        if kind not in self._looks:
            self._looks[kind] = look(self.assertions, self.schema, kind) if self.schema else self._check_all
        return self._looks[kind]

    def fine(self, kind: str, depth: int) -> Fine | None:
        """Whether an object of a type, and a few levels below it, plainly has no findings; None where this is not worth a try."""
        key = (kind, depth)
        if key not in self._fines:
            worth_it = self.schema and not self.slicings and all(hasattr(one, "plainly_met") for one in self.assertions)
            self._fines[key] = self._compiled_fine(self.schema, kind, depth) if self.schema and worth_it else None
        return self._fines[key]

    def _compiled_fine(self, schema: Schema, kind: str, depth: int) -> Fine | None:
        below = {key: member.fine(key, depth) for key, member in self.members.items()}
        return fine(self.assertions, below, schema, kind)

    def _check_all(self, _value: Any, subject: Subject, found: list[Issue]) -> None:
        for assertion in self.assertions:
            found.extend(assertion.check(subject))

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
GLANCED_DEPTH = 3
"""So many levels are tried at a glance: where it fails, it was in vain."""


def run(rule: Rule, subject: Subject, found: list[Issue]) -> None:
    """Check a subject and all below it; the issues are added to `found`."""
    value = subject.value
    if type(value) is dict:
        if rule.assertions:
            (rule._looks.get(subject.type) or rule.look(subject.type))(value, subject, found)
        node = value
    else:
        for assertion in rule.assertions:
            found.extend(assertion.check(subject))
        node = subject.sibling if type(subject.sibling) is dict else {}  # of a primitive without extensions a slice may ask for one
    if members := rule.members:
        for key, child in node.items():
            member = members.get(key)
            if member is not None:
                member.visit(child, node, subject, found)
    for slicing in rule.slicings:
        slicing.run(subject, node, found)


def joined(rules: Sequence[Rule]) -> Rule:
    """One rule that asks what several ask, so that an element is walked once."""
    if len(rules) == 1:
        return rules[0]
    members: dict[str, list[Member]] = {}
    for rule in rules:
        for key, member in rule.members.items():
            members.setdefault(key, []).append(member)
    return Rule(
        tuple(assertion for rule in rules for assertion in rule.assertions),
        {key: ones[0] if len(ones) == 1 else Several(ones[0].step, ones[0].type, (), members=tuple(ones)) for key, ones in members.items()},
        tuple(slicing for rule in rules for slicing in rule.slicings),
        next((rule.schema for rule in rules if rule.schema), None),
    )


def findings(rules: Iterable[Rule], subject: Subject) -> list[Issue]:
    """The issues of a subject under some rules."""
    found: list[Issue] = []
    for rule in rules:
        run(rule, subject, found)
    return found


def conforms(rules: Iterable[Rule], subject: Subject) -> bool:
    """True where the rules find no error."""
    return not any(issue.is_error for issue in findings(rules, subject))


def _nothing_asked(_value: Any, _context: Context) -> bool:
    return True


Shared = Callable[[], tuple[Rule, ...]]


@dataclass(slots=True)
class Member:
    """One JSON key of an object: the rules of its values, those of the snapshot itself (`own`) and those of their types (`shared`)."""

    step: str
    type: str
    own: tuple[Rule, ...]
    shared: Shared = tuple
    _joined: Rule | None = None
    _visited: Rule | None = None
    _fine: Fine | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them."""
        return tuple(rule for rule in (*self.own, *self.shared()) if not rule.is_empty)

    @property
    def rule(self) -> Rule:
        """All of them as one; the shared ones are compiled when first met."""
        if self._joined is None:
            self._joined = joined(self.rules)
        return self._joined

    def _first_met(self) -> Rule:
        """The rule, and whether an object can be fine at a glance; not done while another glance is compiled, which may come back here."""
        self._visited, self._fine = self.rule, self.rule.fine(self.type, GLANCED_DEPTH)
        return self._visited

    def fine(self, key: str, depth: int) -> Fine | None:  # noqa: ARG002
        """Whether what stands under the key is fine; None where this takes a full look."""
        if self.rule.is_empty:
            return _nothing_asked
        one_fine = self.rule.fine(self.type, depth - 1) if depth else None
        if one_fine is None:
            return None

        def all_fine(values: Any, context: Context) -> bool:
            if type(values) is dict:
                return one_fine(values, context)
            if type(values) is not list:
                return False
            for one in values:  # noqa: SIM110 - a generator takes twice as long
                if type(one) is not dict or not one_fine(one, context):
                    return False
            return True

        return all_fine

    def visit(self, value: Any, node: dict[str, Any], parent: Subject, found: list[Issue]) -> None:  # noqa: ARG002
        rule, fine, context = self._visited or self._first_met(), self._fine, parent.context
        if type(value) is dict:
            if fine is None or not fine(value, context):
                run(rule, Subject(value, self.type, (parent.at, self.step, None), context, None, parent), found)
        elif type(value) is list:
            for index, one in enumerate(value):
                if type(one) is dict and (fine is None or not fine(one, context)):
                    run(rule, Subject(one, self.type, (parent.at, self.step, index), context, None, parent), found)


@dataclass(slots=True)
class PrimitiveMember(Member):
    """A primitive element, under its name and under `_name`; `name` is None where nothing is asked of the value itself."""

    name: str | None = None
    sibling_name: str = ""
    _tests: tuple[Accepts, ...] | None = None

    def __post_init__(self) -> None:
        self.sibling_name = f"_{self.name}"

    @property
    def rule(self) -> Rule:
        if self._joined is None:
            self._joined = joined(self.rules)
            self._tests = text_tests(self._joined.assertions, self.type) if not self._joined.slicings else None
        return self._joined

    def fine(self, key: str, depth: int) -> Fine | None:  # noqa: ARG002
        """Of texts that are asked about under their own name."""
        if self.rule.is_empty:
            return _nothing_asked
        if key != self.name or self._tests is None:
            return None
        return lambda value, _context: type(value) is str and self._is_fine(value)

    def _is_fine(self, text: str) -> bool:
        """True of a text that has no sibling and that no assertion has anything to say about."""
        if self._tests is None:
            return False
        for accepts in self._tests:  # noqa: SIM110 - a generator takes twice as long
            if not accepts(text):
                return False
        return True

    def visit(self, value: Any, node: dict[str, Any], parent: Subject, found: list[Issue]) -> None:
        name = self.name
        if name is None:
            self._pairs(None, value, parent, found)
        elif name in node:
            if node[name] is not value:
                return
            beside = self.sibling_name
            if beside not in node and type(value) is str and self._is_fine(value):
                return
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
        run(self._joined or self.rule, Subject(value, self.type, at, parent.context, sibling, parent), found)


@dataclass(slots=True)
class ResourceMember(Member):
    """A resource inside another: what a profile says of it. Each has a context of its own."""

    def fine(self, key: str, depth: int) -> Fine | None:  # noqa: ARG002
        return None

    def visit(self, value: Any, node: dict[str, Any], parent: Subject, found: list[Issue]) -> None:  # noqa: ARG002
        for index, one in enumerate(value) if type(value) is list else ((None, value),):
            if type(one) is dict:
                self._resource(one, (parent.at, self.step, index), parent, found)

    def _resource(self, value: Resource, at: Location, parent: Subject, found: list[Issue]) -> None:
        context = inner_context(parent.context, parent.value, value, self.step)
        run(self.rule, Subject(value, str(value.get("resourceType")), at, context, None, parent), found)


NestedCheck = Callable[[Resource, Location, Subject], Iterable[Issue]]


@dataclass(slots=True)
class NestedResource(ResourceMember):
    """A resource inside another, checked against its own type and the profiles that it claims."""

    check: NestedCheck = field(default=lambda _resource, _at, _parent: ())

    def _resource(self, value: Resource, at: Location, parent: Subject, found: list[Issue]) -> None:
        found.extend(self.check(value, at, parent))


@dataclass(slots=True)
class Several(Member):
    """What several rules ask of one key."""

    members: tuple[Member, ...] = ()

    def fine(self, key: str, depth: int) -> Fine | None:  # noqa: ARG002
        return None

    def visit(self, value: Any, node: dict[str, Any], parent: Subject, found: list[Issue]) -> None:
        for member in self.members:
            member.visit(value, node, parent, found)


Members = Mapping[str, Member]
