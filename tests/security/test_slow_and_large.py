"""Connections and requests that take too long or are too large, against a real uvicorn: refused with the reason, and let go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse

from fhir_server.guarded_protocol import Limits, guarded
from fhir_server.rest.slow_body import BodyTooSlow, SlowBodies
from tests.patience import PATIENCE

LIMITS = Limits(connections=3, seconds=0.3, url_bytes=2000, head_bytes=4000, headers=50)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/endless":
        await StreamingResponse(_endless())(scope, receive, send)
        return
    body = await Request(scope, receive).body() if scope["path"] != "/unread" else b""
    await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


async def _endless() -> Any:
    for _ in range(1000):
        yield b"x" * 65536
        await asyncio.sleep(0)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


async def served(talk: Callable[[int], Awaitable[Any]]) -> Any:
    config = uvicorn.Config(echo, port=0, lifespan="off", log_config=None, ws="none", http=guarded(LIMITS), timeout_keep_alive=5)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    try:
        return await asyncio.wait_for(talk(server.servers[0].sockets[0].getsockname()[1]), PATIENCE)
    finally:
        server.force_exit = server.should_exit = True
        await running


def sent(*parts: bytes, pause: float = 0.0) -> Any:
    """What comes until the server ends the connection, for these parts."""

    async def talk(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        reading = asyncio.create_task(reader.read())
        for part in parts:
            if not reading.done():
                writer.write(part)
                await asyncio.sleep(pause)
        answer = await reading
        writer.close()
        return answer

    return asyncio.run(served(talk))


def outcome(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    return int(head.split()[1]), json.loads(body)["issue"][0]["code"]


GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


def test_a_head_that_does_not_come_is_408_and_the_end():
    assert outcome(sent(GET)) == (408, "timeout")


def test_a_head_that_drips_is_408_however_often_a_byte_comes():
    assert outcome(sent(GET, *[b"x"] * 10, pause=0.05))[0] == 408


def test_a_connection_that_says_nothing_is_closed():
    assert sent() == b""


def test_a_connection_that_says_nothing_more_than_line_ends_after_an_answer_is_closed():
    answer = sent(GET + b"\r\n", b"\r\n", pause=0.1)
    assert answer.startswith(b"HTTP/1.1 200")


def test_an_answered_connection_waits_for_the_next_request():
    answer = sent(GET + b"\r\n", GET + b"connection: close\r\n\r\n", pause=0.5)
    assert answer.count(b"200 OK") == 2


def test_a_body_may_take_longer_than_a_head():
    post = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n\r\n"
    assert b"5 bytes" in sent(post, b"12", b"345", pause=0.4)


@pytest.mark.parametrize("end", [b" HTTP/1.1\r\nhost: x\r\n\r\n", b""], ids=["whole", "half"])
def test_an_address_that_is_too_long_is_414(end):
    assert outcome(sent(b"GET /" + b"a" * 3000 + end)) == (414, "too-long")


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x: " + b"y" * 5000 + b"\r\n\r\n", GET + b"x: " + b"y" * 5000, GET + b"x: y\r\n" * 60 + b"\r\n",
        GET + b"x: " + b"y" * 1500 + b"\r\ny: " + b"y" * 3000 + b"\r\nz",
    ],
    ids=["one long header", "one that does not end", "many headers", "all together"],
)  # fmt: skip
def test_a_head_that_is_too_large_is_431(head):
    assert outcome(sent(head)) == (431, "too-long")


def test_what_is_no_http_is_400():
    assert outcome(sent(b"\x16\x03\x01nonsense\r\n\r\n")) == (400, "structure")


def test_two_lengths_or_a_length_and_chunks_are_refused_so_that_no_request_hides_in_a_body():
    smuggled = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
    assert outcome(sent(smuggled))[0] == 400
    assert outcome(sent(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\n1234"))[0] == 400


def test_more_connections_than_allowed_are_503_and_the_others_go_on():
    async def talk(port: int) -> tuple[bytes, bytes]:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        refused = await reader.read()
        held[0][1].write(GET + b"connection: close\r\n\r\n")
        return refused, await held[0][0].read()

    refused, answered = asyncio.run(served(talk))
    assert outcome(refused) == (503, "throttled")
    assert b"retry-after" in refused
    assert answered.startswith(b"HTTP/1.1 200")


def test_a_client_that_does_not_take_its_answer_is_let_go():
    async def talk(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(1.0)
        with suppress(ConnectionError):
            while part := await reader.read(2**20):
                taken.append(len(part))

    taken: list[int] = []
    asyncio.run(served(talk))
    assert sum(taken) < 1000 * 65536


def message(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def received(messages: list[Any], seconds: float, pause: float) -> int:
    """The bytes that an application behind SlowBodies gets."""

    async def receive() -> Any:
        await asyncio.sleep(pause)
        return messages.pop(0) if messages else await asyncio.Event().wait()

    total = 0

    async def app(_: Any, receive: Any, __: Any) -> None:
        nonlocal total
        more = True
        while more:
            part = await receive()
            total, more = total + len(part["body"]), part["more_body"]

    await SlowBodies(app, seconds)({"type": "http", "method": "POST"}, receive, None)
    return total


def test_a_body_that_stalls_is_ended(run):
    with pytest.raises(BodyTooSlow):
        run(received([message(b"x", True)], 0.1, 0.0))


def test_a_body_that_drips_is_ended(run):
    with pytest.raises(BodyTooSlow):
        run(received([*[message(b"x", True)] * 50, message(b"", False)], 0.1, 0.02))


def test_a_large_body_may_take_longer_than_a_pause(run):
    assert run(received([*[message(b"x" * 4096, True)] * 10, message(b"", False)], 0.1, 0.03)) == 40960


def test_a_stalled_body_is_a_408_with_an_outcome_and_ends_the_connection(client_of):
    async def receive() -> Any:
        return await asyncio.Event().wait()

    head, body = client_of(receive)
    assert head["status"] == 408
    assert (b"connection", b"close") in head["headers"]
    assert json.loads(body)["issue"][0]["code"] == "timeout"


@pytest.fixture
def client_of(run, definitions, tmp_path):
    """The answer of the whole application to a POST of a Patient whose body comes by this `receive`."""
    from fhir_server.app import application
    from fhir_server.assembly import put_together
    from fhir_server.settings import Settings
    from fhir_server.store.opening import open_store

    settings = Settings(data=tmp_path, receive_seconds=0.1)
    store = run(open_store(settings.database))
    app = application(put_together(definitions, store, settings), settings)

    def ask(receive: Any) -> tuple[Any, bytes]:
        taken: list[Any] = []

        async def send(message: Any) -> None:
            taken.append(message)

        headers = [(b"content-type", b"application/fhir+json")]
        scope = {"type": "http", "method": "POST", "path": "/fhir/Patient", "query_string": b"", "headers": headers}
        scope |= {"scheme": "http", "server": ("testserver", 80)}
        run(app(scope, receive, send))
        return taken[0], b"".join(part.get("body", b"") for part in taken[1:])

    yield ask
    run(store.close())
