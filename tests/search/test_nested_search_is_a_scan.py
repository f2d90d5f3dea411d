"""A law: `_has`, chains and `_filter` find what following every reference by hand finds, however they are put together."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.database import BASE, SearchDatabase
from tests.search.scan import elements, scan
from tests.search.test_search_is_a_scan import POOLS, filled

Key = tuple[str, str]
"""Type and id."""

HOPS = [
    ("CarePlan", "patient", "Patient"), ("CarePlan", "care-team", "CareTeam"), ("Observation", "patient", "Patient"),
    ("Patient", "general-practitioner", "Practitioner"), ("Encounter", "patient", "Patient"), ("Patient", "organization", "Organization"),
    ("CareTeam", "participant", "Practitioner"), ("Encounter", "service-provider", "Organization"),
]  # fmt: skip
"""Source, reference parameter, target."""

KINDS = ("string", "token", "date", "reference")


def points_at(database: SearchDatabase, source: dict[str, Any], code: str) -> set[Key]:
    """What the references of a resource lead to, by FHIRPath and nothing else."""
    parameter = database.definitions.search_parameters(source["resourceType"])[code]
    texts = [value.get("reference", "") for value, kind in elements(database.definitions, parameter, source) if kind == "Reference"]
    parts = [text.removeprefix(BASE + "/").split("/_history/")[0].split("/") for text in texts]
    return {(part[0], part[1]) for part in parts if len(part) == 2}


def forward(database: SearchDatabase, source: str, code: str, target: str, ids: set[str]) -> set[str]:
    """Sources that point at one of the targets."""
    wanted = {(target, one) for one in ids}
    return {one["id"] for one in database.resources if one["resourceType"] == source and points_at(database, one, code) & wanted}


def backward(database: SearchDatabase, source: str, code: str, target: str, ids: set[str]) -> set[str]:
    """Targets that one of the sources points at."""
    sources = [one for one in database.resources if one["resourceType"] == source and one["id"] in ids]
    return {id_ for one in sources for type_name, id_ in points_at(database, one, code) if type_name == target} & all_ids(database, target)


def all_ids(database: SearchDatabase, type_name: str) -> set[str]:
    return {one["id"] for one in database.resources if one["resourceType"] == type_name}


@st.composite
def nested(draw: st.DrawFn, database: SearchDatabase, type_name: str, depth: int) -> tuple[str, str, set[str]]:
    """A criterion of the type (name, value), and the ids that it finds."""
    forth = [hop for hop in HOPS if hop[0] == type_name]
    back = [hop for hop in HOPS if hop[2] == type_name]
    if depth and (forth or back) and draw(st.booleans()):
        hop = draw(st.sampled_from(forth + back))
        source, code, target = hop
        name, value, ids = draw(nested(database, target if hop in forth else source, depth - 1))
        if hop in forth:
            return f"{code}:{target}.{name}", value, forward(database, source, code, target, ids)
        return f"_has:{source}:{code}:{name}", value, backward(database, source, code, target, ids)
    code, kind = draw(st.sampled_from([one for one in filled(database)[type_name] if one[1] in KINDS]))
    value = draw(st.sampled_from(POOLS[kind]))
    return code, value, set(scan(database.definitions, database.resources, type_name, code, "", value))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_chains_forth_and_back_find_what_following_references_finds(database: SearchDatabase, data: st.DataObject) -> None:
    type_name = data.draw(st.sampled_from(["Patient", "CarePlan", "Practitioner", "Organization", "Encounter"]))
    asked = data.draw(st.lists(nested(database, type_name, 3), min_size=1, max_size=2))
    query = database.parse(type_name, [(name, value) for name, value, _ in asked])
    assert not query.not_understood
    expected = set.intersection(*(ids for _, _, ids in asked))
    assert set(database.ids(query)) == expected, asked
    assert database.count(query) == len(expected), asked


@st.composite
def filters(draw: st.DrawFn, database: SearchDatabase, type_name: str, depth: int) -> tuple[str, set[str]]:
    """A filter of the type, and the ids that it finds."""
    kind = draw(st.sampled_from(["one", "and", "or", "not", "path"])) if depth else "one"
    everything = all_ids(database, type_name)
    if kind == "not":
        text, ids = draw(filters(database, type_name, depth - 1))
        return f"not ({text})", everything - ids
    if kind in ("and", "or"):
        (left, found), (right, others) = draw(filters(database, type_name, depth - 1)), draw(filters(database, type_name, depth - 1))
        return f"({left}) {kind} ({right})", found & others if kind == "and" else found | others
    hops = [hop for hop in HOPS if hop[0] == type_name]
    if kind == "path" and hops:
        source, code, target = draw(st.sampled_from(hops))
        (inner, ids), (text, others) = draw(filters(database, target, depth - 1)), draw(comparisons(database, target))
        return f"{code}:{target}[{inner}].{text}", forward(database, source, code, target, ids & others)
    return draw(comparisons(database, type_name))


@st.composite
def comparisons(draw: st.DrawFn, database: SearchDatabase, type_name: str) -> tuple[str, set[str]]:
    """One comparison, by an operator that search has too."""
    code, kind = draw(st.sampled_from([one for one in filled(database)[type_name] if one[1] in KINDS]))
    value = draw(st.sampled_from([one for one in POOLS[kind] if "," not in one and one[:2] not in ("ap",)]))
    modifier = draw(st.sampled_from(["sw", "co"])) if kind == "string" else ""
    if kind == "date":
        prefix = value[:2] if value[:2].isalpha() else "eq"
        operator, text = prefix, value.removeprefix(prefix)
    else:
        operator, text = modifier or "eq", f'"{value}"'
    found = scan(database.definitions, database.resources, type_name, code, "contains" if modifier == "co" else "", value)
    return f"{code} {operator} {text}", set(found)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_filter_finds_what_its_parts_find(database: SearchDatabase, data: st.DataObject) -> None:
    type_name = data.draw(st.sampled_from(["Patient", "CarePlan", "Observation", "Encounter"]))
    text, expected = data.draw(filters(database, type_name, 3))
    query = database.parse(type_name, [("_filter", text)])
    assert not query.not_understood, text
    assert set(database.ids(query)) == expected, text
    assert database.count(query) == len(expected), text
