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
from fhir_server.definitions.search_parameter import Component, SearchParameter
from fhir_server.fhirpath import compile_expression
from fhir_server.fhirpath.node import Node
from fhir_server.model.temporal import parse_temporal
from tests.search.database import BASE, NOW, ZONE

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
INFINITY = Fraction(10) ** 400
TINY = Fraction(1, 10**30)
"""`<5` ends below 5."""

UCUM = "http://unitsofmeasure.org"
Interval = tuple[Any, Any]


def scan(definitions: Definitions, resources: list[dict[str, Any]], type_name: str, code: str, modifier: str, text: str) -> list[str]:
    """Ids of the resources of a type where `code:modifier=text` holds; `text` has no escapes."""
    parameter = definitions.search_parameters(type_name)[code]
    return [one["id"] for one in resources if one["resourceType"] == type_name and _holds(definitions, parameter, one, modifier, text)]


def elements(definitions: Definitions, parameter: SearchParameter, resource: dict[str, Any]) -> list[tuple[Any, str]]:
    return compile_expression(parameter.expression or "{}", definitions.schema).values(resource)


def _holds(definitions: Definitions, parameter: SearchParameter, resource: dict[str, Any], modifier: str, text: str) -> bool:
    if parameter.type == "composite":
        return any(_composite_holds(definitions, parameter, resource, one) for one in text.split(","))
    found = elements(definitions, parameter, resource)
    if modifier == "missing":
        return (not found) == (text == "true")
    if parameter.code == "url" and "version" in resource:
        found += [(f"{resource['url']}|{resource['version']}", "uri")]
    alternatives = text.split(",")
    matches = any(_matches(parameter.type, value, kind, modifier, one, definitions) for value, kind in found for one in alternatives)
    return matches != (modifier in ("not", "not-in"))


def _composite_holds(definitions: Definitions, parameter: SearchParameter, resource: dict[str, Any], text: str) -> bool:
    bases = compile_expression(parameter.expression or "{}", definitions.schema).evaluate(resource)
    pairs = list(zip(parameter.components, text.split("$"), strict=True))
    return any(all(_component_holds(definitions, component, resource, base, part) for component, part in pairs) for base in bases)


def _component_holds(definitions: Definitions, component: Component, resource: dict[str, Any], base: Node, text: str) -> bool:
    search_type = (definitions.resolve(component.definition) or {})["type"]
    expression = component.expression.replace("DateTime", "dateTime")
    if expression.startswith("%resource."):
        found = compile_expression(expression.removeprefix("%resource."), definitions.schema).values(resource)
    else:
        found = compile_expression(expression, definitions.schema).values(base.value, base.type)
    by_kind = {"code": "token", "Reference": "reference"}  # R4 has the definitions of DocumentReference.relationship the wrong way round
    return any(_matches(by_kind.get(kind, search_type), value, kind, "", text, definitions) for value, kind in found)


def _matches(search_type: str, value: Any, kind: str, modifier: str, text: str, definitions: Definitions) -> bool:
    if modifier == "text":
        return any(_text_matches(part, "", text) for part in _labels(value, kind))
    if search_type == "string":
        return any(_text_matches(part, modifier, text) for part in _texts(value))
    if search_type == "token":
        return any(_token_matches(system, code, modifier, text, definitions) for system, code in _tokens(value, kind, modifier))
    if search_type == "reference":
        return _reference_matches(value, kind, modifier, text)
    if search_type == "uri":
        return _uri_matches(value, kind, modifier, text)
    return _ordered_matches(search_type, value, kind, text)


def _labels(value: Any, kind: str) -> Iterator[str]:
    """What `:text` searches."""
    if kind in ("Coding", "Reference") and "display" in value:
        yield value["display"]
    if kind == "CodeableConcept":
        yield from [value["text"]] if "text" in value else []
        for coding in value.get("coding", ()):
            yield from _labels(coding, "Coding")
    if kind == "Identifier" and "type" in value:
        yield from _labels(value["type"], "CodeableConcept")


def _uri_matches(value: str, kind: str, modifier: str, text: str) -> bool:
    candidates = [value, *([value.split("|")[0]] if kind == "canonical" else [])]
    stem = text.rstrip("/") + ("." if "|" in text else "/")
    if modifier == "below":
        return any(one == text.rstrip("/") or one.startswith(stem) for one in candidates)
    if modifier == "above":
        return any(stem.startswith(one.rstrip("/") + "/") and "://" in one for one in candidates)
    return text in candidates


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


def _tokens(value: Any, kind: str, modifier: str) -> Iterator[tuple[str, str]]:
    if modifier == "of-type":
        yield from _typed_identifiers(value, kind)
    elif kind == "CodeableConcept":
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


