"""A connection that nobody uses is closed in time, one that is used is not."""

from __future__ import annotations

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from fhir_server.keep_alive import KeepAliveProtocol

SECONDS = 75.0
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Loop:
    """An event loop with a clock that the test moves."""

    def __init__(self, loop):
        self._loop = loop
        self.now = 0.0
        self.timers: list[list] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay, callback):
        self.timers.append([self.now + delay, callback])
        return _Handle(self.timers, self.timers[-1])

    def create_task(self, work):
        return self._loop.create_task(work)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self.timers if timer[0] <= self.now]
        self.timers = [timer for timer in self.timers if timer not in due]
        for _, callback in due:
            callback()


class _Handle:
    def __init__(self, timers, timer):
        self._timers, self._timer = timers, timer

    def cancel(self) -> None:
        if self._timer in self._timers:
            self._timers.remove(self._timer)


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.closed = False

    def write(self, data) -> None:
        pass

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    def __init__(self):
        self.go_on = asyncio.Event()
        self.go_on.set()
        config = uvicorn.Config(
            self._answer, log_config=None, lifespan="off", interface="asgi3", http=KeepAliveProtocol, timeout_keep_alive=int(SECONDS)
        )
        config.load()
        self.loop, self.state, self.transport = Loop(asyncio.get_running_loop()), ServerState(), Transport()
        self.protocol = KeepAliveProtocol(config, self.state, {}, self.loop)
        self.protocol.connection_made(self.transport)

    async def _answer(self, scope, receive, send) -> None:
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def ask(self, request: bytes = REQUEST) -> None:
        self.protocol.data_received(request)
        while self.state.tasks:
            await asyncio.gather(*self.state.tasks)


@pytest.fixture
def connected():
    """Runs a story over a connection."""
    return lambda story: asyncio.run(_told(story))


async def _told(story) -> None:
    await story(Connection())


def test_it_is_closed_when_nothing_came_for_so_long(connected):
    async def story(connection) -> None:
        await connection.ask()
        connection.loop.pass_time(SECONDS - 1)
        assert not connection.transport.closed
        connection.loop.pass_time(1)
        assert connection.transport.closed

    connected(story)


def test_each_request_gives_it_the_whole_time_again(connected):
    async def story(connection) -> None:
        for _ in range(5):
            await connection.ask()
            connection.loop.pass_time(SECONDS - 1)
        assert not connection.transport.closed
        assert connection.state.total_requests == 5
        connection.loop.pass_time(1)
        assert connection.transport.closed

    connected(story)


def test_many_requests_have_one_timer(connected):
    async def story(connection) -> None:
        for _ in range(5):
            await connection.ask()
        assert len(connection.loop.timers) == 1

    connected(story)


def test_it_stays_while_a_request_is_under_work(connected):
    async def story(connection) -> None:
        await connection.ask()
        connection.go_on.clear()
        connection.protocol.data_received(REQUEST)
        await asyncio.sleep(0)
        for _ in range(3):
            connection.loop.pass_time(SECONDS)
        assert not connection.transport.closed

    connected(story)


def test_it_stays_while_a_request_is_on_its_way(connected):
    async def story(connection) -> None:
        await connection.ask()
        connection.loop.pass_time(SECONDS - 1)
        connection.protocol.data_received(REQUEST[:10])
        connection.loop.pass_time(2)
        assert not connection.transport.closed

    connected(story)


def test_requests_in_one_piece_are_all_answered(connected):
    async def story(connection) -> None:
        await connection.ask(3 * REQUEST)
        assert connection.state.total_requests == 3
        connection.loop.pass_time(SECONDS)
        connection.loop.pass_time(SECONDS)
        assert connection.transport.closed

    connected(story)


def test_nothing_is_left_of_it_when_the_client_closes(connected):
    async def story(connection) -> None:
        await connection.ask()
        connection.protocol.connection_lost(None)
        assert connection.loop.timers == []

    connected(story)
