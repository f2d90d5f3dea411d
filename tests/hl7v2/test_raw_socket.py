"""What a plain socket may do to the listener: each message that came whole is stored once and answered by its number, all else is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.listener import hl7v2_listener
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import frame
from tests.hl7v2.test_server import exchange
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def large(raw: bytes) -> bytes:
    """The message with a note of a megabyte, which no map reads."""
    return raw + b"NTE|1||" + b"texte " * (1024 * 1024 // 6) + b"\r"


@pytest.fixture
def first(message: Read) -> bytes:
    return message("a01_admission")


@pytest.fixture
def second(message: Read) -> bytes:
    return message("a03_sortie_domicile")


WAYS: dict[str, Callable[[bytes, bytes], list[bytes]]] = {
    "whole": lambda one, two: [frame(one), frame(two)],
    "in pieces of seven bytes": lambda one, two: in_pieces(frame(one) + frame(two), 7),
    "two in one write": lambda one, two: [frame(one) + frame(two)],
    "line ends around": lambda one, two: [b"\r\n" + frame(one) + b"\r\n\r\n" + frame(two) + b"\n"],
    "the last byte later": lambda one, two: [frame(one)[:-1], frame(one)[-1:], frame(two)],
    "half a frame and then a new start": lambda one, two: [frame(one)[:200], frame(one) + frame(two)],
    "noise between": lambda one, two: [frame(one) + b"GET / HTTP/1.1\r\n\r\n" + frame(two)],
    "the end of the second is cut off": lambda one, two: [frame(one), frame(two), frame(two.replace(b"|M", b"|X"))[:-9]],
    "no CR after FS": lambda one, two: [frame(one)[:-1] + frame(two)],
    "a megabyte": lambda one, two: in_pieces(frame(large(one)) + frame(two), 65_536),
}


@pytest.mark.parametrize("way", WAYS)
def test_two_messages_are_stored_once_and_answered_in_order(way: str, first: bytes, second: bytes) -> None:
    endpoint = MemoryEndpoint()

    async def run() -> list[bytes]:
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
            return await exchange(server.port, *WAYS[way](first, second))

    answers = [(acknowledgement_code(one), Message.parse(one).text("MSA", 2)) for one in asyncio.run(run())]
    numbers = [Message.parse(raw).text("MSH", 10) for raw in (first, second)]
    assert answers == [("AA", number) for number in numbers]
    assert [row.raw for row in endpoint.inbox.rows] == [large(first) if way == "a megabyte" else first, second]
