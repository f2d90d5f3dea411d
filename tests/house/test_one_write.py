"""Answers arrive whole, whatever their kind, though head and body leave together."""

from __future__ import annotations

import asyncio
import threading
import time

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.server import ServerState

from fhir_server.one_write import OneWriteProtocol
from tests.patience import PATIENCE


class Transport(asyncio.Transport):
    """Keeps what is written; a call is a system call."""

    def __init__(self):
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def written(application, request: bytes) -> list[bytes]:
    """What is written in answer to one request, a call at a time, without the date."""

    async def answered() -> list[bytes]:
        config = uvicorn.Config(application, log_config=None, lifespan="off", http=OneWriteProtocol, proxy_headers=False)
        config.load()
        state, transport = ServerState(), Transport()
        protocol = OneWriteProtocol(config, state, {})
        protocol.connection_made(transport)
        protocol.data_received(request)
        await asyncio.gather(*state.tasks)
        protocol.connection_lost(None)
        return transport.writes

    return asyncio.run(answered())


def application(status: int, headers: list[tuple[bytes, bytes]], *bodies: bytes):
    """Answers so, whatever is asked."""

    async def answer(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, body in enumerate(bodies, 1):
            await send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})

    return answer


def get(method: str = "GET", *headers: str) -> bytes:
    return "\r\n".join([f"{method} / HTTP/1.1", "Host: here", *headers, "", ""]).encode()


TWO = (b"content-length", b"2")


def test_head_and_body_are_one_write():
    assert written(application(200, [(b"etag", b"1"), TWO], b"ok"), get()) == [b"HTTP/1.1 200 OK\r\netag: 1\r\ncontent-length: 2\r\n\r\nok"]


@pytest.mark.parametrize(
    ("method", "status", "headers"),
    [("HEAD", 200, [TWO]), ("GET", 204, []), ("GET", 304, [(b"etag", b"1")])],
    ids=["of HEAD", "no content", "not modified"],
)
def test_a_head_alone_is_one_write(method, status, headers):
    (one,) = written(application(status, headers, b""), get(method))
    assert one.startswith(b"HTTP/1.1 %d " % status)
    assert one.endswith(b"\r\n\r\n")
    assert all(b"\r\n%b: %b\r\n" % header in one for header in headers)


@pytest.mark.parametrize(
    ("headers", "bodies", "asked", "expected"),
    [
        ([], (b"a", b"b"), (), b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"),
        ([TWO], (b"a", b"b"), (), b"content-length: 2\r\n\r\nab"),
        ([], (b"ok",), (), b"transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ([TWO], (b"ok",), ("Connection: close",), b"content-length: 2\r\nconnection: close\r\n\r\nok"),
        ([TWO, (b"connection", b"close")], (b"ok",), (), b"content-length: 2\r\nconnection: close\r\n\r\nok"),
        ([(b"Content-Length", b"2")], (b"ok",), (), b"content-length: 2\r\n\r\nok"),
    ],
    ids=["a stream", "a stream of known length", "no length", "the client's last request", "the application's last answer", "capitals"],
)
def test_what_is_sent_in_another_way_is_left_to_uvicorn(headers, bodies, asked, expected):
    assert b"".join(written(application(200, headers, *bodies), get("GET", *asked))) == b"HTTP/1.1 200 OK\r\n" + expected


@pytest.mark.parametrize(
    "headers",
    [[(b"etag", b"1\r\nset-cookie: a")], [(b"etag", b"1\n")], [(b"etag", b"\0")], [(b"e tag", b"1")], [(b"etag\r\nx", b"1")]],
    ids=["two lines in a value", "a line feed", "a zero", "a blank in a name", "two lines in a name"],
)
def test_no_header_brings_another_with_it(headers):
    assert written(application(200, [*headers, TWO], b"ok"), get()) == []


def test_a_body_that_is_not_of_its_length_does_not_pass_for_whole():
    assert b"".join(written(application(200, [TWO], b"o"), get())).endswith(b"content-length: 2\r\n\r\no")  # and the connection is closed


def test_bytes_of_an_answer_that_comes_to_nothing_are_not_sent_before_the_error():
    async def failing(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    assert written(failing, get())[0].startswith(b"HTTP/1.1 500 ")


async def whole(_):
    return PlainTextResponse("HTTP/1.1 is what this body begins with\r\n\r\n")


async def nothing(_):
    return Response(status_code=204)


async def streamed(_):
    async def parts():
        for part in ("one", "two"):
            yield part
            await asyncio.sleep(0)

    return StreamingResponse(parts())


async def broken(_):
    raise RuntimeError


@pytest.fixture(scope="module")
def base():
    routes = [Route("/whole", whole), Route("/nothing", nothing), Route("/streamed", streamed), Route("/broken", broken)]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_config=None, lifespan="off", http=OneWriteProtocol)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_answers_of_all_kinds_come_one_after_the_other_on_one_connection(base):
    with httpx.Client(base_url=base, timeout=PATIENCE) as client:
        for _ in range(2):
            assert client.get("/whole").text.startswith("HTTP/1.1 is")
            assert client.head("/whole").headers["content-length"] == "42"
            assert client.get("/nothing").status_code == 204
            assert client.get("/streamed").text == "onetwo"
            assert client.get("/nowhere").status_code == 404


def test_an_answer_that_ends_in_an_error_arrives_too(base):
    assert httpx.get(f"{base}/broken", timeout=PATIENCE).status_code == 500  # uvicorn closes the connection behind it
