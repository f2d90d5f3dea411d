"""Parameters that shape the answer (https://hl7.org/fhir/R4/search.html#return): order, size, includes, summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.criterion import SUPPORTED_TYPES
from fhir_server.search.scope import NotUnderstood, Scope, malformed

Summary = Literal["true", "text", "data", "count", "false"]
Total = Literal["none", "estimate", "accurate"]


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order: `by` is `_id`, `_lastUpdated` or a search type, with the key of its parameter's index rows.

    Of several values the lowest counts, descending the highest; resources without a value come last.
    """

    by: str
    key: int
    descending: bool


@dataclass(frozen=True, slots=True)
class Include:
    """References of `source` resources by a parameter, to `target` resources or (None) any; `_revinclude` goes against them."""

    source: str
    parameter: SearchParameter
    key: int
    target: str | None


def parse_count(text: str, maximum: int) -> int:
    """The page size; more than the maximum is the maximum."""
    if not (text.isascii() and text.isdigit()):
        raise malformed("_count", text, f"write a whole number from 0 to {maximum}")
    return min(int(text[:9]), maximum)


def parse_sort(text: str, resource_type: str, scope: Scope) -> tuple[Sort, ...]:
    return tuple(_sort_key(part, resource_type, scope) for part in text.split(",") if part)


def _sort_key(text: str, resource_type: str, scope: Scope) -> Sort:
    code, descending = text.removeprefix("-"), text.startswith("-")
    if code in ("_id", "_lastUpdated"):
        return Sort(code, 0, descending)
    parameter = scope.parameters(resource_type).get(code)
    if parameter is None or parameter.type not in SUPPORTED_TYPES or not parameter.expression:
        mend = f"name search parameters of {resource_type}, separated by commas, with a minus sign for descending order"
        raise malformed("_sort", text, mend)
    return Sort(parameter.type, parameter.key(resource_type), descending)


def parse_summary(text: str) -> Summary:
    if text not in get_args(Summary):
        raise malformed("_summary", text, "write true, text, data, count or false")
    return text  # type: ignore[return-value]


def parse_total(text: str) -> Total:
    if text not in get_args(Total):
        raise malformed("_total", text, "write none, estimate or accurate")
    return text  # type: ignore[return-value]


def parse_include(name: str, value: str, scope: Scope) -> Include:
    """`CarePlan:care-team` or `CarePlan:subject:Patient`; NotUnderstood for what cannot be included."""
    base, _, modifier = name.partition(":")
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if modifier or "*" in value:
        what = f"{base}:{modifier}" if modifier else f"{base}={value}"
        mend = f"name type and parameter, for example {base}=CarePlan:care-team"
        raise NotUnderstood("not-supported", f"{what[:100]} is not supported; {mend}. It was left out.")
    types = scope.definitions.schema.resource_types
    parameter = scope.parameters(source).get(code) if source in types else None
    if parameter is None or parameter.type != "reference" or (target and target not in types):
        mend = f"write Type:parameter or Type:parameter:TargetType with a reference parameter, for example {base}=CarePlan:care-team"
        raise NotUnderstood("not-found", f"{base}={value[:100]} names no reference parameter; {mend}. It was left out.")
    return Include(source, parameter, parameter.key(source), target or None)
