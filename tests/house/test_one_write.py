"""Answers arrive whole, whatever their kind, though head and body leave together."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from fhir_server.one_write import OneWriteProtocol, _HeldHead


class Written:
    def __init__(self):
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.writes.append(b"(closed)")


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (lambda held: (held.write(HEAD), held.write(b"ok")), [HEAD + b"ok"]),
        (lambda held: (held.write(HEAD), held.flush(), held.flush()), [HEAD]),
        (lambda held: (held.write(HEAD), held.close()), [HEAD, b"(closed)"]),
        (lambda held: held.write(b"HTTP/1.1 100 Continue\r\n\r\n"), [b"HTTP/1.1 100 Continue\r\n\r\n"]),
        (lambda held: (held.write(HEAD), held.write(b"a"), held.write(b"b")), [HEAD + b"a", b"b"]),
    ],
    ids=["head and body", "a head alone when complete", "a head alone at the end", "an interim answer", "a stream"],
)
def test_a_head_waits_for_what_follows_and_no_longer(steps, expected):
    transport = Written()
    steps(_HeldHead(transport))
    assert transport.writes == expected


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
        pass
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_answers_of_all_kinds_come_one_after_the_other_on_one_connection(base):
    with httpx.Client(base_url=base, timeout=5) as client:
        for _ in range(2):
            assert client.get("/whole").text.startswith("HTTP/1.1 is")
            assert client.head("/whole").headers["content-length"] == "42"
            assert client.get("/nothing").status_code == 204
            assert client.get("/streamed").text == "onetwo"
            assert client.get("/nowhere").status_code == 404


def test_an_answer_that_ends_in_an_error_arrives_too(base):
    assert httpx.get(f"{base}/broken", timeout=5).status_code == 500  # uvicorn closes the connection behind it
