"""What the follower promises: each change is looked at once, whoever follows, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.store.store import MOST
from fhir_server.store.subscription import Event, Step
from fhir_server.subscriptions import follower as followers
from fhir_server.subscriptions import occurrences
from fhir_server.subscriptions.follower import Follower
from tests.subscriptions.receiver import Receiver
from tests.subscriptions.server import SECOND, Server, by_criteria, serving


async def asked(server: Server, receiver: Receiver, criteria: str = "Patient?active=true") -> str:
    made = await server.made(by_criteria(criteria, receiver.url))
    await server.settled()
    return str(made["id"])


async def events(server: Server, id_: str) -> list[Event]:
    return await server.parts.store.subscriptions.events(id_, 0, MOST, MOST)


def exact(found: list[Event], versions: dict[str, int]) -> bool:
    """Every version of every resource is one event, numbers without gaps."""
    told = sorted((one.id, one.version) for one in found)
    wanted = sorted((id_, version) for id_, newest in versions.items() for version in range(1, newest + 1))
    return told == wanted and [one.number for one in found] == list(range(1, len(found) + 1))


async def written(server: Server, count: int, chance: random.Random) -> dict[str, int]:
    """Changes of some patients; the newest version of each."""
    versions: dict[str, int] = {}
    for number in range(count):
        id_ = f"p{chance.randrange(8)}"
        stored = await server.put({"resourceType": "Patient", "id": id_, "active": True, "multipleBirthInteger": number})
        versions[id_] = int(stored["meta"]["versionId"])
        await asyncio.sleep(0)
    return versions


def test_two_that_both_think_they_follow_double_nothing(play: Any, receiver: Receiver, database_url: str, definitions: Any, tmp_path: Any):
    """One's clock is ahead, so that every lease seems over to it; on PostgreSQL it is another process."""

    async def scene(server: Server) -> None:
        id_ = await asked(server, receiver)
        async with serving(definitions, database_url, tmp_path) as beside:
            beside.clock.let_pass(3600)
            elsewhere = beside if "postgresql" in database_url else server
            other = Follower(elsewhere.parts.interactions, elsewhere.serving.sight, {}, "other", beside.clock)
            done = asyncio.Event()

            async def follows(one: Follower) -> None:
                while not done.is_set():
                    await one.step()
                    await asyncio.sleep(0)

            tasks = [asyncio.create_task(follows(one)) for one in (server.follower, other)]
            versions = await written(server, 60, random.Random(1))
            await asyncio.sleep(0.2)
            done.set()
            await asyncio.gather(*tasks)
            await server.followed()
            assert exact(await events(server, id_), versions)
            assert len(await server.outbox(status="waiting")) == 60

    play(scene)


@pytest.mark.parametrize("after", [True, False], ids=["after it was written", "before it was written"])
def test_a_step_whose_outcome_is_not_known_is_not_taken_twice(play: Any, receiver: Receiver, monkeypatch: Any, after: bool) -> None:
    async def scene(server: Server) -> None:
        id_ = await asked(server, receiver)
        store, chance = server.parts.store.subscriptions, random.Random(2)
        taken = store.take

        async def breaks(step: Step) -> bool:
            breaks_now = chance.random() < 0.5
            if not breaks_now or after:
                done = await taken(step)
            if breaks_now:
                raise fault(Category.STORAGE, "exception", "the connection was lost")
            return done

        monkeypatch.setattr(store, "take", breaks)
        versions: dict[str, int] = {}
        for round_ in range(12):
            versions |= await written(server, 5, random.Random(round_))
            try:
                await server.followed()
            except FhirError:
                continue
        monkeypatch.undo()
        await server.followed()
        assert exact(await events(server, id_), versions)

    play(scene)


def test_one_follows_while_it_lives_and_another_goes_on_where_it_stood(play: Any, receiver: Receiver, database_url: str) -> None:
    async def scene(server: Server) -> None:
        id_ = await asked(server, receiver)
        other = server.follower_of("other")
        await written(server, 3, random.Random(3))
        if "postgresql" in database_url:
            assert await other.step() is False, "the lease is another's"
            server.clock.let_pass(11)
        assert await other.step() is True
        await server.followed()
        assert len(await events(server, id_)) == 3

    play(scene)


def test_a_full_page_of_changes_is_looked_at_to_its_end(play: Any, receiver: Receiver, monkeypatch: Any) -> None:
    async def scene(server: Server) -> None:
        monkeypatch.setattr(followers, "AT_ONCE", 7)
        id_ = await asked(server, receiver)
        versions = await written(server, 40, random.Random(4))
        await server.made({"resourceType": "Basic", "code": {"text": "nobody asked"}})
        await server.followed()
        assert exact(await events(server, id_), versions)

    play(scene)


