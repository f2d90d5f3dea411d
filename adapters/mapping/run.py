"""What a map works with while it runs on one input: scope, results, notes, trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

Resource = dict[str, Any]
Scope = dict[str, Any]
"""What `$each` has bound, by name: the current segment (`ROL`) or the current composite value (`XAD`)."""

NAMESPACE = uuid.UUID("5b0b6c0e-6c1b-5e0e-9b5f-7a1f6f1f0c11")


class _Deleted:
    def __repr__(self) -> str:
        return "DELETED"


DELETED: Final = _Deleted()
"""The sender says that the value is to be deleted (`""` in HL7 v2)."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """Items of a list to be deleted: those that contain `pattern` (all where it is empty)."""

    pattern: dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One resource that a map made, before it is matched with what the server has.

    `deleted`: element name -> the patterns of what to delete of it. `template`: the name of its rules in the map.
    """

    template: str
    full_url: str
    resource: Resource
    deleted: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceLine:
    """Which line of which file filled an element, and what it read."""

    element: str
    file: str
    line: int
    source: str
    value: Any


@dataclass(slots=True)
class Run:
    """One execution. `settings` are the language's own (for HL7 v2 the zone and the sender)."""

    source: Any
    settings: Any
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    by_key: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    references: list[dict[str, Any]] = field(default_factory=list)
    """To entries of the run, each as it stands in a resource: it is changed there once it is known what the server has."""
    building: set[Any] = field(default_factory=set)
    path: list[str] = field(default_factory=list)
    filling: list[TraceLine] = field(default_factory=list)
    trace: list[TraceLine] = field(default_factory=list)
    reads: set[Any] = field(default_factory=set)

    def note(self, text: str) -> None:
        """Something a person may want to know. Never a patient's data: notes are shown in logs."""
        if text not in self.notes:
            self.notes.append(text)


Rule = Callable[[Run, Scope], Any]
Test = Callable[[Run, Scope], bool]
Function = Callable[[Run, Any, str], Any]
"""run, value, path as written -> value, or None for none; ValueError with a predicate ("is not a time") where it is wrong."""


class Language(Protocol):
    """How paths of one source format are read. Compiling methods raise ValueError with a sentence where a path makes no sense."""

    name: str

    def reader(self, path: str, bound: frozenset[str], composite: bool, traced: bool) -> Rule:
        """The first value at a path: text, None where it was not sent, DELETED; a list of texts for a composite."""

    def values(self, path: str, bound: frozenset[str], traced: bool) -> Callable[[Run, Scope], list[str]]:
        """All values at a path, over all repetitions."""

    def each(self, path: str, bound: frozenset[str]) -> tuple[str, Callable[[Run, Scope], Iterable[Any]]]:
        """The name that `$each` binds, and what it runs over; DELETED stands for a field to be deleted."""

    def function(self, name: str, argument: str) -> tuple[Function, bool] | None:
        """A pipe function of the format and whether it takes a composite; None where there is none of that name."""

    def fault(self, path: str, scope: Scope, predicate: str) -> Exception:
        """The exception that says: what stands at the path is wrong."""

    def missing(self, path: str, run: Run) -> Exception:
        """The exception that says: a value is required at the path."""
