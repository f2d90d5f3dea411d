"""A law of pages (https://hl7.org/fhir/R4/http.html#paging): on to the end by `next` and back by `prev`, while others write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAMILIES = st.sampled_from(["Ader", "Blum", "Blum", "Caron", ""])
MOST_NEWCOMERS = 5
IN_ANY_ORDER = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Group:
    """Persons of one organization, who are searched; `ids` are those who were there before the walk."""

    def __init__(self, client, families: list[str]):
        self.client, self.reference = client, f"Organization/{uuid4()}"
        self.ids = [self.add(family) for family in families]

    def add(self, family: str) -> str:
        name = {"name": [{"family": family}]} if family else {}
        person = {"resourceType": "Patient", "managingOrganization": {"reference": self.reference}} | name
        return str(self.client.post("/Patient", person).headers["location"].split("/")[-3])

    def search(self, count: int, sort: str) -> str:
        return f"/Patient?organization={self.reference}&_count={count}{sort}"

    def walk(self, address: str, relation: str, between: Callable[[], object]) -> Iterator[tuple[str, list[str]]]:
        """Address and ids of each page along a relation; others write before each but the first."""
        while address:
            bundle = self.client.get(address).json()
            yield address, [one["resource"]["id"] for one in bundle.get("entry", [])]
            address = {link["relation"]: link["url"] for link in bundle["link"]}.get(relation, "")
            if address:
                between()

    def there_and_back(self, count: int, sort: str, newcomers: list[str]) -> tuple[list[list[str]], list[list[str]]]:
        """The pages on to the end, and those back from it, both in the order of the search."""
        waiting = list(newcomers)

        def between() -> None:
            if waiting:
                self.add(waiting.pop())

        there = list(self.walk(self.search(count, sort), "next", between))
        waiting += newcomers
        back = list(self.walk(there[-1][0], "prev", between))
        return [ids for _, ids in there], [ids for _, ids in reversed(back)]


@IN_ANY_ORDER
@given(st.lists(FAMILIES, min_size=1, max_size=8), st.integers(1, 4), st.lists(FAMILIES, max_size=MOST_NEWCOMERS))
def test_there_and_back_the_pages_are_the_same(client, families, count, newcomers):
    there, back = Group(client, families).there_and_back(count, "", newcomers)
    assert back == there


@pytest.mark.parametrize("sort", ["&_sort=family", "&_sort=-family", "&_sort=-family,_id"])
@IN_ANY_ORDER
@given(st.lists(FAMILIES, min_size=1, max_size=8), st.integers(1, 4), st.lists(FAMILIES, max_size=MOST_NEWCOMERS))
def test_where_newcomers_may_stand_anywhere_who_stays_comes_once_each_way_in_order(client, sort, families, count, newcomers):
    group = Group(client, families)
    ((_, whole),) = group.walk(group.search(1000, sort), "next", lambda: None)
    for pages in group.there_and_back(count, sort, newcomers):
        assert [one for page in pages for one in page if one in group.ids] == whole
