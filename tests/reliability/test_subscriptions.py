"""`kill -9` of a server that follows changes and tells them: each change is one event, with the number that is its turn, and arrives."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from fhir_server.store.opening import open_store
from fhir_server.store.store import MOST
from fhir_server.store.subscription import Event
from tests.patience import PATIENCE
from tests.reliability.kills import KILLS
from tests.reliability.server_process import ServerProcess
from tests.subscriptions.receiver import receiving
from tests.subscriptions.server import by_topic

SOME_KILLS = KILLS // 12
"""Each start of a server that is not forked takes seconds."""
TOPIC = "https://passerelle.care/fhir/SubscriptionTopic/care-team-changed"


class Writer(threading.Thread):
    """Changes a circle as fast as the server takes it, through its deaths, until it is told to stop."""

    def __init__(self, base: str):
        super().__init__(daemon=True)
        self._base = base
        self.stopping = threading.Event()
        self.acknowledged = 0

    def run(self) -> None:
        number = 0
        with httpx.Client(timeout=10) as client:
            while not self.stopping.is_set():
                number += 1
                try:
                    answer = client.put(f"{self._base}/CareTeam/c", json=circle(number))
                    self.acknowledged += answer.status_code in (200, 201)
                except httpx.TransportError:
                    time.sleep(0.05)


def circle(number: int) -> dict[str, object]:
    member = {"member": {"reference": f"Practitioner/{number}"}}
    subject = {"reference": "Patient/p"}
    return {"resourceType": "CareTeam", "id": "c", "status": "active", "subject": subject, "participant": [member]}


def active(server: ServerProcess, id_: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while httpx.get(f"{server.base}/Subscription/{id_}").json()["status"] != "active":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def logged(database: str, id_: str) -> tuple[int, list[Event]]:
    """The newest version of the circle, and the events."""

    async def read() -> tuple[int, list[Event]]:
        store = await open_store(database)
        standing = await store.read("CareTeam", "c")
        found = await store.subscriptions.events(id_, 0, MOST, MOST)
        await store.close()
        assert standing is not None
        return standing.version, found

    return asyncio.run(read())


@pytest.mark.slow
def test_a_killed_follower_loses_no_event_and_doubles_none(database_url: str, tmp_path: Path) -> None:
    settings = {"PASSERELLE_DATABASE": database_url, "PASSERELLE_ALLOWED_HOSTS": "127.0.0.1", "PASSERELLE_DELIVER": "on"}
    server, chance = ServerProcess(tmp_path / "data", **settings), random.Random(7)
    with receiving() as receiver:
        server.start()
        assert httpx.put(f"{server.base}/CareTeam/c", json=circle(0)).status_code == 201
        asked = by_topic(TOPIC, receiver.url, timeout=1)
        id_ = httpx.post(f"{server.base}/Subscription", json=asked).json()["id"]
        active(server, id_)
        first, _ = logged(database_url, id_)
        writer = Writer(server.base)
        writer.start()
        for _ in range(SOME_KILLS):
            time.sleep(chance.uniform(0.3, 1.5))
            server.kill()
            server.start()
        time.sleep(0.5)
        writer.stopping.set()
        writer.join()
        deadline = time.monotonic() + PATIENCE
        while True:
            newest, events = logged(database_url, id_)
            if len(events) == newest - first and events[-1].number in receiver.events():
                break
            assert time.monotonic() < deadline, f"{newest - first} changes, {len(events)} events, {len(receiver.came)} came"
            time.sleep(0.5)
        server.stop()
    came = receiver.events()
    print(f"{SOME_KILLS} kills, {newest - first} changes, {len(events)} events, {len(came) - len(set(came))} came again")
    assert newest - first >= writer.acknowledged > 0
    assert [one.number for one in events] == list(range(1, len(events) + 1))
    assert [one.version for one in events] == list(range(first + 1, newest + 1))
    assert list(dict.fromkeys(came)) == [one.number for one in events], "each arrived, first in the order of the numbers"
