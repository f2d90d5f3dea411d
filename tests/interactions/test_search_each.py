"""Several searches in one go: each finds what it finds alone, and what stands around a store sees each of them."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.search.query import Query
from fhir_server.store.around import StoreAround
from fhir_server.store.stored import SearchPage

SYSTEM = "urn:oid:1.2.3"


class NotingStore(StoreAround):
    def __init__(self, store: Any) -> None:
        super().__init__(store)
        self.searched: list[str] = []

    async def search(self, query: Query) -> SearchPage:
        self.searched.append(query.resource_type)
        return await super().search(query)


def identified(type_name: str, value: str) -> dict[str, Any]:
    return {"resourceType": type_name, "identifier": [{"system": SYSTEM, "value": value}]}


def search(type_name: str, value: str) -> tuple[str, list[tuple[str, str]]]:
    return type_name, [("identifier", f"{SYSTEM}|{value}"), ("_total", "none")]


def test_each_search_finds_what_it_finds_alone(interactions: Interactions, run: Any) -> None:
    for resource in (identified("Patient", "1"), identified("Location", "1"), identified("Patient", "2")):
        run(interactions.create(resource["resourceType"], resource))
    searches = [search("Location", "1"), search("Patient", "9"), search("Patient", "2"), ("Patient", [("_count", "5")])]
    alone = [run(interactions.search(*one)).matches for one in searches]
    assert [len(one) for one in alone] == [1, 0, 1, 2]
    assert run(interactions.search_each(searches)) == alone
    assert run(interactions.search_each([])) == []


def test_what_stands_around_a_store_sees_each_search(interactions: Interactions, run: Any) -> None:
    noting = NotingStore(interactions.store)
    run(interactions.of(noting).search_each([search("Location", "1"), search("Patient", "1")]))
    assert noting.searched == ["Location", "Patient"]


def test_one_that_is_not_understood_is_refused(interactions: Interactions, run: Any) -> None:
    with pytest.raises(FhirError) as refused:
        run(interactions.search_each([search("Patient", "1"), ("Patient", [("shoe-size", "44")])]))
    assert refused.value.category is Category.MALFORMED
