"""Parameters that shape the answer (https://hl7.org/fhir/R4/search.html#return): order, size, includes, summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fhir_server.search.criterion import SORTED_TYPES
from fhir_server.search.scope import Scope, malformed, too_costly

Summary = Literal["true", "text", "data", "count", "false"]
Total = Literal["none", "estimate", "accurate"]
MAX_SORTS = 20
"""Parameters of one `_sort`: each is a column of the page, and databases have not any number of them."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order: `by` is `_id`, `_lastUpdated` or a search type, with the key of its parameter's index rows.

    Of several values the lowest counts, descending the highest; resources without a value come last.
    """

    by: str
    key: int
    descending: bool


def parse_count(text: str, maximum: int) -> int:
    """The page size; more than the maximum is the maximum."""
    if not (text.isascii() and text.isdigit()):
        raise malformed("_count", text, f"write a whole number from 0 to {maximum}")
    return min(int(text[:9]), maximum)


def parse_sort(text: str, resource_type: str, scope: Scope) -> tuple[Sort, ...]:
    parts = [part for part in text.split(",") if part]
    if len(parts) > MAX_SORTS:
        raise too_costly(f"_sort names more than {MAX_SORTS} parameters; name fewer.")
    return tuple(_sort_key(part, resource_type, scope) for part in parts)


def _sort_key(text: str, resource_type: str, scope: Scope) -> Sort:
    code, descending = text.removeprefix("-"), text.startswith("-")
    if code in ("_id", "_lastUpdated"):
        return Sort(code, 0, descending)
    parameter = scope.parameters(resource_type).get(code) if resource_type else None
    if parameter is None or parameter.type not in SORTED_TYPES or not parameter.expression:
        known = f"search parameters of {resource_type}" if resource_type else "_id or _lastUpdated, which all types have"
        mend = f"name {known}, separated by commas, with a minus sign for descending order"
        raise malformed("_sort", text, mend)
    scope.used.add((resource_type, code))
    return Sort(parameter.type, parameter.key(resource_type), descending)


def parse_summary(text: str) -> Summary:
    if text not in get_args(Summary):
        raise malformed("_summary", text, "write true, text, data, count or false")
    return text  # type: ignore[return-value]


def parse_total(text: str) -> Total:
    if text not in get_args(Total):
        raise malformed("_total", text, "write none, estimate or accurate")
    return text  # type: ignore[return-value]
