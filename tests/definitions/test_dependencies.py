"""What depends on a changed definition is dropped, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.dependencies import Dependencies
from fhir_server.definitions.stored import MAX_CHANGES, StoredConformance
from fhir_server.model.json_format import encode_json


def made(*needs: tuple[str, list[str]]) -> Dependencies:
    dependencies = Dependencies()
    for name, needed in needs:
        with dependencies.making(name):
            for one in needed:
                dependencies.needs(one)
    return dependencies


def test_what_depends_directly_or_through_others_is_dropped():
    dependencies = made(("a", ["b|1.0"]), ("b", ["c#element"]), ("d", ["e"]))
    assert dependencies.drop(frozenset(["c"])) == {"a", "b"}
    assert dependencies.drop(frozenset(["c"])) == set()
    assert dependencies.drop(frozenset(["e"])) == {"d"}


def test_what_is_made_within_something_is_its_own():
    dependencies = Dependencies()
    with dependencies.making("a"):
        dependencies.needs("b")
        with dependencies.making("b"):
            dependencies.needs("c")
    assert dependencies.drop(frozenset(["c"])) == {"a", "b"}
    assert not dependencies.is_making


def test_circles_come_to_an_end():
    assert made(("a", ["b"]), ("b", ["a"])).drop(frozenset(["a"])) == {"a", "b"}


NAMES = st.sampled_from("abcdefgh")


@given(st.dictionaries(NAMES, st.sets(NAMES)), NAMES)
def test_what_is_left_does_not_lead_to_the_changed_one(graph: dict[str, set[str]], changed: str):
    dropped = made(*((name, sorted(needed)) for name, needed in graph.items())).drop(frozenset([changed]))
    left = graph.keys() - dropped
    assert changed not in left
    assert all(changed not in graph[name] and graph[name].isdisjoint(dropped) for name in left)


def stored(*urls: str) -> StoredConformance:
    conformance = StoredConformance()
    for seq, url in enumerate(urls, 1):
        conformance.put("ValueSet", str(seq), seq, encode_json({"resourceType": "ValueSet", "url": url}))
    return conformance


def test_the_urls_that_changed_since_a_generation_are_known():
    conformance = stored("a", "b")
    assert conformance.changed_since(conformance.generation) == frozenset()
    assert conformance.changed_since(1) == {"b"}
    assert conformance.changed_since(0) == {"a", "b"}


def test_a_resource_that_gets_another_url_changes_both_and_a_deleted_one_its_own():
    conformance = stored("a")
    conformance.put("ValueSet", "1", 2, encode_json({"resourceType": "ValueSet", "url": "b"}))
    assert conformance.changed_since(1) == {"a", "b"}
    conformance.put("ValueSet", "1", 3, None)
    assert conformance.changed_since(2) == {"b"}


def test_what_is_too_long_ago_is_not_known():
    conformance = stored(*(f"u{number}" for number in range(MAX_CHANGES + 1)))
    assert conformance.changed_since(0) is None
    assert len(conformance.changed_since(1) or ()) == MAX_CHANGES
