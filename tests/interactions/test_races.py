"""Races that conditions must win, within one process and between two on one store (https://hl7.org/fhir/R4/http.html#ccreate)."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.interactions import ConformanceFeed, Interactions, Searching
from fhir_server.patch import patch_of_body
from fhir_server.store.opening import open_store

PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "one"}]}
CONDITION = "identifier=urn:oid:1.2.3|one"


@pytest.mark.parametrize("processes", [1, 2])
def test_fifty_conditional_creates_of_one_identifier_make_one_resource(
    interactions: Interactions, definitions: Definitions, database_url: str, run: Any, processes: int
) -> None:
    async def race() -> list[str]:
        second = await open_store(database_url)
        sides = [interactions, Interactions(second, definitions, Searching(definitions, ZoneInfo("Europe/Paris")))][:processes]
        creates = (sides[number % processes].create("Patient", dict(PATIENT), CONDITION) for number in range(50))
        outcomes = await asyncio.gather(*creates)
        await second.close()
        return [outcome.status for outcome in outcomes]

    statuses = run(race())
    assert sorted(statuses) == ["created", *["matched"] * 49]
    assert run(interactions.search("Patient", [("_total", "accurate")])).total == 1


def test_fifty_updates_of_one_version_have_one_winner_and_the_history_no_gap(interactions: Interactions, run: Any) -> None:
    async def race() -> list[Any]:
        made = await interactions.create("Patient", dict(PATIENT))
        updates = (
            interactions.update("Patient", made.stored.id, PATIENT | {"id": made.stored.id, "multipleBirthInteger": number}, 'W/"1"')
            for number in range(50)
        )
        return [made, *await asyncio.gather(*updates, return_exceptions=True)]

    made, *answers = run(race())
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1
    page = run(interactions.history("Patient", made.stored.id, count=10))
    assert [stored.version for stored in page.versions] == [2, 1]


PATCHED = [{"op": "add", "path": "/multipleBirthInteger", "value": 0}]


@pytest.mark.parametrize("if_match", [None, "*"])
@pytest.mark.parametrize("in_transaction", [False, True])
def test_patches_of_any_version_wait_for_one_another_and_all_succeed(
    interactions: Interactions, run: Any, if_match: str | None, in_transaction: bool
) -> None:
    """`If-Match: *` asks that something stands there, which holds whoever was faster."""

    async def patch(place: str, number: int) -> None:
        operations = [PATCHED[0] | {"value": number}]
        if in_transaction:
            await interactions.transaction(_bundle_of(place, operations, if_match))
        else:
            patched = patch_of_body("application/json-patch+json", json.dumps(operations).encode())
            assert patched is not None
            await interactions.patch("Patient", place.partition("/")[2], patched, if_match)

    async def race() -> Any:
        made = await interactions.create("Patient", dict(PATIENT))
        await asyncio.gather(*(patch(f"Patient/{made.stored.id}", number) for number in range(1, 13)))
        return await interactions.history("Patient", made.stored.id, count=50)

    assert [stored.version for stored in run(race()).versions] == list(range(13, 0, -1))


def _bundle_of(place: str, operations: list[dict[str, Any]], if_match: str | None) -> dict[str, Any]:
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    request = {"method": "PATCH", "url": place} | ({"ifMatch": if_match} if if_match else {})
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request, "resource": binary}]}


def test_a_definition_that_another_process_stores_counts_here_a_moment_later(database_url: str, definitions: Definitions, run: Any) -> None:
    id_ = f"raced-{database_url[:4]}"  # the definitions are those of all tests, which number their changes alike
    url = f"http://passerelle.example/fhir/ValueSet/{id_}"
    resource = {"resourceType": "ValueSet", "id": id_, "url": url, "status": "active"}

    async def stored_elsewhere() -> Any:
        here, there = await open_store(database_url), await open_store(database_url)
        searching = Searching(definitions, ZoneInfo("Europe/Paris"))
        feed = ConformanceFeed(definitions)
        async with feed.following(here, Interactions(here, definitions, searching, feed)):
            await Interactions(there, definitions, searching).update("ValueSet", id_, resource)
            found = await _found(definitions, url)
        feed.stored.put("ValueSet", id_, 2**40, None)
        await here.close()
        await there.close()
        return found

    assert run(stored_elsewhere())["url"].startswith("http://passerelle.example/fhir/ValueSet/raced-")


async def _found(definitions: Definitions, url: str) -> Any:
    for _ in range(600):
        if found := definitions.stored.resolve(url):
            return found
        await asyncio.sleep(0.05)
    return None
