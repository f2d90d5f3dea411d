"""An integrator's own topics: a file in a folder, a Subscription, a notification; read again as the folder changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_server.following import with_own_topics
from fhir_server.settings import Settings, SettingsError
from tests.subscriptions.receiver import Receiver, parts
from tests.subscriptions.server import Server, by_topic
from tests.subscriptions.sockets import on_socket
from tests.subscriptions.test_reading import sound

URL = sound()["url"]
GOAL = {
    "resourceType": "Goal", "id": "walk", "lifecycleStatus": "active", "description": {"text": "To walk again"},
    "subject": {"reference": "Patient/p"},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "own-topics"
    found.mkdir()
    return found


def written(folder: Path, **elements: Any) -> None:
    (folder / "goal.json").write_text(json.dumps(sound() | elements))


async def until(happened: Callable[[], bool]) -> None:
    """What the watcher does in its own time."""
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - what is waited for is a log line or a topic, not an event
            await asyncio.sleep(0.01)


async def listed(server: Server) -> set[str]:
    """The topics that `/metadata` names."""
    statement = await server.got("/metadata")
    (element,) = [one for one in statement["rest"][0]["resource"] if one["type"] == "Subscription"]
    return {one["valueCanonical"] for one in element["extension"]}


async def reached(server: Server) -> None:
    """The event of the topic."""
    await server.put(GOAL)
    await server.put(GOAL | {"lifecycleStatus": "completed"})
    await server.settled()


def test_from_a_file_to_a_notification(play: Any, receiver: Receiver, folder: Path) -> None:
    async def scene(server: Server) -> None:
        await server.put({"resourceType": "Patient", "id": "p"})
        assert (await server.ask("POST", "/Subscription", by_topic(URL, receiver.url))).status_code == 422
        assert URL not in await listed(server)
        async with with_own_topics(server.parts.topics, Settings(data=folder, subscription_topics=folder)):
            assert URL in await listed(server)
            await server.made(by_topic(URL, receiver.url, "full-resource", ("Goal?patient=Patient/p",)))
            await server.settled()
            await reached(server)
        assert receiver.kinds() == ["handshake", "event-notification"]
        told = receiver.came[-1].json
        assert [one["valueReference"]["reference"] for one in parts(told, "focus")] == ["http://testserver/fhir/Goal/walk"]
        assert [one["resource"]["resourceType"] for one in told["entry"][1:]] == ["Goal", "Patient"]

    written(folder)
    play(scene)


def test_a_change_counts_at_once_and_a_broken_one_changes_nothing(
    play: Any, receiver: Receiver, folder: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scene(server: Server) -> None:
        topics = server.parts.topics
        async with topics.with_those_of(folder, seconds=0.01):
            assert URL not in topics
            written(folder)
            await until(lambda: URL in topics)
            assert URL in await listed(server)
            written(folder, resourceTrigger=[{"description": "x", "resource": "Gaol"}])
            await until(lambda: "goal.json: SubscriptionTopic.resourceTrigger[0].resource: Gaol is no type" in said())
            assert URL in topics
            (folder / "goal.json").unlink()
            await until(lambda: URL not in topics)
            assert URL not in await listed(server)

    def said() -> str:
        return caplog.text + capsys.readouterr().out

    play(scene)


@pytest.mark.parametrize("channel", ["rest-hook", "websocket"])
def test_one_whose_topic_is_gone_says_so_and_goes_on_when_it_is_back(play: Any, receiver: Receiver, folder: Path, channel: str) -> None:
    async def scene(server: Server) -> None:
        topics = server.parts.topics
        wanted = by_topic(URL, receiver.url, heartbeat_period=60)
        async with topics.with_those_of(folder, seconds=0.01):
            made = await server.made(wanted if channel == "rest-hook" else on_socket(wanted))
            await server.settled()
            (folder / "goal.json").unlink()
            await until(lambda: URL not in topics)
            receiver.came.clear()
            server.clock.let_pass(61)
            await reached(server)
            stands = await server.got(f"/Subscription/{made['id']}")
            assert (stands["status"], stands["error"]) == ("error", f"There is no topic {URL} here now: nothing of it is told.")
            assert receiver.came == []
            written(folder)
            await until(lambda: URL in topics)
            await server.settled()
            stands = await server.got(f"/Subscription/{made['id']}")
            assert (stands["status"], stands.get("error")) == ("active", None)
            await reached(server)
            assert receiver.kinds() == (["handshake", "event-notification"] if channel == "rest-hook" else [])
            assert len(await server.parts.store.subscriptions.events(made["id"], 0, 9, 9)) == 1

    written(folder)
    play(scene)


@pytest.mark.parametrize("wrong", [{"url": "{ours}"}, {"resourceTrigger": []}], ids=["the URL of ours", "nothing fires"])
def test_one_that_cannot_be_used_is_told_at_the_start(play: Any, folder: Path, wrong: dict[str, Any]) -> None:
    async def scene(server: Server) -> None:
        before = dict(server.parts.topics)
        ours = next(iter(before))
        written(folder, **{name: ours if value == "{ours}" else value for name, value in wrong.items()})
        with pytest.raises(
            SettingsError, match=r"subscription_topics: goal\.json: SubscriptionTopic\.\w+: .* `passerelle topics .*own-topics`"
        ):
            async with with_own_topics(server.parts.topics, Settings(data=folder, subscription_topics=folder)):
                pytest.fail("it is used")
        assert dict(server.parts.topics) == before

    play(scene)
