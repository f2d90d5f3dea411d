"""The assertions that need nothing but the value: cardinality, choice types, fixed values, patterns, length, reference targets
(https://hl7.org/fhir/R4/elementdefinition.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue, Severity
from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import phrase
from fhir_server.model.primitive import cut
from fhir_server.validation.at_a_glance import Accepts, Condition, Glance, both, either
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Subject


def issue(subject: Subject, code: str, sentence: str, message_id: str, source: str) -> Issue:
    """An error about the subject."""
    return Issue("error", code, sentence, expression(subject.at), message_id=message_id, source=source)


@dataclass(frozen=True, slots=True)
class Cardinality:
    """How often a child may occur. `keys` are its JSON names, several for a choice; the issue stands at the parent."""

    name: str
    keys: tuple[str, ...]
    min: int
    max: int | None
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        node = subject.node or {}
        if len(self.keys) == 1 and self.min <= 1 and type(node.get(self.keys[0])) in _ONCE and f"_{self.keys[0]}" not in node:
            return () if self.max is None or self.max >= 1 else (self._issue(subject, 1),)
        found = 0
        for key in self.keys:
            if key in node or "_" + key in node:
                found += max(_length(node.get(key)), _length(node.get("_" + key)))
        if self.min <= found and (self.max is None or found <= self.max):
            return ()
        return (self._issue(subject, found),)

    def plainly_met(self, glance: Glance) -> Condition:
        """None of the keys, or one single value, where that is as it should be."""
        siblings = [f"_{key}" for key in self.keys]
        all_keys = glance.name(frozenset((*self.keys, *siblings)), "keys")
        absent = f"{all_keys}.isdisjoint(v)" if self.min == 0 else None
        if self.min > 1 or self.max == 0:
            return absent
        if len(self.keys) > 1:
            single = both(f"len({all_keys}.intersection(v)) == 1", either(*(f"type(v.get({key!r})) in SCALARS" for key in self.keys)))
            return either(absent, single)
        key = self.keys[0]
        there = f"is_there(v.get({key!r}))" if self.max is None else f"type(v.get({key!r})) in SCALARS and '_{key}' not in v"
        return either(absent, f"({there})")

    def _issue(self, subject: Subject, found: int) -> Issue:
        where = f"{expression(subject.at)}.{self.name}"
        if found < self.min:
            sentence = phrase(
                "{where} must occur at least {times}; found {found}. Add it.", where=where, times=_times(self.min), found=found
            )
            return issue(subject, "structure", sentence, "cardinality-min", self.source)
        return issue(subject, "structure", self._too_many(where, found), "cardinality-max", self.source)

    def _too_many(self, where: str, found: int) -> str:
        if not self.max:
            return phrase("{where} is not used here; remove it.", where=where)
        allowed = phrase("at most {times}; found {found}", times=_times(self.max), found=found)
        return phrase("{where} may occur {allowed}. Remove what is too much.", where=where, allowed=allowed)

    def describe(self) -> str:
        return f"{self.name} occurs {self.min}..{'*' if self.max is None else self.max}"


_ONCE = frozenset((str, dict))
"""What a child that is there once most often is; the rest is counted."""


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value is not None)


def _times(number: int) -> str:
    return phrase("once") if number == 1 else phrase("{number} times", number=number)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Stands where a rule should be that cannot be run, so that it is not passed over in silence."""

    severity: Severity
    message_id: str
    reason: str
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        yield Issue(self.severity, "not-supported", self.reason, expression(subject.at), message_id=self.message_id, source=self.source)

    def describe(self) -> str:
        return f"is not checked: {self.reason}"


@dataclass(frozen=True, slots=True)
class NotThisType:
    """Stands on the types of a choice that a profile has taken away."""

    allowed: tuple[str, ...]
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        sentence = phrase(
            "Found a value of type {type}; the profile allows {allowed} here.", type=subject.type, allowed=", ".join(self.allowed)
        )
        of_extension = subject.parent is not None and subject.parent.type == "Extension"
        yield issue(subject.parent if of_extension else subject, "structure", sentence, "choice-type", self.source)

    def describe(self) -> str:
        return f"is one of {', '.join(self.allowed)}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """The value must be this one and no other."""

    value: Any
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is not None and not _same(subject.value, self.value):
            sentence = phrase("Found {value}; the value is fixed to {value2}.", value=_json(subject.value), value2=_whole(self.value))
            yield issue(subject, "value", sentence, "fixed", self.source)

    def accepts_text(self, kind: str) -> Accepts:  # noqa: ARG002
        wanted = self.value
        return lambda text: bool(text == wanted)

    def describe(self) -> str:
        return f"is {_json(self.value)}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The value must have at least what the pattern has."""

    value: Any
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is not None and not matches(subject.value, self.value):
            sentence = phrase("Found {value}; the value must contain {value2}.", value=_json(subject.value), value2=_whole(self.value))
            yield issue(subject, "value", sentence, "pattern", self.source)

    def describe(self) -> str:
        return f"contains {_json(self.value)}"


def _same(value: Any, wanted: Any) -> bool:
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def matches(value: Any, pattern: Any) -> bool:
    """True where `value` has all that `pattern` has; every entry of a pattern's array must match some entry of the value's."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and matches(value[key], one) for key, one in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(matches(one, wanted) for one in value) for wanted in pattern)
    return _same(value, pattern)


def _whole(value: Any) -> str:
    """What a profile asks for: whoever is to write it has to see all of it."""
    return cut(encode_json(value).decode(), 600)


def _json(value: Any) -> str:
    return cut(encode_json(value).decode())