def test_what_came_before_it_was_active_or_after_its_end_is_no_event(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        await written(server, 3, random.Random(5))
        made = await server.made(by_criteria("Patient?active=true", receiver.url))
        await written(server, 3, random.Random(5))
        await server.settled()
        await server.put({"resourceType": "Patient", "id": "in-time", "active": True})
        await server.followed()
        await server.ask("DELETE", f"/Subscription/{made['id']}")
        await server.put({"resourceType": "Patient", "id": "too-late", "active": True})
        await server.settled()
        assert [one.id for one in await events(server, made["id"])] == ["in-time"]

    play(scene)


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
def test_what_comes_at_once_behind_its_becoming_active_is_an_event(play: Any, receiver: Receiver, beside: bool) -> None:
    """Both are found by one look at the changes."""

    async def scene(server: Server) -> None:
        if beside:
            await asked(server, receiver)
        made = await server.made(by_criteria("Patient?active=true", receiver.url))
        await server.put({"resourceType": "Patient", "id": "too-early", "active": True})
        while (await server.got(f"/Subscription/{made['id']}"))["status"] != "active":
            await server.follower.step()
        await server.put({"resourceType": "Patient", "id": "in-time", "active": True})
        await server.followed()
        assert [one.id for one in await events(server, made["id"])] == ["in-time"]

    play(scene)


def test_a_fault_over_one_subscription_keeps_no_other_from_being_told(play: Any, receiver: Receiver, monkeypatch: Any) -> None:
    async def scene(server: Server) -> None:
        bad, good = await asked(server, receiver), await asked(server, receiver, "Patient?active=true&_id=p1,p2")
        told = occurrences.events_among

        async def breaks(changes: Any, asks: Any, *more: Any) -> Any:
            if asks.id == bad and any(one.stored.id == "p1" for one in changes):
                raise ZeroDivisionError
            return await told(changes, asks, *more)

        monkeypatch.setattr(occurrences, "events_among", breaks)
        for name in ("p1", "p2"):
            await server.put({"resourceType": "Patient", "id": name, "active": True})
        await server.followed()
        assert [one.id for one in await events(server, good)] == ["p1", "p2"]
        assert [one.id for one in await events(server, bad)] == ["p2"], "the other change is told all the same"
        assert (await server.got(f"/Subscription/{bad}"))["status"] == "error"

    play(scene)


def test_a_store_that_does_not_answer_is_asked_again(play: Any, receiver: Receiver, monkeypatch: Any) -> None:
    async def scene(server: Server) -> None:
        id_ = await asked(server, receiver)
        told = occurrences.events_among

        async def busy(*_: Any) -> Any:
            raise fault(Category.BUSY, "throttled", "not now")

        monkeypatch.setattr(occurrences, "events_among", busy)
        await server.put({"resourceType": "Patient", "id": "p1", "active": True})
        with pytest.raises(FhirError):
            await server.followed()
        monkeypatch.setattr(occurrences, "events_among", told)
        await server.followed()
        assert len(await events(server, id_)) == 1

    play(scene)


def test_events_are_let_go_by_age_and_numbers_go_on(play: Any, receiver: Receiver) -> None:
    async def scene(server: Server) -> None:
        id_ = await asked(server, receiver)
        await written(server, 3, random.Random(6))
        await server.followed()
        assert await server.parts.store.subscriptions.purge(server.clock() - 3600 * SECOND) == 0
        assert await server.parts.store.subscriptions.purge(server.clock() + 3600 * SECOND) == 3
        await written(server, 1, random.Random(7))
        await server.followed()
        assert [one.number for one in await events(server, id_)] == [4]

    play(scene)


def test_a_commit_wakes_the_follower(play: Any, receiver: Receiver, monkeypatch: Any) -> None:
    """Without a commit nothing would happen before LOOK_SECONDS."""

    async def scene(server: Server) -> None:
        monkeypatch.setattr(followers, "LOOK_SECONDS", 3600.0)
        id_ = await asked(server, receiver)
        async with server.follower.following():
            await asyncio.sleep(0.3)
            await server.put({"resourceType": "Patient", "id": "p1", "active": True})
            async with asyncio.timeout(30):
                while not await events(server, id_):  # noqa: ASYNC110 - what is waited for is in the database
                    await asyncio.sleep(0.05)

    play(scene)


def test_a_subscription_that_nobody_asked_for_is_off(play: Any, receiver: Receiver) -> None:
    """It came by a command, or stood there before."""

    async def scene(server: Server) -> None:
        await server.parts.interactions.update("Subscription", "old", by_criteria("Patient?active=true", receiver.url) | {"id": "old"})
        await server.settled()
        standing = await server.got("/Subscription/old")
        assert standing["status"] == "off"
        assert "No client" in standing["error"]

    play(scene)
