"""Sockets of whole servers: killed, stopped, and several on one database. Who comes back with the number that they have misses nothing."""

from __future__ import annotations

import asyncio
import json
import random
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.patience import PATIENCE
from tests.reliability.kills import KILLS
from tests.reliability.server_process import ServerProcess
from tests.reliability.test_subscriptions import TOPIC, Writer, active, circle
from tests.reliability.test_workers import workers
from tests.subscriptions.receiver import parameter
from tests.subscriptions.sockets import numbers, topic_on_socket

__all__ = ["workers"]
SOME_KILLS = KILLS // 16
"""Each start of a server that is not forked takes seconds."""


def subscribed(server: ServerProcess) -> str:
    """The id of an active Subscription of changes of circles."""
    assert httpx.put(f"{server.base}/Patient/p", json={"resourceType": "Patient", "id": "p"}).status_code == 201
    answer = httpx.post(f"{server.base}/Subscription", json=topic_on_socket(TOPIC, "id-only", max_count=20))
    assert answer.status_code == 201, answer.text
    active(server, answer.json()["id"])
    return str(answer.json()["id"])


def bound(server: ServerProcess, id_: str, since: int) -> ClientConnection:
    """A socket that has had its handshake; token and socket may be of two processes."""
    asked = httpx.get(f"{server.base}/Subscription/{id_}/$get-ws-binding-token", timeout=PATIENCE).json()["parameter"]
    found = {one["name"]: one.get("valueString") or one.get("valueUrl") for one in asked}
    connection = connect(found["websocket-url"], proxy=None, max_size=None).__enter__()  # whoever listens closes it
    connection.send(f"bind-with-token {found['token']} {id_}={since}")
    assert parameter(json.loads(connection.recv(PATIENCE)), "type")["valueCode"] == "handshake"
    return connection


class Ear(threading.Thread):
    """Listens through the deaths of the server, and goes on where it was."""

    def __init__(self, server: ServerProcess, id_: str):
        super().__init__(daemon=True)
        self._server, self._id = server, id_
        self.got: list[int] = []
        self.sockets = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                with bound(self._server, self._id, self.got[-1] if self.got else 0) as connection:
                    self.sockets += 1
                    self._listen(connection)
            except (OSError, WebSocketException, httpx.TransportError, TimeoutError, KeyError):
                time.sleep(0.05)

    def _listen(self, connection: ClientConnection) -> None:
        while not self.stopping.is_set():
            try:
                self.got += numbers(json.loads(connection.recv(0.5)))
            except TimeoutError:
                continue


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_who_listens_through_kills_gets_every_event_once_and_in_order(any_server: ServerProcess) -> None:
    any_server.start()
    id_ = subscribed(any_server)
    ear, writer = Ear(any_server, id_), Writer(any_server.base)
    ear.start()
    eventually(lambda: ear.sockets == 1)
    writer.start()
    for _ in range(SOME_KILLS):
        before = len(ear.got)
        eventually(lambda before=before: len(ear.got) > before + 20)  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.3))
        any_server.kill()
        any_server.start()
    writer.stopping.set()
    writer.join()

    def newest() -> int:
        status = httpx.get(f"{any_server.base}/Subscription/{id_}/$status").json()
        return int(parameter(status, "events-since-subscription-start")["valueString"])

    eventually(lambda: newest() >= writer.acknowledged - 1 and len(ear.got) >= newest())
    ear.stopping.set()
    ear.join()
    assert ear.got == list(range(1, len(ear.got) + 1))
    assert ear.sockets > SOME_KILLS
    print(f"{len(ear.got)} events heard on {ear.sockets} sockets through {SOME_KILLS} kills, of {writer.acknowledged} acknowledged changes")


def test_a_server_that_is_stopped_closes_its_sockets_with_1001_and_soon(any_server: ServerProcess) -> None:
    any_server.environment |= {"PASSERELLE_DRAIN_SECONDS": str(2 * PATIENCE)}  # what would hold it up would hold it up for so long
    any_server.start()
    connection = bound(any_server, subscribed(any_server), 0)
    assert any_server.terminate() == 0
    with pytest.raises(WebSocketException):
        connection.recv(PATIENCE)
    assert connection.close_code == 1001


def test_every_process_takes_every_token_and_tells_what_others_logged(workers: ServerProcess) -> None:
    id_ = subscribed(workers)
    connections = [bound(workers, id_, 0) for _ in range(6)]
    for number in range(5):
        assert httpx.put(f"{workers.base}/CareTeam/c", json=circle(number), timeout=PATIENCE).status_code in (200, 201)
    for connection in connections:
        got: list[int] = []
        while not got or got[-1] < 5:
            got += numbers(json.loads(connection.recv(PATIENCE)))
        assert got == [1, 2, 3, 4, 5]
        connection.close()


def test_a_token_binds_once_in_all_processes(workers: ServerProcess) -> None:
    id_ = subscribed(workers)
    asked = httpx.get(f"{workers.base}/Subscription/{id_}/$get-ws-binding-token", timeout=PATIENCE).json()["parameter"]
    token, url = asked[0]["valueString"], asked[-1]["valueUrl"]

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(binds, url, token) for _ in range(8)))

    assert sorted(asyncio.run(all_at_once())) == [False] * 7 + [True]


def binds(url: str, token: str) -> bool:
    with connect(url, proxy=None) as connection:
        connection.send(f"bind-with-token {token}")
        try:
            return "handshake" in str(connection.recv(PATIENCE))
        except WebSocketException:
            return False


def test_the_client_of_the_documentation_hears_what_it_missed_and_what_comes(server: ServerProcess) -> None:
    server.start()
    id_ = subscribed(server)
    assert httpx.put(f"{server.base}/CareTeam/c", json=circle(0)).status_code == 201
    text = (Path(__file__).parents[2] / "docs" / "subscriptions.md").read_text()
    begin = text.index("    import asyncio, json, httpx, websockets")
    code = textwrap.dedent(text[begin : text.index("\n`ID=NUMBER`")])
    heard: list[int] = []
    names: dict[str, Any] = {"print": lambda last, text: heard.append(last)}
    exec(code, names)

    async def until_two() -> None:
        listening = asyncio.create_task(names["listen"](server.base, {}, id_, 0))
        changing = asyncio.to_thread(httpx.put, f"{server.base}/CareTeam/c", json=circle(1))
        async with asyncio.timeout(PATIENCE):
            while len(heard) < 1:  # noqa: ASYNC110 - the client tells nobody
                await asyncio.sleep(0.05)
            await changing
            while len(heard) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        listening.cancel()

    asyncio.run(until_two())
    assert heard == [1, 2]
