"""When an index row matches the values of a clause: SQL conditions on the columns of one index table.

Each function gets the alias of the table and the clause's values, which are alternatives. The conditions begin with what an
index can be entered by. Semantics: https://hl7.org/fhir/R4/search.html#prefix for the ordered types.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from fhir_server.search.clause import ParameterClause
from fhir_server.search.dialect import Sql, all_of, any_of, one_of
from fhir_server.search.filter_match import FILTER_MODIFIERS, filter_matches
from fhir_server.search.types.date import DateValue
from fhir_server.search.types.number import NumberValue
from fhir_server.search.types.position import PositionValue
from fhir_server.search.types.prefix import Prefix
from fhir_server.search.types.quantity import QuantityValue
from fhir_server.search.types.reference import ReferenceValue
from fhir_server.search.types.string import StringValue
from fhir_server.search.types.token import TokenValue
from fhir_server.search.types.uri import UriValue

_NOT_BY_INDEX = " || ''"

LAST_CHARACTER = "\U0010ffff"
"""Texts that begin with x are from x to x followed by this."""


def row_matches(alias: str, clause: ParameterClause, is_probe: bool = False) -> Sql:
    """The row of this alias matches one of the clause's values (its key is compared elsewhere).

    A probe is entered by pk: the plus sign and `|| ''` keep SQLite from taking the index on (key, high) or (key, dimension) instead,
    which it believes is better.
    """
    kind = clause.parameter.type
    if clause.modifier in FILTER_MODIFIERS:
        return filter_matches(alias, clause, row_matches)
    if kind == "date":
        return _date(f"{alias}.low", f"{'+' if is_probe else ''}{alias}.high", clause.values)
    if kind == "string":
        return _STRINGS[clause.modifier](alias, clause.values)
    if kind == "quantity":
        return _quantity(alias, clause.values, is_probe)
    return _MATCHES[kind](alias, clause.values)


def _begins(alias: str, values: Sequence[StringValue]) -> Sql:
    return any_of([Sql(f"{alias}.value >= ? AND {alias}.value < ?", (one.folded, one.folded + LAST_CHARACTER)) for one in values])


def _exact(alias: str, values: Sequence[StringValue]) -> Sql:
    return any_of([Sql(f"{alias}.value = ? AND {alias}.exact = ?", (one.folded, one.text)) for one in values])


def _contains(alias: str, values: Sequence[StringValue]) -> Sql:
    """Both databases read `position` this way round under different names; `replace` is the same in each."""
    return any_of([Sql(f"length(replace({alias}.value, ?, '')) < length({alias}.value)", (one.folded,)) for one in values])


def _token(alias: str, values: Sequence[TokenValue]) -> Sql:
    if not values:  # of an empty value set
        return Sql("1 = 0")
    codes: dict[str | None, list[str]] = defaultdict(list)
    for one in values:
        if one.code is not None:
            codes[one.system].append(one.code)
    systems = [one.system for one in values if one.code is None]
    groups = [_codes_in(alias, system, group) for system, group in codes.items()]
    if systems:
        return any_of([*groups, one_of(f"{alias}.system", systems)])
    if len(groups) == 1:
        return groups[0]
    every = list(dict.fromkeys(one.code for one in values))
    either = any_of(groups)
    return all_of([one_of(f"{alias}.code", every), Sql(f"({either.text})", either.values)])


def _codes_in(alias: str, system: str | None, codes: Sequence[str]) -> Sql:
    matches = one_of(f"{alias}.code", codes)
    return matches if system is None else all_of([matches, Sql(f"{alias}.system = ?", (system,))])


def _reference(alias: str, values: Sequence[ReferenceValue]) -> Sql:
    groups: dict[tuple[str | None, str | None, bool], list[str]] = defaultdict(list)
    for one in values:
        groups[one.type, one.version, one.below].append(one.id)
        if one.url:
            groups["", None, False].append(one.url)
    return any_of([_references_in(alias, *group, ids) for group, ids in groups.items()])


def _references_in(alias: str, type_name: str | None, version: str | None, below: bool, ids: Sequence[str]) -> Sql:
    pieces = [one_of(f"{alias}.id", ids)]
    if type_name is not None:
        pieces.append(Sql(f"{alias}.type = ?", (type_name,)))
    if version is not None:
        pieces.append(_led_by(f"{alias}.version", version, ".") if below else Sql(f"{alias}.version = ?", (version,)))
    return all_of(pieces)


def _led_by(column: str, text: str, separator: str) -> Sql:
    """The text, or it and more steps behind separators."""
    stem = text.rstrip(separator)
    begin = stem + separator
    return Sql(f"({column} = ? OR ({column} >= ? AND {column} < ?))", (stem, begin, begin + LAST_CHARACTER))


def _uri(alias: str, values: Sequence[UriValue]) -> Sql:
    exact = [one.uri for one in values if not one.below]
    below = [_led_by(f"{alias}.value", one.uri, "." if "|" in one.uri else "/") for one in values if one.below]
    return any_of([*([one_of(f"{alias}.value", exact)] if exact else []), *below])


def _position(alias: str, values: Sequence[PositionValue]) -> Sql:
    return any_of([_near(alias, one) for one in values])


def _near(alias: str, value: PositionValue) -> Sql:
    """Inside a box whose half edge is the chord, then inside the sphere around its middle."""
    places = {"z": value.z, "x": value.x, "y": value.y}
    box = [Sql(f"{alias}.{axis} BETWEEN ? AND ?", (place - value.chord, place + value.chord)) for axis, place in places.items()]
    squares = " + ".join(f"({alias}.{axis} - ?) * ({alias}.{axis} - ?)" for axis in places)
    middle = tuple(place for place in places.values() for _ in range(2))
    return all_of([*box, Sql(f"{squares} <= ?", (*middle, value.chord * value.chord))])


def _date(low: str, high: str, values: Sequence[Any]) -> Sql:
    return any_of([interval_matches(low, high, one) for one in values])


def interval_matches(low: str, high: str, value: DateValue) -> Sql:
    """[low, high] of the resource, both ends included, against the searched interval."""
    first, last = value.low, value.high
    by_prefix: dict[Prefix, tuple[str, tuple[int, ...]]] = {
        "eq": (f"{low} BETWEEN ? AND ? AND {high} <= ?", (first, last, last)),
        "ne": (f"({low} < ? OR {high} > ?)", (first, last)),
        "gt": (f"{high} > ?", (last,)),
        "lt": (f"{low} < ?", (first,)),
        "ge": (f"{high} >= ? AND ({high} > ? OR {low} >= ?)", (first, last, first)),
        "le": (f"{low} <= ? AND ({low} < ? OR {high} <= ?)", (last, first, last)),
        "sa": (f"{low} > ?", (last,)),
        "eb": (f"{high} < ?", (first,)),
        "ap": (f"{low} <= ? AND {high} >= ?", (last, first)),
    }
    return Sql(*by_prefix[value.prefix])


def _number(alias: str, values: Sequence[NumberValue]) -> Sql:
    return any_of([_number_matches(f"{alias}.low", f"{alias}.high", one) for one in values])


def _number_matches(low: str, high: str, value: NumberValue) -> Sql:
    """Only eq, ne and ap have a precision; the others compare with the number as such."""
    point = value.point
    by_prefix: dict[Prefix, tuple[str, tuple[float, ...]]] = {
        "eq": (f"{low} >= ? AND {low} < ? AND {high} < ?", (value.low, value.high, value.high)),
        "ne": (f"({low} < ? OR {high} >= ?)", (value.low, value.high)),
        "gt": (f"{high} > ?", (point,)),
        "lt": (f"{low} < ?", (point,)),
        "ge": (f"{high} >= ?", (point,)),
        "le": (f"{low} <= ?", (point,)),
        "sa": (f"{low} > ?", (point,)),
        "eb": (f"{high} < ?", (point,)),
        "ap": (f"{low} <= ? AND {high} >= ?", (value.high, value.low)),
    }
    return Sql(*by_prefix[value.prefix])


def _quantity(alias: str, values: Sequence[Any], is_probe: bool) -> Sql:
    return any_of([_quantity_matches(alias, one, is_probe) for one in values])


def _quantity_matches(alias: str, value: QuantityValue, is_probe: bool) -> Sql:
    if value.dimension is not None:
        same = Sql(f"{alias}.dimension{_NOT_BY_INDEX if is_probe else ''} = ?", (value.dimension,))
        return all_of([same, _number_matches(f"{alias}.base_low", f"{alias}.base_high", value.number)])
    pieces = [_number_matches(f"{alias}.low", f"{alias}.high", value.number)]
    if value.code is not None:
        pieces.append(Sql(f"({alias}.code = ? OR {alias}.unit = ?)", (value.code, value.code.casefold())))
    if value.system is not None:
        pieces.append(Sql(f"{alias}.system = ?", (value.system,)))
    return all_of(pieces)


_Match = Callable[[str, Any], Sql]
_STRINGS: dict[str | None, _Match] = {None: _begins, "exact": _exact, "contains": _contains}
_MATCHES: dict[str, _Match] = {
    "token": _token, "reference": _reference, "uri": _uri, "number": _number,
    "special": _position,
}  # fmt: skip
