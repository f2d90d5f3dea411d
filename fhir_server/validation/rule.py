"""What a compiled profile is: a tree of rules, each with the small assertions that hold for one element.

An `Assertion` knows how to check one thing and how to describe itself. A `Rule` holds for one object or primitive value: its assertions,
then its members by JSON key. `profile` makes rules out of snapshots; `validator` walks a resource with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fhir_server.fhirpath.context import Context
from fhir_server.model.issue import Issue
from fhir_server.validation.location import Location


@dataclass(frozen=True, slots=True)
class Subject:
    """What an assertion looks at: a value with its FHIR type, the `_` sibling of a primitive, its place, and the resources around it."""

    value: Any
    type: str
    at: Location
    context: Context
    sibling: dict[str, Any] | None = None


class Assertion(Protocol):
    """One thing that must hold."""

    def check(self, subject: Subject) -> Iterable[Issue]:
        """The issues; none where it holds."""

    def describe(self) -> str:
        """What must hold, in a few words."""


@dataclass(slots=True)
class Rule:
    """What must hold for one element. `members` is filled after the rule is made, since rules may hold themselves."""

    assertions: tuple[Assertion, ...] = ()
    members: dict[str, Member] = field(default_factory=dict)

    def describe(self, name: str = "", depth: int = 0) -> list[str]:
        """The assertions as an indented list; a rule inside itself is not repeated."""
        lines = [f"{'  ' * depth}{name}: {assertion.describe()}" for assertion in self.assertions]
        for member in self.members.values() if depth < MAX_DESCRIBED else ():
            for rule in member.own:
                lines += rule.describe(member.step, depth + 1)
        return lines


MAX_DESCRIBED = 8


@dataclass(slots=True)
class Member:
    """One JSON key of an object: the rules of its values, those of the snapshot itself (`own`) and those of their types (`shared`)."""

    step: str
    type: str
    own: tuple[Rule, ...]
    shared: Callable[[], tuple[Rule, ...]]
    sibling_of: str | None = None  # "birthDate" for the key "_birthDate"
    is_resource: bool = False
    _shared: tuple[Rule, ...] | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them; the shared ones are compiled when first met."""
        if self._shared is None:
            self._shared = self.own + self.shared()
        return self._shared


Members = Mapping[str, Member]
