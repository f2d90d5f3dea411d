"""A resource of a map: its rules, run once for each thing that the input speaks of; the same thing twice is one entry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.mapping.run import DELETED, NAMESPACE, Deletion, Entry, Resource, Rule, Run, Scope, TraceLine


@dataclass(slots=True)
class Template:
    """`of`: the names that must be bound (`XCN`), none for a resource made once for the input. `confirm`: elements that,
    beside the first identifier, tell two of them apart. `fields` is filled in once all templates are known.
    """

    name: str
    type: str
    of: tuple[str, ...]
    confirm: tuple[str, ...]
    matching: Mapping[str, Any]
    merge: Mapping[str, Any]
    fields: list[tuple[str, Rule]] = field(default_factory=list)
    display: Rule | None = None

    def refer(self, run: Run, scope: Scope) -> dict[str, Any] | None:
        """A Reference to the resource made in this scope; to nothing but a display text where it has no identifier."""
        here = (self.name, *(id(scope[name]) for name in self.of))
        if here not in run.by_key:
            self._guard(run, here)
            try:
                run.by_key[here] = self._make(run, scope) or {}
            finally:
                run.building.discard(here)
        if not (reference := dict(run.by_key[here])):
            return None
        run.references.append(reference)
        return reference

    def _guard(self, run: Run, here: tuple[Any, ...]) -> None:
        if here in run.building:
            raise RecursionError(f"the resource {self.name} refers to itself")
        run.building.add(here)

    def _make(self, run: Run, scope: Scope) -> dict[str, Any] | None:
        entry, filled, display = self._filled(run, scope)
        reference = {"display": display} if display else {}
        key = self._key(entry.resource)
        if key is None:
            return reference
        entry.full_url = self._enter(run, key, entry, filled)
        return {"reference": entry.full_url, **reference}

    def _filled(self, run: Run, scope: Scope) -> tuple[Entry, list[TraceLine], Any]:
        """The resource, the lines that filled it, and its display text; what is being filled meanwhile waits."""
        outer = run.path, run.filling
        run.path, run.filling = [self.type], []
        entry, filled = self._build(run, scope), run.filling
        run.filling = []
        display = self.display(run, scope) if self.display else None
        run.path, run.filling = outer
        return entry, filled, display

    def _enter(self, run: Run, key: tuple[Any, ...], entry: Entry, filled: list[TraceLine]) -> str:
        """The fullUrl of the entry for this key, which may be an earlier one."""
        known = run.by_key.get(key)
        if known is None:
            known = run.by_key[key] = {"reference": f"urn:uuid:{uuid.uuid5(NAMESPACE, repr(key))}"}
            entry.full_url = known["reference"]
            run.entries.append(entry)
            run.trace += filled
        return str(known["reference"])

    def _build(self, run: Run, scope: Scope) -> Entry:
        entry = Entry(self.name, "", {"resourceType": self.type})
        for name, rule in self.fields:
            value = rule(run, scope)
            if value is DELETED:
                entry.deleted[name] = [{}]
            elif type(value) is list:
                self._set_list(entry, name, _usable(value) if name == "identifier" else value)
            elif value is not None:
                entry.resource[name] = value
        return entry

    @staticmethod
    def _set_list(entry: Entry, name: str, values: list[Any]) -> None:
        if patterns := [value.pattern for value in values if type(value) is Deletion]:
            entry.deleted[name] = patterns
            values = [value for value in values if type(value) is not Deletion]
        if values:
            entry.resource[name] = values

    def _key(self, resource: Resource) -> tuple[Any, ...] | None:
        identifiers = resource.get("identifier")
        if not identifiers:
            return None
        first = identifiers[0]
        told_apart = tuple(repr(resource.get(name)) for name in self.confirm)
        return (self.type, first.get("system"), first["value"], *told_apart)


def _usable(identifiers: list[Any]) -> list[Any]:
    """An identifier without a value identifies nothing."""
    return [one for one in identifiers if type(one) is Deletion or one.get("value")]
