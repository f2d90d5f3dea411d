"""The elements of a profile as a reader of a guide expects them: one row each, with flags, cardinality, type, binding, slicing and rules
(the tables of https://hl7.org/fhir/R4/formats.html#table).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

Row = Mapping[str, Any]

FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
CORE_TYPE = "http://hl7.org/fhir/StructureDefinition/"
INHERITED_RULES = ("ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6")
"""Rules that R4 puts on every element or resource; a table that repeated them would hide the others."""


@dataclass(frozen=True, slots=True)
class ElementRow:
    """`depth` is 0 for the root; `name` is the last step with its slice (`identifier:INS`); `flags` of S, ?!, Σ and C;
    `says` are the sentences below the short text: fixed values, binding, slicing, rules."""

    depth: int
    id: str
    name: str
    flags: tuple[str, ...]
    cardinality: str
    type: str
    short: str
    says: tuple[str, ...]


def element_table(elements: Iterable[Row], inherited: Mapping[str, Row] | None = None) -> list[ElementRow]:
    """The rows of a snapshot or differential. What a differential leaves out (cardinality, type) is taken from `inherited`, by id."""
    return [_row({**(inherited or {}).get(str(row.get("id")), {}), **row}) for row in elements]


def _row(row: Row) -> ElementRow:
    id_ = str(row.get("id") or row["path"])
    flags = tuple(mark for mark, there in _flags(row) if there)
    cardinality = f"{row['min']}..{row['max']}" if "min" in row and "max" in row else ""
    return ElementRow(id_.count("."), id_, id_.rpartition(".")[2], flags, cardinality, types(row), _short(row), tuple(_says(row)))


def _flags(row: Row) -> Iterable[tuple[str, bool]]:
    yield "S", bool(row.get("mustSupport"))
    yield "?!", bool(row.get("isModifier"))
    yield "Σ", bool(row.get("isSummary"))
    yield "C", any(_is_own(rule) for rule in row.get("constraint", ()))


def _short(row: Row) -> str:
    return " ".join(str(row.get("short") or row.get("sliceName") or "").split())


def types(row: Row) -> str:
    """`Reference(Patient | Group)`, `dateTime | Period`, `Extension(https://...)`, or what a content reference points at."""
    if reference := row.get("contentReference"):
        return f"see {str(reference).rpartition('#')[2]}"
    return " | ".join(dict.fromkeys(_type(one) for one in row.get("type", ())))


def _type(one: Row) -> str:
    code = next((str(value) for value in _extension(one, FHIR_TYPE)), str(one.get("code", "")))
    inner = [_name(url) for url in (*one.get("profile", ()), *one.get("targetProfile", ()))]
    kept = " {" + ", ".join(one["aggregation"]) + "}" if one.get("aggregation") else ""
    return (code.rpartition(".")[2] if "://" in code else code) + (f"({' | '.join(inner)})" if inner else "") + kept


def _name(canonical: str) -> str:
    return canonical.removeprefix(CORE_TYPE)


def _extension(element: Row, url: str) -> Iterable[Any]:
    for extension in element.get("extension", ()):
        if extension.get("url") == url:
            yield from (value for key, value in extension.items() if key.startswith("value"))


def _says(row: Row) -> Iterable[str]:
    yield from (f"{word}: {_json(value)}" for word, value in _fixed(row))
    if binding := row.get("binding"):
        yield f"binding: {binding.get('valueSet') or 'described in words'} ({binding.get('strength')})"
    if slicing := row.get("slicing"):
        yield f"slicing: {_slicing(slicing)}"
    yield from (_rule(rule) for rule in row.get("constraint", ()) if _is_own(rule))


def _fixed(row: Row) -> Iterable[tuple[str, Any]]:
    for key, value in row.items():
        for word, start in (("fixed", "fixed"), ("required pattern", "pattern"), ("at least", "minValue"), ("at most", "maxValue")):
            if key.startswith(start) and key != start:
                yield word, value
    if "maxLength" in row:
        yield "at most characters", row["maxLength"]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _slicing(slicing: Row) -> str:
    by = ", ".join(f"{one.get('type')} of {one.get('path')}" for one in slicing.get("discriminator", ())) or "no discriminator"
    return f"{slicing.get('rules', 'open')}, {'ordered' if slicing.get('ordered') else 'unordered'}, by {by}"


def _is_own(rule: Row) -> bool:
    return rule.get("key") not in INHERITED_RULES


def _rule(rule: Row) -> str:
    return f"{rule.get('key')} ({rule.get('severity')}): {' '.join(str(rule.get('human', '')).split())}"
