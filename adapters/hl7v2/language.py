"""How maps address HL7 v2: `PID-7`, `PID-11.city`, `CX.authority.universalId` inside `$each: PID-3`, `ROL-4.id` inside `$each: ROL`.

A segment that no `$each` has bound is the first of its name. A composite value without a component's name is its first component.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from adapters.hl7v2.data_types import DataTypes, data_types
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.hl7v2.header import is_read
from adapters.hl7v2.message import NULL, Message, Repetition, Segment
from adapters.hl7v2.timestamp import Timestamp, TimestampError, timestamp
from adapters.hl7v2.trigger import READ
from adapters.mapping.run import DELETED, Function, Rule, Run, Scope

PARIS = ZoneInfo("Europe/Paris")
LOCAL_SYSTEM = "https://passerelle.care/fhir/sid"
_PATH = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:-(\d+))?((?:\.[A-Za-z]+)*)")
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """What is known of a sender beside its messages: the zone of times without an offset."""

    zone: ZoneInfo = PARIS


@dataclass(frozen=True, slots=True)
class Address:
    """A path, resolved: the field of a segment or the bound value, and where in it (positions from 0)."""

    root: str
    number: int | None
    position: int = 0
    subposition: int = 0

    def place(self, scope: Scope) -> Place:
        current = scope.get(self.root)
        component = self.position + 1
        if isinstance(current, Repetition):
            return Place(current.segment.name, current.segment.occurrence, current.field, current.number, component)
        occurrence = current.occurrence if isinstance(current, Segment) else 1
        return Place(self.root, occurrence, self.number, None, component if self.position else None)


@dataclass(slots=True)
class Hl7v2Language:
    """The `Language` of the maps whose `of` is hl7v2."""

    name: str = "hl7v2"
    types: DataTypes = field(default_factory=data_types)

    def reader(self, path: str, bound: frozenset[str], composite: bool, traced: bool) -> Rule:
        address = self._address(path, bound)
        read = _composite_reader(address) if composite else _text_reader(address)
        fetch = self._fetch(address, bound)

        def rule(run: Run, scope: Scope) -> Any:
            found = fetch(run, scope)
            return read(found) if found is not None else None

        return _recording(rule, fetch, address) if traced else rule

    def values(self, path: str, bound: frozenset[str], traced: bool) -> Callable[[Run, Scope], list[str]]:
        address = self._address(path, bound)
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
        root, number, names = _parsed(path)
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
            return _naming_system(argument), True
        simple = FUNCTIONS.get(name)
        return (simple, False) if simple else None

    def fault(self, path: str, scope: Scope, predicate: str) -> Exception:
        place = self._address(path, frozenset(scope)).place(scope)
        return MessageFault(ErrorCode.DATA_TYPE, f"{place} {predicate}.", place)

    def missing(self, path: str, run: Run) -> Exception:
        root, number, _ = _parsed(path)
        if not run.source.all(root):
            return MessageFault(ErrorCode.SEGMENT_SEQUENCE, f"The segment {root} is required and was not sent.", Place(root))
        address = self._address(path, frozenset())
        place = Place(root, 1, number, None, address.position + 1 if self.types.field_type(root, number or 0) else None)
        return MessageFault(ErrorCode.REQUIRED_FIELD_MISSING, f"{place} ({path}) is required and was not sent.", place)

    def _address(self, path: str, bound: frozenset[str]) -> Address:
        root, number, names = _parsed(path)
        if number is not None:
            self.types.check(root, number)
            kind = self.types.field_type(root, number)
        elif (root in bound and len(root) == 2) or root in self.types.types:
            kind = root
        else:
            raise ValueError(f"{path} names a segment without a field")
        if number is None and root not in bound:
            raise ValueError(f"{path}: no $each has bound {root} here")
        return self._component(Address(root, number), kind, names, path)

    def _component(self, address: Address, kind: str | None, names: list[str], path: str) -> Address:
        if not names:
            return address
        if kind is None:
            raise ValueError(f"{path}: {address.root}-{address.number} is a simple value (or its data type is not in data_types.json)")
        first = self.types.component(kind, names[0])
        if len(names) == 1:
            return Address(address.root, address.number, first.position)
        if first.type is None or len(names) > 2:
            raise ValueError(f"{path}: {kind}.{first.name} has no parts")
        second = self.types.component(first.type, names[1])
        return Address(address.root, address.number, first.position, second.position)

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


def _parsed(path: str) -> tuple[str, int | None, list[str]]:
    match = _PATH.fullmatch(path.strip())
    if match is None:
        raise ValueError(f"{path} is not a path like PID-7, PID-11.city or XAD.city")
    root, number, names = match.groups()
    return root, int(number) if number else None, names.split(".")[1:]


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


def unread(run: Run) -> list[str]:
    """The components that were sent and that neither a line of the map nor the program itself read, as `PID-11[2].7`; the library must be
    loaded traced."""
    return [str(place) for place in _not_mapped(run) if not _is_read_by_program(place)]


def read_by_program(run: Run) -> list[str]:
    """The components that no line of the map read, but the program: to choose the map, to answer, to know what a movement does."""
    return [str(place) for place in _not_mapped(run) if _is_read_by_program(place)]


def _is_read_by_program(place: Place) -> bool:
    field, component = place.field or 0, place.component or 1
    return is_read(field, component) if place.segment == "MSH" else place.segment == "ZBE" and field in READ and component == 1


def _not_mapped(run: Run) -> list[Place]:
    places: list[Place] = []
    for segment in run.source.segments:
        fields = range(3 if segment.name == "MSH" else 1, len(segment.fields))
        places += [place for number in fields for one in segment.repetitions(number) for place in _unread_components(run, one)]
    return places


def _unread_components(run: Run, one: Repetition) -> Iterable[Place]:
    segment = one.segment
    for position, text in enumerate(one.raw.split(one.separators.component)):
        if text and (segment.name, segment.occurrence, one.field, one.number, position) not in run.reads:
            yield Place(segment.name, segment.occurrence, one.field, one.number, position + 1)


# The functions that a map may pipe a value through.


def _timestamp(run: Run, value: Any, path: str) -> Timestamp:
    zone = run.settings.zone if run.settings else PARIS
    found = timestamp(value, zone)
    if found.note:
        run.note(f"{path}: {found.note}")
    return found


def _date(run: Run, value: Any, path: str) -> str:
    return _timestamp(run, value, path).date


def _date_time(run: Run, value: Any, path: str) -> str:
    return _timestamp(run, value, path).value


def _full_date(run: Run, value: Any, path: str) -> str | None:
    found = _timestamp(run, value, path).date
    return found if len(found) == 10 else None


def _instant(run: Run, value: Any, path: str) -> str | None:
    found = _timestamp(run, value, path).value
    return found if "T" in found else None


def _integer(_run: Run, value: Any, _path: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", value.strip()):
        raise ValueError("is not a whole number")
    return int(value)


FUNCTIONS: dict[str, Function] = {
    "date": _date, "dateTime": _date_time, "fullDate": _full_date, "instant": _instant, "integer": _integer,
}  # fmt: skip


def _naming_system(kind: str) -> Function:
    """The system of a number by its assigning authority (HD): its OID, else a URI of ours that tells authorities and kinds apart."""

    def naming_system(_run: Run, value: Any, _path: str) -> str | None:
        namespace, universal_id, type_ = [*value, "", "", ""][:3]
        if type_ == "ISO" and _OID.fullmatch(universal_id):
            return f"urn:oid:{universal_id}"
        authority = universal_id or namespace
        return f"{LOCAL_SYSTEM}/{kind}/{quote(authority, safe='')}" if authority else None

    return naming_system


__all__ = ["Hl7v2Language", "SenderSettings", "TimestampError", "read_by_program", "unread"]
