"""The MLLP client: a connection that is kept, the right answer to each message, and every failure one that may be tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.exchange.answer import Answer
from adapters.hl7v2.client import MllpClient, Place
from adapters.hl7v2.mllp import frame
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from fhir_server.model.issue import Category, FhirError
from tests.hl7v2.test_server import serving

Scene = Callable[[MllpClient, MllpServer], Awaitable[Any]]


def message(number: int) -> bytes:
    return b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|%d|P|2.5\r" % number


def answer(number: object, code: str = "AA") -> bytes:
    return f"MSH|^~\\&|C|D|A|B|20260101||ACK|x{number}|P|2.5\rMSA|{code}|{number}\r".encode()


def number_of(raw: bytes) -> int:
    return int(raw.split(b"|")[9])


async def accept(raw: bytes, _: Peer) -> Answer:
    return Answer(answer(number_of(raw)))


def with_client(scene: Scene, handler: Any = accept, patience: float = 5, **options: Any) -> Any:
    async def run(server: MllpServer) -> Any:
        client = MllpClient(Place(port=server.port), patience)
        try:
            return await scene(client, server)
        finally:
            await client.close()

    return serving(run, handler=handler, **options)


def test_one_connection_serves_many_messages() -> None:
    ports: set[int] = set()

    async def scene(client: MllpClient, server: MllpServer) -> list[bytes]:
        replies = [await client.exchange(message(number)) for number in range(3)]
        ports.update(connection._writer.get_extra_info("peername")[1] for connection in server._open.values())
        return replies

    assert with_client(scene) == [answer(number) for number in range(3)]
    assert len(ports) == 1


def test_messages_that_are_given_at_once_go_one_by_one_in_their_order() -> None:
    order: list[int] = []

    async def slow(raw: bytes, peer: Peer) -> Answer:
        order.append(number_of(raw))
        await asyncio.sleep(0.01)
        return await accept(raw, peer)

    async def scene(client: MllpClient, _: MllpServer) -> list[bytes]:
        return list(await asyncio.gather(*(client.exchange(message(number)) for number in range(5))))

    assert with_client(scene, slow) == [answer(number) for number in range(5)]
    assert order == list(range(5))


def test_a_connection_that_the_partner_ended_is_made_anew() -> None:
    async def scene(client: MllpClient, server: MllpServer) -> list[bytes]:
        first = await client.exchange(message(1))
        assert client._line is not None
        while server._open or not client._line._reader.at_eof():  # noqa: ASYNC110 - neither side tells that it was closed
            await asyncio.sleep(0.01)
        return [first, await client.exchange(message(2))]

    assert with_client(scene, idle=0.5) == [answer(1), answer(2)]


def test_a_late_answer_is_never_taken_for_the_next_messages() -> None:
    given_up = asyncio.Event()

    async def late(raw: bytes, peer: Peer) -> Answer:
        if number_of(raw) == 1:
            await given_up.wait()
        return await accept(raw, peer)

    async def scene(client: MllpClient, _: MllpServer) -> bytes:
        with pytest.raises(FhirError, match=r"No answer.*may be sent again") as caught:
            await client.exchange(message(1))
        assert caught.value.category is Category.BUSY
        given_up.set()
        client.patience = 30
        return await client.exchange(message(2))

    assert with_client(scene, late, patience=0.1) == answer(2)


def test_answers_to_other_messages_are_left_out() -> None:
    async def twice(raw: bytes, peer: Peer) -> Answer:
        other = answer(number_of(raw) - 1)
        return Answer(other + b"\x1c\r" + b"\x0b" + answer(number_of(raw)))  # two frames: the first is of another message

    async def scene(client: MllpClient, _: MllpServer) -> list[bytes]:
        return [await client.exchange(message(number)) for number in (5, 6)]

    assert with_client(scene, twice) == [answer(5), answer(6)]


def test_an_answer_that_names_no_message_is_taken() -> None:
    async def nameless(raw: bytes, peer: Peer) -> Answer:
        return Answer(answer(""))

    async def scene(client: MllpClient, _: MllpServer) -> bytes:
        return await client.exchange(message(1))

    assert with_client(scene, nameless) == answer("")


def test_a_partner_that_hangs_up_or_is_not_there_may_be_tried_again() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(frame(answer(1))[:9])
        writer.close()

    async def run() -> list[Category]:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        client = MllpClient(Place(port=server.sockets[0].getsockname()[1]), 5)
        categories = []
        for close in (False, True):
            if close:
                server.close()
                await server.wait_closed()
            with pytest.raises(FhirError) as caught:
                await client.exchange(message(1))
            categories.append(caught.value.category)
        return categories

    assert asyncio.run(run()) == [Category.BUSY, Category.BUSY]


def test_a_message_that_asks_for_no_answer_waits_for_none() -> None:
    async def silent(raw: bytes, peer: Peer) -> Answer:
        return Answer(None)

    async def scene(client: MllpClient, _: MllpServer) -> bytes:
        return await client.exchange(message(1).replace(b"|2.5\r", b"|2.5|||NE|NE\r"))

    assert with_client(scene, silent) == b""
