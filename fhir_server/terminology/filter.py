"""ValueSet.compose.include.filter over a code system that is here (https://hl7.org/fhir/R4/valueset.html#filter)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.regular_expression import regular_expression
from fhir_server.model.phrase import phrase
from fhir_server.terminology.code_system import CodeSystem, Concept

Test = Callable[[Concept], bool]


class UnknownFilter(ValueError):
    """The filter cannot be run here; the message says why."""


def compile_filter(filter_: dict[str, Any], system: CodeSystem) -> Test:
    """The filter as a test of one concept; UnknownFilter where its property, operator or value makes no sense here."""
    name, operator, value = (str(filter_.get(key, "")) for key in ("property", "op", "value"))
    make = _OPERATORS.get(operator)
    if make is None:
        raise UnknownFilter(phrase("the filter operator '{operator}' is not known", operator=operator))
    if name not in system.properties:
        raise UnknownFilter(phrase("the code system {url} defines no property '{name}'", url=system.url, name=name))
    return make(name, value, system)


def _is_a(_name: str, value: str, system: CodeSystem) -> Test:
    return lambda concept: concept.code == value or value in system.ancestors(concept.code)


def _descendent_of(_name: str, value: str, system: CodeSystem) -> Test:
    return lambda concept: value in system.ancestors(concept.code)


def _is_not_a(name: str, value: str, system: CodeSystem) -> Test:
    is_a = _is_a(name, value, system)
    return lambda concept: not is_a(concept)


def _generalizes(_name: str, value: str, system: CodeSystem) -> Test:
    above = system.ancestors(value) | {value}
    return lambda concept: concept.code in above


def _equals(name: str, value: str, _system: CodeSystem) -> Test:
    return _in(name, value, _system, (value,))


def _in(name: str, value: str, _system: CodeSystem, wanted: tuple[str, ...] | None = None) -> Test:
    accepted = frozenset(wanted or (one.strip() for one in value.split(",")))
    if name == "parent":
        return lambda concept: not accepted.isdisjoint(concept.parents)
    return lambda concept: any(_text(one) in accepted for one in concept.values(name))


def _not_in(name: str, value: str, system: CodeSystem) -> Test:
    is_in = _in(name, value, system)
    return lambda concept: not is_in(concept)


def _exists(name: str, value: str, _system: CodeSystem) -> Test:
    wanted = value == "true"
    return lambda concept: bool(concept.parents if name == "parent" else concept.values(name)) is wanted


def _regex(name: str, value: str, _system: CodeSystem) -> Test:
    try:
        regular_expression(value, "", 0)
    except FhirPathError as error:
        raise UnknownFilter(phrase("the regular expression '{value}' cannot be used: {error}", value=value, error=str(error))) from None
    return lambda concept: any(_matches(value, _text(one)) for one in concept.values(name))


def _matches(pattern: str, text: str) -> bool:
    try:
        return regular_expression(pattern, text, 0).fullmatch()
    except FhirPathError as error:
        raise UnknownFilter(phrase("the regular expression '{value}' cannot be used: {error}", value=pattern, error=str(error))) from None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_OPERATORS: Mapping[str, Callable[[str, str, CodeSystem], Test]] = {
    "=": _equals,
    "is-a": _is_a,
    "descendent-of": _descendent_of,
    "is-not-a": _is_not_a,
    "regex": _regex,
    "in": _in,
    "not-in": _not_in,
    "generalizes": _generalizes,
    "exists": _exists,
}
