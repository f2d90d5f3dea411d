"""Limits on a value: minValue[x] and maxValue[x], lengths, sizes, forms, and whether a primitive must have a value at all
(https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import quantity, ucum
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.regular_expression import regular_expression
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import phrase
from fhir_server.model.primitive import cut
from fhir_server.model.temporal import parse_temporal
from fhir_server.validation.at_a_glance import Accepts
from fhir_server.validation.attachment import content_of
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Assertion, Subject

BASE = "http://hl7.org/fhir/StructureDefinition/"
MIN_LENGTH = BASE + "minLength"
MAX_SIZE, MIME_TYPE, MAX_PLACES, REGEX = BASE + "maxSize", BASE + "mimeType", BASE + "maxDecimalPlaces", BASE + "regex"
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
        elif made := _of_extension(str(extension.get("url")), extension, source):
            yield made
        elif extension.get("url") == MUST_HAVE_VALUE and extension.get("valueBoolean") is True:
            yield ValuePresent((), source)
        elif extension.get("url") == VALUE_ALTERNATIVES and "valueCanonical" in extension:
            alternatives.append(str(extension["valueCanonical"]))
    if alternatives:
        yield ValuePresent(tuple(alternatives), source)
    types = tuple(str(one["valueCode"]) for one in row.get("extension", ()) if one.get("url") == MIME_TYPE and "valueCode" in one)
    if types:
        yield MediaType(types, source)


def _of_extension(url: str, extension: dict[str, Any], source: str) -> Assertion | None:
    if url == MAX_SIZE and isinstance(most := extension.get("valueDecimal"), int | Decimal):
        return MaxSize(most, source)
    if url == MAX_PLACES and isinstance(places := extension.get("valueInteger"), int):
        return MaxPlaces(places, source)
    if url == REGEX and isinstance(pattern := extension.get("valueString"), str):
        return Form(pattern, source)
    return None


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

    def accepts_text(self, kind: str) -> Accepts:  # noqa: ARG002
        return lambda text: len(text) <= self.max

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


@dataclass(frozen=True, slots=True)
class MaxSize:
    """An Attachment of at most so many bytes: those of its data, else those that it says (http://hl7.org/fhir/StructureDefinition/maxSize)."""

    max: int | Decimal
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        attachment = subject.value
        if type(attachment) is not dict:
            return
        content = content_of(attachment)
        size = len(content) if content is not None else attachment.get("size")
        if isinstance(size, int) and size > self.max:
            sentence = phrase("The attachment has {size} bytes; at most {most} are allowed.", size=size, most=self.max)
            yield _issue(subject, "error", "too-long", sentence, "max-size", self.source)

    def describe(self) -> str:
        return f"has at most {self.max} bytes"


@dataclass(frozen=True, slots=True)
class MediaType:
    """An Attachment of one of these kinds (http://hl7.org/fhir/StructureDefinition/mimeType); parameters do not count."""

    types: tuple[str, ...]
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        found = subject.value.get("contentType") if type(subject.value) is dict else None
        if isinstance(found, str) and found.partition(";")[0].strip().lower() not in self.types and found not in self.types:
            sentence = phrase("The attachment is {contenttype}; allowed: {types}.", contenttype=found, types=", ".join(self.types))
            yield _issue(subject, "error", "value", sentence, "media-type", self.source)

    def describe(self) -> str:
        return f"is {' or '.join(self.types)}"


@dataclass(frozen=True, slots=True)
class MaxPlaces:
    """A decimal, or a quantity's value, with at most so many digits after the point (maxDecimalPlaces)."""

    max: int
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        value = subject.value.get("value") if type(subject.value) is dict else subject.value
        exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
        if isinstance(exponent, int) and -exponent > self.max:
            sentence = phrase(
                "{value} has {places} decimal places; at most {most} are allowed.", value=value, places=-exponent, most=self.max
            )
            yield _issue(subject, "error", "value", sentence, "max-decimal-places", self.source)

    def describe(self) -> str:
        return f"has at most {self.max} decimal places"


@dataclass(frozen=True, slots=True)
class Form:
    """A text, or the text of a number, of a form (extension regex). A pattern that takes too long is not checked."""

    pattern: str
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is None or isinstance(subject.value, dict | bool):
            return
        text = str(subject.value)
        try:
            matches = regular_expression(self.pattern, text, 0).fullmatch()
        except FhirPathError as fault:
            sentence = phrase("The form of the text was not checked. {fault}", fault=fault)
            yield _issue(subject, "warning", "not-supported", sentence, "form-unchecked", self.source)
            return
        if not matches:
            sentence = phrase("Found {found}; the form asked for is {pattern}", found=_json(text), pattern=cut(self.pattern))
            yield _issue(subject, "error", "value", sentence, "form", self.source)

    def describe(self) -> str:
        return f"has the form {self.pattern}"


def _issue(subject: Subject, severity: Any, code: str, sentence: str, message_id: str, source: str) -> Issue:
    return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=source)


def _json(value: Any) -> str:
    return cut(encode_json(value).decode())
