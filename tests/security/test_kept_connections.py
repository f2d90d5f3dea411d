"""Connections that stay open to one destination: answers of every form are read whole, and what was closed meanwhile is opened anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from fhir_server.security.kept_connections import MOST_BYTES, KeptConnections, Place, request_bytes
from fhir_server.security.pinned import Remembered

Serve = Callable[[int, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))


def exchanged(serve: Serve, count: int = 1, at_once: bool = False, pause: float = 0) -> tuple[list[Any], int]:
    """The answers (or errors) to so many requests, and how many connections they took."""
    connections: list[int] = []

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        try:
            await serve(len(connections), reader, writer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def run() -> list[Any]:
        server = await asyncio.start_server(accepted, "127.0.0.1", 0)
        place = Place("http", "127.0.0.1", server.sockets[0].getsockname()[1], "127.0.0.1")
        kept = KeptConnections()

        async def one(number: int) -> Any:
            try:
                await asyncio.sleep(pause)
                return await kept.exchange(place, request_bytes("POST", "/a?b", {"host": "127.0.0.1"}, b"%d" % number))
            except httpx.HTTPError as error:
                return error

        answers = await asyncio.gather(*map(one, range(count))) if at_once else [await one(number) for number in range(count)]
        await kept.close()
        server.close()
        return list(answers)

    return asyncio.run(run()), len(connections)


def always(answer: bytes) -> Serve:
    async def serve(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await request_of(reader):
            writer.write(answer)

    return serve


def once(answer: bytes) -> Serve:
    async def serve(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)

    return serve


def test_requests_follow_each_other_on_one_connection_and_share_none_at_once():
    answers, connections = exchanged(always(OK), 5)
    assert ([one.body for one in answers], connections) == ([b"ok"] * 5, 1)
    answers, connections = exchanged(always(OK), 5, at_once=True)
    assert ([one.body for one in answers], connections) == ([b"ok"] * 5, 5)


@pytest.mark.parametrize(
    ("answer", "status", "content"),
    [
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nlocation: x\r\ncontent-length: 0\r\n\r\n", 201, b""),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", 200, b"to the end"),
    ],
    ids=["chunked", "no-content", "continue", "by-end"],
)
def test_every_form_of_answer_is_read_whole(answer, status, content):
    ((found,), _) = exchanged(once(answer))
    assert (found.status, found.body) == (status, content)


def test_a_connection_that_was_closed_meanwhile_is_opened_anew():
    answers, connections = exchanged(once(OK), 3)
    assert ([one.status for one in answers], connections) == ([200] * 3, 3)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", b"\x00\xff 200 OK", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST_BYTES + 1)],
    ids=["nothing", "short", "nonsense", "long"],
)
def test_half_an_answer_nonsense_and_too_much_are_none(answer):
    ((found,), _) = exchanged(once(answer))
    assert isinstance(found, httpx.ReadError)


def test_what_comes_unasked_is_nobodys_answer():
    """A server that says more than it was asked, or says at last that it waited too long, is connected to anew."""
    late = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"

    async def serve(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await request_of(reader):
            writer.write(OK)
            await asyncio.sleep(0.02)
            writer.write(late)

    answers, connections = exchanged(serve, 3, pause=0.1)
    assert ([one.status for one in answers], connections) == ([200] * 3, 3)
    answers, connections = exchanged(always(OK + late), 3)
    assert ([(one.status, one.body) for one in answers], connections) == ([(200, b"ok")] * 3, 3)


def test_a_field_that_comes_twice_is_one():
    ((found,), _) = exchanged(once(b"HTTP/1.1 200 OK\r\nX-One: a\r\nx-one: b\r\ncontent-length: 0\r\n\r\n"))
    assert found.headers["x-one"] == "a, b"


def test_who_gives_up_waiting_leaves_no_answer_to_the_next():
    """The connection of a request that was cancelled is not used again."""
    numbers: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        numbers.append(1)
        own = len(numbers)
        await request_of(reader)
        await asyncio.sleep(0.3 if own == 1 else 0)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n%d" % own)
        writer.close()

    async def run() -> bytes:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        place, kept = Place("http", "127.0.0.1", server.sockets[0].getsockname()[1], ""), KeptConnections()
        wire = request_bytes("POST", "/", {"host": "127.0.0.1"}, b"")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(kept.exchange(place, wire), 0.1)
        answer = await kept.exchange(place, wire)
        await kept.close()
        server.close()
        return answer.body

    assert asyncio.run(run()) == b"2"


def test_nobody_there_is_said_as_such():
    with pytest.raises(httpx.ConnectError):
        asyncio.run(KeptConnections().exchange(Place("http", "127.0.0.1", 1, ""), b""))


@pytest.mark.parametrize("value", ["1\r\ny: 2", "1\ny: 2", "1\ry", "1\0"])
def test_a_header_cannot_become_two(value):
    with pytest.raises(ValueError, match="line end"):
        request_bytes("POST", "/", {"x": value}, b"")


def test_addresses_are_remembered_for_a_while():
    asked, time = [], [0.0]

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"]

    remembered = Remembered(30, resolve, lambda: time[0])
    for moment in (0.0, 29.0, 31.0):
        time[0] = moment
        assert asyncio.run(remembered("a", 443)) == ["192.0.2.1"]
    assert len(asked) == 2