def _typed_identifiers(value: Any, kind: str) -> Iterator[tuple[str, str]]:
    for coding in value.get("type", {}).get("coding", ()) if kind == "Identifier" else ():
        yield f"{coding.get('system', '')}|{coding.get('code', '')}", value.get("value", "")


def _token_matches(system: str, code: str, modifier: str, text: str, definitions: Definitions) -> bool:
    if modifier in ("in", "not-in"):
        return _is_in(definitions, text, system, code)
    if modifier in ("above", "below"):
        return _is_subsumed(definitions, text, system, code, modifier)
    if modifier == "of-type":
        type_system, type_code, value = text.split("|")
        return (system, code) == (f"{type_system}|{type_code}", value)
    if "|" not in text:
        return code == text
    wanted_system, _, wanted_code = text.partition("|")
    return system == wanted_system and (code == wanted_code or (not wanted_code and bool(system)))


def _is_in(definitions: Definitions, url: str, system: str, code: str) -> bool:
    """Of value sets that are whole code systems, or lists of codes; an element without a system has that of its binding."""
    includes = (definitions.resolve(url) or {})["compose"]["include"]
    for include in includes:
        codes = [one["code"] for one in include.get("concept", ())] or list(_ancestry(definitions, include["system"]))
        if code in codes and system in ("", include["system"]):
            return True
    return False


def _is_subsumed(definitions: Definitions, text: str, system: str, code: str, modifier: str) -> bool:
    wanted_system, _, wanted = text.partition("|")
    if system != wanted_system:
        return False
    ancestry = _ancestry(definitions, system)
    lower, upper = (code, wanted) if modifier == "below" else (wanted, code)
    return lower == upper or upper in ancestry.get(lower, ())


def _ancestry(definitions: Definitions, system: str) -> dict[str, list[str]]:
    """The codes of a nested code system, each with those around it."""
    found: dict[str, list[str]] = {}

    def walk(concepts: list[dict[str, Any]], above: list[str]) -> None:
        for concept in concepts:
            parents = [one["valueCode"] for one in concept.get("property", ()) if one["code"] == "subsumedBy"]
            assert not parents
            found[concept["code"]] = above
            walk(concept.get("concept", []), [*above, concept["code"]])

    walk((definitions.resolve(system) or {}).get("concept", []), [])
    return found


def _reference_matches(value: Any, kind: str, modifier: str, text: str) -> bool:
    if kind != "Reference":
        return bool(value == text or value.split("|")[0] == text)
    if modifier == "identifier":
        return _identifier_matches(value.get("identifier"), text)
    reference = value.get("reference", "").removeprefix(BASE + "/")
    unversioned = reference.split("/_history/")[0]
    id_ = unversioned.split("/")[1] if unversioned.count("/") == 1 else None
    return bool(reference) and not reference.startswith("#") and text in (reference, unversioned, id_)


def _identifier_matches(identifier: dict[str, str] | None, text: str) -> bool:
    system, bar, value = text.rpartition("|")
    return identifier is not None and identifier.get("value") == value and (not bar or identifier.get("system", "") == system)


def _ordered_matches(search_type: str, value: Any, kind: str, text: str) -> bool:
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    if search_type == "date":
        found = _date_interval(value, kind)
        return found is not None and _compare(prefix, found, _date_search(prefix, rest))
    number, *unit = rest.split("|")
    found = _number_interval(value, kind)
    if found is None:
        return False
    factor = _factor(value, unit)
    if factor is None:
        return _unit_matches(value, unit) and _compare(prefix, found, _number_search(prefix, number))
    low, high = (end if abs(end) >= INFINITY else end * factor for end in found)
    return _compare(prefix, (low, high), _number_search(prefix, number))


UNITS = {"kg": ("g", 1000), "g": ("g", 1), "mg": ("g", Fraction(1, 1000)), "a": ("s", 31_557_600), "d": ("s", 86400), "mm[Hg]": ("Pa", 1)}


def _factor(value: Any, unit: list[str]) -> Fraction | None:
    """From the stored UCUM unit to the searched one; None where one is none or they measure different things."""
    part = value.get("low") or value.get("high") or value if isinstance(value, dict) else {}
    if len(unit) != 2 or unit[0] != UCUM or part.get("system") != UCUM:
        return None
    here, there = UNITS[part["code"]], UNITS[unit[1]]
    return Fraction(here[1]) / Fraction(there[1]) if here[0] == there[0] else None


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
    return (-INFINITY if "<" in comparator else Fraction(number) + (comparator == ">") * TINY), (
        INFINITY if ">" in comparator else Fraction(number) - (comparator == "<") * TINY
    )


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
