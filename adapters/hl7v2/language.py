"""How maps address HL7 v2: `PID-7`, `PID-11.city`, `CX.authority.universalId` inside `$each: PID-3`, `ROL-4.id` inside `$each: ROL`.

A segment that no `$each` has bound is the first of its name. A composite value without a component's name is its first component.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from adapters.hl7v2.address import Address, located, parsed
from adapters.hl7v2.data_types import DataTypes, data_types
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.map_functions import FUNCTIONS, naming_system
from adapters.hl7v2.message import NULL, Message, Repetition, Segment
from adapters.mapping.run import DELETED, Function, Rule, Run, Scope
from fhir_server.model.phrase import phrase


@dataclass(slots=True)
class Hl7v2Language:
    """The `Language` of the maps whose `of` is hl7v2."""

    name: str = "hl7v2"
    types: DataTypes = field(default_factory=data_types)

    def reader(self, path: str, bound: frozenset[str], composite: bool, traced: bool) -> Rule:
        address = located(path, bound, self.types)
        read = _composite_reader(address) if composite else _text_reader(address)
        fetch = self._fetch(address, bound)

        def rule(run: Run, scope: Scope) -> Any:
            found = fetch(run, scope)
            return read(found) if found is not None else None

        return _recording(rule, fetch, address) if traced else rule

    def values(self, path: str, bound: frozenset[str], traced: bool) -> Callable[[Run, Scope], list[str]]:
        address = located(path, bound, self.types)
        position, subposition = address.position, address.subposition
        fetch_all = self._fetch_all(address, bound)

        def values(run: Run, scope: Scope) -> list[str]:
            texts = []
            for one in fetch_all(run, scope):
                text = one.text(position, subposition)
                if text and text != NULL:
                    texts.append(text)
            return texts

        return _recording_all(values, fetch_all, address) if traced else values

    def each(self, path: str, bound: frozenset[str]) -> tuple[str, Callable[[Run, Scope], Iterable[Any]]]:
        root, number, names = parsed(path)
        if names:
            raise ValueError(f"$each runs over segments or fields, not over a component as in {path}")
        self.types.check(root, number)
        if number is None:
            return root, lambda run, _: run.source.all(root)
        fetch_all = self._fetch_all(Address(root, number), bound)
        kind = self.types.field_type(root, number) or "ST"
        return kind, lambda run, scope: [DELETED if one.raw == NULL else one for one in fetch_all(run, scope)]

    def function(self, name: str, argument: str) -> tuple[Function, bool] | None:
        if name == "naming-system":
            if not re.fullmatch("[a-z]+", argument):
                raise ValueError("naming-system needs the kind of number, as in: CX.authority | naming-system pi")
            return naming_system(argument), True
        simple = FUNCTIONS.get(name)
        return (simple, False) if simple else None

    def fault(self, path: str, scope: Scope, predicate: str) -> Exception:
        place = located(path, frozenset(scope), self.types).place(scope)
        return MessageFault(ErrorCode.DATA_TYPE, phrase("{place} {predicate}.", place=place, predicate=predicate), place)

    def missing(self, path: str, run: Run) -> Exception:
        root, number, _ = parsed(path)
        if not run.source.all(root):
            return MessageFault(
                ErrorCode.SEGMENT_SEQUENCE, phrase("The segment {name} is required and was not sent.", name=root), Place(root)
            )
        address = located(path, frozenset(), self.types)
        place = Place(root, 1, number, None, address.position + 1 if self.types.field_type(root, number or 0) else None)
        return MessageFault(
            ErrorCode.REQUIRED_FIELD_MISSING, phrase("{place} ({what}) is required and was not sent.", place=place, what=path), place
        )

    def _fetch(self, address: Address, bound: frozenset[str]) -> Callable[[Run, Scope], Repetition | None]:
        root, number = address.root, address.number
        if number is None:
            return lambda _, scope: scope[root]
        if root in bound:
            return lambda _, scope: _first_repetition(scope[root], number)
        return lambda run, _: _first_repetition(run.source.first(root), number)

    def _fetch_all(self, address: Address, bound: frozenset[str]) -> Callable[[Run, Scope], list[Repetition]]:
        root, number = address.root, address.number
        if number is None:
            return lambda _, scope: [scope[root]]
        if root in bound:
            return lambda _, scope: scope[root].repetitions(number)
        return lambda run, _: _repetitions(run.source, root, number)


def _first_repetition(segment: Segment | None, number: int) -> Repetition | None:
    found = segment.repetitions(number) if segment is not None else None
    return found[0] if found else None


def _repetitions(message: Message, root: str, number: int) -> list[Repetition]:
    segment = message.first(root)
    return segment.repetitions(number) if segment is not None else []


def _text_reader(address: Address) -> Callable[[Repetition], Any]:
    position, subposition = address.position, address.subposition

    def read(found: Repetition) -> Any:
        text = found.text(position, subposition)
        if text == NULL:
            return DELETED if found.raw == NULL else None
        return text or None if found.raw != NULL else DELETED

    return read


def _composite_reader(address: Address) -> Callable[[Repetition], Any]:
    position = address.position
    return lambda found: found.subcomponents(position)


def _recording(rule: Rule, fetch: Callable[[Run, Scope], Repetition | None], address: Address) -> Rule:
    def recorded(run: Run, scope: Scope) -> Any:
        if (found := fetch(run, scope)) is not None:
            run.reads.add((found.segment.name, found.segment.occurrence, found.field, found.number, address.position))
        return rule(run, scope)

    return recorded


def _recording_all(
    values: Callable[[Run, Scope], list[str]], fetch_all: Callable[[Run, Scope], list[Repetition]], address: Address
) -> Callable[[Run, Scope], list[str]]:
    def recorded(run: Run, scope: Scope) -> list[str]:
        found = fetch_all(run, scope)
        run.reads.update((one.segment.name, one.segment.occurrence, one.field, one.number, address.position) for one in found)
        return values(run, scope)

    return recorded
