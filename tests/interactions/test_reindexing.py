"""The index follows what it is made from, while others read and write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.interactions import reindexing
from fhir_server.model.issue import Category, FhirError
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store
from fhir_server.store.store import Store
from tests.patience import PATIENCE

Run = Callable[[Awaitable[Any]], Any]
SHOE = "http://passerelle.care/test/shoe"


def own_definitions(definitions: Definitions) -> Definitions:
    """The same packages, with conformance resources of its own."""
    return Definitions(definitions.packages)


def parameter(code: str = "shoe", url: str = SHOE, base: str = "Patient") -> dict[str, Any]:
    expression = f"{base}.extension.where(url = '{url}').value.ofType(string)"
    return {
        "resourceType": "SearchParameter", "id": f"{base}-{code}".lower(), "url": f"http://passerelle.care/test/parameter/{code}",
        "name": code,
        "status": "active", "description": "what somebody wears", "code": code, "base": [base], "type": "string", "expression": expression,
    }  # fmt: skip


def patient(number: int, shoe: str = "boot") -> dict[str, Any]:
    return {"resourceType": "Patient", "id": f"p{number}", "extension": [{"url": SHOE, "valueString": shoe}]}


@pytest.fixture
def parts(store: Store, definitions: Definitions, run: Run) -> Parts:
    """One server on the store."""
    made = put_together(own_definitions(definitions), store, Settings())
    run(made.reindexing.attach(lead=True))
    return made


async def write(parts: Parts, resource: dict[str, Any]) -> None:
    await parts.interactions.update(resource["resourceType"], resource["id"], resource)


async def found(parts: Parts, query: str = "shoe=boot", type_name: str = "Patient") -> list[str]:
    pairs = [tuple(part.split("=")) for part in query.split("&")]
    result = await parts.interactions.search(type_name, [*pairs, ("_count", "1000")], tolerant=True)  # type: ignore[list-item]
    assert not result.issues, result.issues
    return sorted(stored.id for stored in result.matches)


async def told(parts: Parts, query: tuple[str, str] = ("shoe", "boot")) -> list[str]:
    result = await parts.interactions.search("Patient", [query], tolerant=True)
    return [issue.code for issue in result.told]


def test_a_parameter_counts_for_what_was_stored_before_when_its_put_is_answered(parts: Parts, run: Run) -> None:
    async def story() -> None:
        for number in range(3):
            await write(parts, patient(number))
        await write(parts, parameter())
        assert await found(parts) == ["p0", "p1", "p2"]
        assert await told(parts) == []

    run(asyncio.wait_for(story(), PATIENCE))


def test_a_parameter_that_is_created_by_a_transaction_counts_too(parts: Parts, run: Run) -> None:
    async def story() -> None:
        await write(parts, patient(1))
        entry = {"resource": parameter(), "request": {"method": "POST", "url": "SearchParameter"}}
        await parts.interactions.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
        assert await found(parts) == ["p1"]

    run(asyncio.wait_for(story(), PATIENCE))


def test_a_parameter_that_changes_finds_by_its_new_expression_only(parts: Parts, run: Run) -> None:
    async def story() -> None:
        await write(parts, patient(1))
        await write(parts, parameter())
        await write(parts, parameter(url="http://passerelle.care/test/hat"))
        assert await found(parts) == []

    run(asyncio.wait_for(story(), PATIENCE))


def test_the_deletion_of_a_parameter_drops_its_rows(parts: Parts, run: Run) -> None:
    async def story() -> list[Any]:
        await write(parts, patient(1))
        await write(parts, parameter())
        await parts.interactions.delete("SearchParameter", "patient-shoe")
        result = await parts.interactions.search("Patient", [("shoe", "boot")], tolerant=True)
        assert [issue.code for issue in result.issues] == ["not-found"]
        await write(parts, parameter())
        return await found(parts)

    assert run(asyncio.wait_for(story(), PATIENCE)) == ["p1"]


def test_while_a_large_reindexing_is_under_way_searches_say_so_and_conditions_are_refused(
    parts: Parts, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "SMALL", 1)

    async def story() -> None:
        for number in range(5):
            await write(parts, patient(number))
        await write(parts, parameter())
        assert await told(parts) == ["incomplete"]
        assert await told(parts, ("_id", "p1")) == []
        assert await told(parts, ("name", "x")) == []
        with pytest.raises(FhirError) as strict:
            await parts.interactions.search("Patient", [("shoe", "boot")])
        assert strict.value.category is Category.BUSY
        with pytest.raises(FhirError) as condition:
            await parts.interactions.create("Patient", {"resourceType": "Patient"}, "shoe=boot")
        assert condition.value.category is Category.BUSY
        assert (await parts.reindexing.progress())["Patient"].total == 5
        await parts.reindexing.all()
        assert await told(parts) == []
        assert len(await found(parts)) == 5
        assert await parts.reindexing.progress() == {}

    run(asyncio.wait_for(story(), PATIENCE))


def test_what_another_process_writes_by_what_it_knew_before_is_indexed_anew(
    parts: Parts, definitions: Definitions, database_url: str, run: Run
) -> None:
    async def story() -> None:
        store = await open_store(database_url)
        other = put_together(own_definitions(definitions), store, Settings())
        await other.reindexing.attach(lead=True)
        await write(parts, parameter())
        await write(other, patient(7))
        assert await found(parts) == []
        async with parts.reindexing.running():
            for _ in range(100):
                if await found(parts) == ["p7"]:
                    break
                await asyncio.sleep(0.05)
        assert await found(parts) == ["p7"]
        await store.close()

    run(asyncio.wait_for(story(), PATIENCE))


def test_a_parameter_that_one_server_takes_counts_in_the_other(parts: Parts, definitions: Definitions, database_url: str, run: Run) -> None:
    async def story() -> None:
        store = await open_store(database_url)
        other = put_together(own_definitions(definitions), store, Settings())
        async with other.conformance.following(store, other.interactions):
            await other.reindexing.attach(lead=True)
            async with other.reindexing.running():
                await write(parts, patient(1))
                await write(parts, parameter())
                for _ in range(200):
                    if "shoe" in other.definitions.search_parameters("Patient") and not await told(other):
                        break
                    await asyncio.sleep(0.05)
                assert await told(other) == []
                await write(other, patient(2))
                assert await found(other) == ["p1", "p2"]
        await store.close()

    run(asyncio.wait_for(story(), PATIENCE))


def test_a_server_with_other_fingerprints_indexes_anew_what_a_former_one_left(parts: Parts, database_url: str, run: Run) -> None:
    async def story() -> None:
        for number in range(250):
            await write(parts, patient(number))
        definitions = load_definitions()
        store = await open_store(database_url)
        other = put_together(definitions, store, Settings(zone="Indian/Reunion"))
        await other.reindexing.attach(lead=True)
        assert await told(other, ("birthdate", "2000")) == ["incomplete"]
        assert await told(other, ("name", "x")) == []
        async with other.reindexing.running():
            for _ in range(200):
                if not other.reindexing.waiting:
                    break
                await asyncio.sleep(0.05)
        assert await told(other, ("birthdate", "2000")) == []
        assert other.reindexing.renewed >= 250
        await store.close()

    run(asyncio.wait_for(story(), PATIENCE))


def test_a_reindexing_that_was_broken_off_goes_on_where_it_stopped(
    parts: Parts, definitions: Definitions, database_url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "SMALL", 1)
    monkeypatch.setattr(reindexing, "BATCH", 10)

    class Killed(Exception):
        pass

    def after_three(_: str, count: int) -> None:
        seen.append(count)
        if len(seen) == 3:
            raise Killed

    seen: list[int] = []

    async def story() -> None:
        for number in range(100):
            await write(parts, patient(number))
        await write(parts, parameter())
        with pytest.raises(Killed):
            await parts.reindexing.all(["Patient"], told=after_three)
        store = await open_store(database_url)
        other = put_together(own_definitions(definitions), store, Settings())
        await other.conformance.load(other.interactions)
        await other.reindexing.attach(lead=True)
        assert await told(other) == ["incomplete"]
        await other.reindexing.all()
        assert other.reindexing.renewed == 70
        assert len(await found(other)) == 100
        await store.close()

    run(asyncio.wait_for(story(), PATIENCE))


def test_no_write_is_lost_to_a_reindexing_beside_it(parts: Parts, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "BATCH", 7)
    monkeypatch.setattr(reindexing, "SMALL", 1)

    async def story() -> None:
        for number in range(120):
            await write(parts, patient(number, "boot"))
        await write(parts, parameter())

        async def change(number: int) -> None:
            await write(parts, patient(number, "clog" if number % 2 else "sandal"))
            if number % 10 == 0:
                await parts.interactions.delete("Patient", f"p{number}")

        changes = [change(number) for number in range(120)]
        additions = [write(parts, patient(number)) for number in range(200, 230)]
        await asyncio.gather(parts.reindexing.all(), *changes, *additions)
        assert await found(parts, "shoe=clog") == sorted(f"p{number}" for number in range(120) if number % 2)
        assert await found(parts, "shoe=sandal") == sorted(f"p{number}" for number in range(120) if number % 2 == 0 and number % 10)
        assert await found(parts) == sorted(f"p{number}" for number in range(200, 230))

    run(asyncio.wait_for(story(), PATIENCE))


def test_a_server_that_others_have_overtaken_marks_what_it_writes_and_changes_no_goals(
    parts: Parts, definitions: Definitions, database_url: str, run: Run
) -> None:
    async def story() -> None:
        store = await open_store(database_url)
        newer = put_together(own_definitions(definitions), store, Settings(zone="Indian/Reunion"))
        await newer.reindexing.attach(lead=True)
        goals = (await store.indexing.state()).types["Patient"].goal
        await parts.reindexing._follow()
        await write(parts, patient(1))
        assert (await store.indexing.control()).has_queue
        await write(parts, parameter(base="Group"))
        assert (await store.indexing.state()).types["Patient"].goal == goals
        await store.close()

    run(asyncio.wait_for(story(), PATIENCE))
