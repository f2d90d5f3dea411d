"""How maps address FHIR resources, for messages that are sent: `Patient.birthDate`, `name.family` inside `$each: Patient.name`.

The source is a set of resources (`Sent`): a path begins with a type, which is the first resource of that type, or with a name that `$each`
has bound, which is the last name of its path. `->` goes on in the resource that a reference leads to: `CarePlan.author->name.family`;
`[1]` is the second value.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from adapters.mapping.resource_path import Types, root_type, types_at
from adapters.mapping.run import Function, Resource, Rule, Run, Scope
from fhir_server.model.issue import Category, fault
from fhir_server.model.schema import Schema

_PATH = re.compile(r"[A-Za-z]+(?:(?:\.|->)[A-Za-z]+(?:\[\d+\])?)*(?:->)?")
_STEP = re.compile(r"(\.|->)?([A-Za-z]*)(?:\[(\d+)\])?")
_TIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
Step = tuple[str, str, str]
"""What comes before a name, the name, and which of its values (from 0; empty: all)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a message is made of; `by_reference`: `Patient/12`."""

    all: tuple[Resource, ...]
    by_type: Mapping[str, Resource]
    by_reference: Mapping[str, Resource]

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> Sent:
        listed = tuple(resources)
        first = {one["resourceType"]: one for one in reversed(listed)}
        return cls(listed, first, {f"{one['resourceType']}/{one['id']}": one for one in listed if "id" in one})


@dataclass(slots=True)
class ResourceLanguage:
    """The `Language` of the maps whose `of` is fhir. With a `schema` each path is looked up in R4."""

    name: str = "fhir"
    schema: Schema | None = None
    bound: dict[str, Types] = field(default_factory=dict)
    """The types of what `$each` has bound last under a name: a map is compiled from the outside to the inside."""

    def reader(self, path: str, bound: frozenset[str], composite: bool, traced: bool) -> Rule:  # noqa: ARG002
        find = self._finder(path, bound)
        return lambda run, scope: next((text for one in find(run, scope) if (text := _text(one))), None)

    def values(self, path: str, bound: frozenset[str], traced: bool) -> Callable[[Run, Scope], list[str]]:  # noqa: ARG002
        find = self._finder(path, bound)
        return lambda run, scope: [_text(one) or "(element)" for one in find(run, scope)]

    def each(self, path: str, bound: frozenset[str]) -> tuple[str, Callable[[Run, Scope], Iterable[Any]]]:
        names = [name for name in re.split(r"\.|->", path) if name]
        root, steps = _parsed(path)
        if types := self._types(path, root, steps, bound):
            self.bound[names[-1]] = types
        return names[-1], self._finder(path, bound)

    def function(self, name: str, argument: str) -> tuple[Function, bool] | None:  # noqa: ARG002
        found = FUNCTIONS.get(name)
        return (found, False) if found else None

    def fault(self, path: str, scope: Scope, predicate: str) -> Exception:  # noqa: ARG002
        return fault(Category.INVALID, "value", f"{path} {predicate}.", path)

    def missing(self, path: str, run: Run) -> Exception:  # noqa: ARG002
        return fault(Category.INVALID, "required", f"{path} is required for this message and is not there.", path)

    def _types(self, path: str, root: str, steps: list[Step], bound: frozenset[str]) -> Types:
        """Where the path leads to; nothing where that is not looked up."""
        if self.schema is None or (root in bound and root not in self.bound) or (root not in bound and not root[0].isupper()):
            return frozenset()
        start = self.bound[root] if root in bound else root_type(path, root, self.schema)
        return types_at(path, start, steps, self.schema)

    def _finder(self, path: str, bound: frozenset[str]) -> Callable[[Run, Scope], list[Any]]:
        root, steps = _parsed(path)
        self._types(path, root, steps, bound)
        if root not in bound and not root[0].isupper():
            raise ValueError(f"{path}: no $each has bound {root} here")

        def find(run: Run, scope: Scope) -> list[Any]:
            start = scope[root] if root in bound else run.source.by_type.get(root)
            return _walk([start] if start is not None else [], steps, run.source)

        return find


def _parsed(path: str) -> tuple[str, list[Step]]:
    """The root of a path and its steps."""
    if not _PATH.fullmatch(path.strip()):
        raise ValueError(f"{path} is not a path like Patient.birthDate or CarePlan.author->name.family")
    (_, root, _), *steps = [step for step in _STEP.findall(path.strip()) if any(step)]
    return root, steps


def _walk(found: list[Any], steps: list[Step], source: Sent) -> list[Any]:
    for mark, name, index in steps:
        if mark == "->":
            found = [target for one in found if (target := _target(one, source)) is not None]
        if name:
            found = [part for one in found if isinstance(one, dict) and name in one for part in _chosen(one[name], index)]
    return found


def _target(reference: Any, source: Sent) -> Resource | None:
    return source.by_reference.get(reference.get("reference", "")) if isinstance(reference, dict) else None


def _chosen(value: Any, index: str) -> list[Any]:
    listed = value if isinstance(value, list) else [value]
    return listed[int(index) : int(index) + 1] if index else listed


def _text(value: Any) -> str | None:
    """A primitive as text; nothing of an element with parts."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if isinstance(value, dict) else str(value)


def _hl7_time(_run: Run, value: Any, _path: str) -> str:
    """`2026-03-02T09:30:00+01:00` is `20260302093000+0100`; a date stays one."""
    match = _TIME.fullmatch(value)
    if match is None:
        raise ValueError("is not a date or time")
    *parts, offset = match.groups()
    zone = "+0000" if offset == "Z" else (offset or "").replace(":", "")
    return "".join(part or "" for part in parts) + zone


def _authority(_run: Run, value: Any, _path: str) -> str | None:
    """Who gives the numbers of a system: its OID, or the authority that a system of ours names."""
    if value.startswith("urn:oid:"):
        return str(value.removeprefix("urn:oid:"))
    return unquote(value.rsplit("/", 1)[1]) if value.startswith("https://passerelle.care/fhir/sid/") else None


def _base64(_run: Run, value: Any, _path: str) -> str:
    return base64.b64encode(value.encode()).decode()


FUNCTIONS: dict[str, Function] = {"hl7time": _hl7_time, "authority": _authority, "base64": _base64}
