"""The assertions that need nothing but the value: cardinality, choice types, fixed values, patterns, length, reference targets
(https://hl7.org/fhir/R4/elementdefinition.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue, Severity
from fhir_server.model.json_format import encode_json
from fhir_server.model.primitive import cut
from fhir_server.model.references import parse_reference
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
        node = subject.value if isinstance(subject.value, dict) else subject.sibling or {}
        found = sum(self._count(node, key) for key in self.keys)
        where = f"{expression(subject.at)}.{self.name}"
        if found < self.min:
            sentence = f"{where} must occur at least {_times(self.min)}; found {found}. Add it."
            yield issue(subject, "structure", sentence, "cardinality-min", self.source)
        if self.max is not None and found > self.max:
            allowed = f"at most {_times(self.max)}; found {found}" if self.max else "not at all"
            yield issue(subject, "structure", f"{where} may occur {allowed}. Remove what is too much.", "cardinality-max", self.source)

    def describe(self) -> str:
        return f"{self.name} occurs {self.min}..{'*' if self.max is None else self.max}"

    @staticmethod
    def _count(node: dict[str, Any], key: str) -> int:
        values, siblings = node.get(key), node.get("_" + key)
        return max(_length(values), _length(siblings))


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value is not None)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


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
        sentence = f"Found a value of type {subject.type}; the profile allows {', '.join(self.allowed)} here."
        yield issue(subject, "structure", sentence, "choice-type", self.source)

    def describe(self) -> str:
        return f"is one of {', '.join(self.allowed)}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """The value must be this one and no other."""

    value: Any
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is not None and not _same(subject.value, self.value):
            sentence = f"Found {_json(subject.value)}; the value is fixed to {_json(self.value)}."
            yield issue(subject, "value", sentence, "fixed", self.source)

    def describe(self) -> str:
        return f"is {_json(self.value)}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The value must have at least what the pattern has."""

    value: Any
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is not None and not matches(subject.value, self.value):
            sentence = f"Found {_json(subject.value)}; the value must contain {_json(self.value)}."
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


def _json(value: Any) -> str:
    return cut(encode_json(value).decode())


@dataclass(frozen=True, slots=True)
class MaxLength:
    """A string of at most so many characters."""

    max: int
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if isinstance(subject.value, str) and len(subject.value) > self.max:
            sentence = f"The text has {len(subject.value)} characters; at most {self.max} are allowed."
            yield issue(subject, "too-long", sentence, "max-length", self.source)

    def describe(self) -> str:
        return f"has at most {self.max} characters"


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """The type that a literal reference names, or that of the contained resource it points at, must be one of these."""

    types: tuple[str, ...]
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        target = self._target(subject)
        if target is not None and target not in self.types:
            sentence = f"The reference is to a {target}; allowed here: {', '.join(self.types)}."
            yield issue(subject, "structure", sentence, "reference-target", self.source)

    def describe(self) -> str:
        return f"refers to {', '.join(self.types)}"

    def _target(self, subject: Subject) -> str | None:
        text = subject.value.get("reference") if isinstance(subject.value, dict) else None
        if not isinstance(text, str):
            return None
        reference = parse_reference(text)
        if reference.kind == "contained":
            return _contained_type(subject, str(reference.fragment))
        return reference.type if reference.kind in ("relative", "conditional") else None


def _contained_type(subject: Subject, fragment: str) -> str | None:
    root = subject.context.root_resource or {}
    if not fragment:
        return root.get("resourceType")
    contained = (one for one in root.get("contained", ()) if isinstance(one, dict) and one.get("id") == fragment)
    return next((one.get("resourceType") for one in contained), None)
