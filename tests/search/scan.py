"""A search by brute force, written from the specification's text and independent of index rows and SQL.

Every resource is asked by FHIRPath for the elements of a parameter, and each element is compared with the searched text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.fhirpath import compile_expression
from fhir_server.model.temporal import parse_temporal
from tests.search.database import BASE, NOW, ZONE

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
INFINITY = Fraction(10) ** 400
Interval = tuple[Any, Any]


def scan(definitions: Definitions, resources: list[dict[str, Any]], type_name: str, code: str, modifier: str, text: str) -> list[str]:
    """Ids of the resources of a type where `code:modifier=text` holds; `text` has no escapes."""
    parameter = definitions.search_parameters(type_name)[code]
    return [one["id"] for one in resources if one["resourceType"] == type_name and _holds(definitions, parameter, one, modifier, text)]


def elements(definitions: Definitions, parameter: SearchParameter, resource: dict[str, Any]) -> list[tuple[Any, str]]:
    return compile_expression(parameter.expression or "{}", definitions.schema).values(resource)


def _holds(definitions: Definitions, parameter: SearchParameter, resource: dict[str, Any], modifier: str, text: str) -> bool:
    found = elements(definitions, parameter, resource)
    if modifier == "missing":
        return (not found) == (text == "true")
    alternatives = text.split(",")
    matches = any(_matches(parameter.type, value, kind, modifier, one) for value, kind in found for one in alternatives)
    return matches != (modifier == "not")


def _matches(search_type: str, value: Any, kind: str, modifier: str, text: str) -> bool:
    if search_type == "string":
        return any(_text_matches(part, modifier, text) for part in _texts(value))
    if search_type == "token":
        return any(_token_matches(system, code, text) for system, code in _tokens(value, kind))
    if search_type == "reference":
        return _reference_matches(value, kind, text)
    if search_type == "uri":
        return bool(value == text)
    return _ordered_matches(search_type, value, kind, text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name in ("text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country"):
            yield from _texts(value.get(name, []))


def _plain(text: str) -> str:
    """Only letters and digits count, one space between words."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("’", " ").replace("-", " ").replace("'", " "))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _text_matches(part: str, modifier: str, text: str) -> bool:
    if modifier == "exact":
        return part == text
    return _plain(text) in _plain(part) if modifier == "contains" else _plain(part).startswith(_plain(text))


def _tokens(value: Any, kind: str) -> Iterator[tuple[str, str]]:
    if kind == "CodeableConcept":
        for coding in value.get("coding", ()):
            yield coding.get("system", ""), coding.get("code", "")
    elif kind == "Coding":
        yield value.get("system", ""), value.get("code", "")
    elif kind == "Identifier":
        yield value.get("system", ""), value.get("value", "")
    elif kind == "ContactPoint":
        yield from (("", value.get("value", "")), (value.get("system", ""), value.get("value", "")))
    else:
        yield "", str(value).lower() if isinstance(value, bool) else value


def _token_matches(system: str, code: str, text: str) -> bool:
    if "|" not in text:
        return code == text
    wanted_system, _, wanted_code = text.partition("|")
    return system == wanted_system and (code == wanted_code or (not wanted_code and bool(system)))


def _reference_matches(value: Any, kind: str, text: str) -> bool:
    if kind != "Reference":
        return bool(value == text or value.split("|")[0] == text)
    reference = value.get("reference", "").removeprefix(BASE + "/")
    unversioned = reference.split("/_history/")[0]
    id_ = unversioned.split("/")[1] if unversioned.count("/") == 1 else None
    return bool(reference) and not reference.startswith("#") and text in (reference, unversioned, id_)


def _ordered_matches(search_type: str, value: Any, kind: str, text: str) -> bool:
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    if search_type == "date":
        found = _date_interval(value, kind)
        return found is not None and _compare(prefix, found, _date_search(prefix, rest))
    number, *unit = rest.split("|")
    found = _number_interval(value, kind)
    if found is None or not _unit_matches(value, unit):
        return False
    return _compare(prefix, found, _number_search(prefix, number))


def _compare(prefix: str, found: Interval, searched: Interval) -> bool:
    """Both intervals without their upper end; https://hl7.org/fhir/R4/search.html#prefix, row by row."""
    low, high = found
    first, after = searched
    contained = first <= low and (high <= after if high > low else high < after)
    if first == after:  # a number taken as such
        contained = low == high == first
    above, below = high > after, low < first
    overlaps = low < after and high > first if prefix == "ap" and low != high else first <= low <= after
    return {
        "eq": contained, "ne": not contained, "gt": above, "lt": below, "ge": above or contained or (first == after and high >= first),
        "le": below or contained or (first == after and low <= first), "sa": low > after if first == after else low >= after,
        "eb": high < first or (low != high and high <= first and first != after), "ap": overlaps,
    }[prefix]  # fmt: skip


def _date_interval(value: Any, kind: str) -> Interval | None:
    if kind in ("date", "dateTime", "instant"):
        low, high = parse_temporal(value).interval(ZONE)
        return low, high + 1
    if kind == "Period":
        start, end = (value.get(name) and parse_temporal(value[name]).interval(ZONE) for name in ("start", "end"))
        return (start[0] if start else -INFINITY), (end[1] + 1 if end else INFINITY)
    if kind == "Timing":
        parts = [_date_interval(event, "dateTime") for event in value.get("event", [])]
        if "boundsPeriod" in value.get("repeat", {}):
            parts.append(_date_interval(value["repeat"]["boundsPeriod"], "Period"))
        return (min(part[0] for part in parts if part), max(part[1] for part in parts if part)) if parts else None
    return None


def _date_search(prefix: str, text: str) -> Interval:
    low, high = parse_temporal(text).interval(ZONE)
    if prefix == "ap":
        low, high = low - round(abs(NOW - low) * 0.1), high + round(abs(NOW - high) * 0.1)
    return low, high + 1


def _number_interval(value: Any, kind: str) -> Interval | None:
    if kind == "Range":
        low, high = value.get("low", {}).get("value"), value.get("high", {}).get("value")
        return (-INFINITY if low is None else Fraction(low)), (INFINITY if high is None else Fraction(high))
    number = value.get("value") if isinstance(value, dict) else value
    if number is None:
        return None
    comparator = value.get("comparator", "") if isinstance(value, dict) else ""
    return (-INFINITY if "<" in comparator else Fraction(number)), (INFINITY if ">" in comparator else Fraction(number))


def _number_search(prefix: str, text: str) -> Interval:
    number = Decimal(text)
    if prefix in ("eq", "ne"):
        half = Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)
        return Fraction(number - half), Fraction(number + half)
    margin = abs(number) / 10 if prefix == "ap" else Decimal(0)
    return Fraction(number - margin), Fraction(number + margin)


def _unit_matches(value: Any, unit: list[str]) -> bool:
    if not unit:
        return True
    part = value.get("low") or value.get("high") or value
    system, code = unit
    if "currency" in part:
        part = {"system": "urn:iso:std:iso:4217", "code": part["currency"], "unit": part["currency"]}
    named = not code or code == part.get("code") or code.lower() == part.get("unit", "").lower()
    return named and system in ("", part.get("system", ""))
