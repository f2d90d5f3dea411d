"""Limits on a value: minValue[x] and maxValue[x], lengths, and whether a primitive must have a value at all
(https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import quantity, ucum
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import phrase
from fhir_server.model.primitive import cut
from fhir_server.model.temporal import parse_temporal
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Assertion, Subject

MIN_LENGTH = "http://hl7.org/fhir/StructureDefinition/minLength"
MUST_HAVE_VALUE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue"
VALUE_ALTERNATIVES = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.valueAlternatives"


def limits(row: dict[str, Any], base: dict[str, Any], source: str) -> Iterator[Assertion]:
    """The limits of a snapshot's row that its base does not have."""
    for key, value in row.items():
        if key.startswith(("minValue", "maxValue")) and value != base.get(key):
            yield Limit(value, key[8:], key.startswith("min"), source)
    if "maxLength" in row and row["maxLength"] != base.get("maxLength"):
        yield MaxLength(row["maxLength"], source)
    alternatives: list[str] = []
    for extension in row.get("extension", ()):
        if extension.get("url") == MIN_LENGTH and isinstance(extension.get("valueInteger"), int):
            yield MinLength(extension["valueInteger"], source)
        elif extension.get("url") == MUST_HAVE_VALUE and extension.get("valueBoolean") is True:
            yield ValuePresent((), source)
        elif extension.get("url") == VALUE_ALTERNATIVES and "valueCanonical" in extension:
            alternatives.append(str(extension["valueCanonical"]))
    if alternatives:
        yield ValuePresent(tuple(alternatives), source)


@dataclass(frozen=True, slots=True)
class Limit:
    """The smallest or largest value allowed, itself included."""

    limit: Any
    kind: str  # as in minValueQuantity
    is_minimum: bool
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is None:
            return
        order = _compare(subject.value, self.limit)
        if order is None:
            if type(subject.value) is dict and type(self.limit) is dict:
                sentence = phrase("{found} cannot be compared with the limit {limit}.", found=_json(subject.value), limit=_json(self.limit))
                yield _issue(subject, "warning", "not-supported", sentence, "limit-unchecked", self.source)
        elif self.is_minimum and order < 0:
            sentence = phrase("Found {found}; the smallest value allowed is {limit}.", found=_json(subject.value), limit=_json(self.limit))
            yield _issue(subject, "error", "value", sentence, "min-value", self.source)
        elif not self.is_minimum and order > 0:
            sentence = phrase("Found {found}; the largest value allowed is {limit}.", found=_json(subject.value), limit=_json(self.limit))
            yield _issue(subject, "error", "value", sentence, "max-value", self.source)

    def describe(self) -> str:
        return f"is {'at least' if self.is_minimum else 'at most'} {_json(self.limit)}"


def _compare(value: Any, limit: Any) -> int | None:
    """-1, 0 or 1; None where the two cannot be compared. A date that contains the limit is equal to it."""
    if isinstance(value, dict):
        one, two = quantity.of_fhir(value), quantity.of_fhir(limit) if isinstance(limit, dict) else None
        return ucum.compare(one, two) if one and two else None
    if isinstance(value, str) and isinstance(limit, str):
        return _compare_times(value, limit)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not isinstance(limit, int | Decimal):
        return None
    return (value > limit) - (value < limit)


def _compare_times(value: str, limit: str) -> int | None:
    try:
        low, high = parse_temporal(value).interval(UTC)
        limit_low, limit_high = parse_temporal(limit).interval(UTC)
    except ValueError:
        return None
    return -1 if high < limit_low else 1 if low > limit_high else 0


@dataclass(frozen=True, slots=True)
class MaxLength:
    """A string of at most so many characters."""

    max: int
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if isinstance(subject.value, str) and len(subject.value) > self.max:
            sentence = phrase("The text has {found} characters; at most {max} are allowed.", found=len(subject.value), max=self.max)
            yield _issue(subject, "error", "too-long", sentence, "max-length", self.source)

    def describe(self) -> str:
        return f"has at most {self.max} characters"


@dataclass(frozen=True, slots=True)
class MinLength:
    """A string of at least so many characters (http://hl7.org/fhir/StructureDefinition/minLength)."""

    min: int
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if isinstance(subject.value, str) and len(subject.value) < self.min:
            sentence = phrase("The text has {found} characters; at least {min} are needed.", found=len(subject.value), min=self.min)
            yield _issue(subject, "error", "value", sentence, "min-length", self.source)

    def describe(self) -> str:
        return f"has at least {self.min} characters"


@dataclass(frozen=True, slots=True)
class ValuePresent:
    """A primitive that is there has a value, or one of these extensions in its place."""

    alternatives: tuple[str, ...]
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is not None:
            return
        extensions = (subject.sibling or {}).get("extension", ())
        if any(isinstance(one, dict) and one.get("url") in self.alternatives for one in extensions):
            return
        sentence = phrase("The element needs a value here, not only an id or extensions.")
        if self.alternatives:
            sentence = phrase("The element needs a value here, or an extension in its place: {urls}.", urls=", ".join(self.alternatives))
        yield _issue(subject, "error", "required", sentence, "value-present", self.source)

    def describe(self) -> str:
        return "has a value"


def _issue(subject: Subject, severity: Any, code: str, sentence: str, message_id: str, source: str) -> Issue:
    return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=source)


def _json(value: Any) -> str:
    return cut(encode_json(value).decode())
