"""The MLLP listener on loopback: many connections, bad frames, limits, a stop that finishes what was begun."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from adapters.exchange.answer import Answer
from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.client import as_sent, send
from adapters.hl7v2.listener import hl7v2_listener, settings_by_sender
from adapters.hl7v2.mllp import Frame, FrameDecoder, frame
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.reception import Reception
from adapters.hl7v2.server import MllpServer
from fhir_server.model.issue import FhirError
from tests.memory_endpoint import MemoryEndpoint
from tests.patience import PATIENCE
from tests.ports import free_port

Read = Callable[..., bytes]


async def echo(content: bytes, _: Peer) -> Answer:
    return Answer(b"got " + content)


async def exchange(port: int, *pieces: bytes, wait: float = 0.0, close: bool = True) -> list[bytes]:
    """What comes back until the server closes, after sending the pieces and closing our side."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(wait)
    if close:
        writer.write_eof()
    received = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    return [event.content for event in FrameDecoder().feed(received) if isinstance(event, Frame)]


def serving(test: Callable[[MllpServer], object], **options: object) -> object:
    async def run() -> object:
        server = MllpServer(options.pop("handler", echo), port=0, **options)  # type: ignore[arg-type]
        await server.start()
        try:
            return await test(server)  # type: ignore[misc]
        finally:
            await server.stop(grace=2)

    return asyncio.run(run())


def test_each_message_gets_its_answer_in_order() -> None:
    assert serving(lambda server: exchange(server.port, frame(b"1") + frame(b"2"), frame(b"3"))) == [b"got 1", b"got 2", b"got 3"]


def test_seven_byte_pieces_and_line_ends_between_frames_are_fine() -> None:
    data = b"\r\n" + frame(b"a message of some length") + b"\r\n" + frame(b"another") + b"\r\n"
    pieces = [data[at : at + 7] for at in range(0, len(data), 7)]
    assert serving(lambda server: exchange(server.port, *pieces, wait=0.001)) == [b"got a message of some length", b"got another"]


def test_half_a_frame_gets_no_answer_and_the_whole_one_after_it_does() -> None:
    assert serving(lambda server: exchange(server.port, b"\x0bhalf", frame(b"whole"))) == [b"got whole"]
    assert serving(lambda server: exchange(server.port, b"\x0bhalf")) == []


def test_many_connections_are_served_at_once() -> None:
    async def many(server: MllpServer) -> list[list[bytes]]:
        return list(await asyncio.gather(*(exchange(server.port, frame(b"%d" % number)) for number in range(50))))

    assert serving(many) == [[b"got %d" % number] for number in range(50)]


def test_more_connections_than_allowed_are_closed() -> None:
    async def crowd(server: MllpServer) -> list[bytes]:
        first, kept = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.sleep(0.05)
        try:
            return await exchange(server.port, frame(b"late"), close=False)
        except ConnectionError:
            return []
        finally:
            kept.close()
            del first

    assert serving(crowd, connections=1) == []


def test_a_silent_connection_is_closed() -> None:
    assert serving(lambda server: exchange(server.port, b"\x0bhalf", close=False), idle=0.05) == []


def test_a_message_over_the_limit_is_refused_by_name_and_the_connection_closed(
    message: Read, intake: Intake, interpreter: AdtInterpreter
) -> None:
    big = frame(message("a01_admission") + b"NTE|" + b"x" * 5000)

    async def run(server: MllpServer) -> list[bytes]:
        return await exchange(server.port, big, close=False)

    (reply,) = serving(run, limit=4000, answer_fault=partial(Reception(intake, interpreter).fault_answer, 4000))  # type: ignore[misc]
    assert acknowledgement_code(reply) == "AR"
    assert b"M0001" in reply


def test_a_stop_lets_the_running_message_finish_and_takes_no_more() -> None:
    begun: list[bytes] = []
    running, may_end = asyncio.Event(), asyncio.Event()

    async def slow(content: bytes, _: Peer) -> Answer:
        begun.append(content)
        running.set()
        await may_end.wait()
        return Answer(b"done " + content)

    async def run(server: MllpServer) -> list[bytes]:
        talk = asyncio.create_task(exchange(server.port, frame(b"1") + frame(b"2"), close=False))
        await running.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        may_end.set()
        await stopping
        return await talk

    assert serving(run, handler=slow) == [b"done 1"]
    assert begun == [b"1"]


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError):
            asyncio.run(MllpServer(echo, port=taken.getsockname()[1]).start())


def test_the_client_sends_one_message_and_returns_its_answer(message: Read) -> None:
    endpoint = MemoryEndpoint()

    async def run() -> bytes:
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
            return await send(as_sent(message("a01_admission").replace(b"\r", b"\n")), port=server.port)

    assert acknowledgement_code(asyncio.run(run())) == "AA"
    assert endpoint.inbox.rows[0].raw == message("a01_admission")


def test_the_client_says_when_nobody_listens_or_nobody_answers() -> None:
    with pytest.raises(FhirError, match="No MLLP connection"):
        asyncio.run(send(b"x", port=free_port()))

    async def never(content: bytes, _: Peer) -> Answer:
        return Answer(None)

    async def run(server: MllpServer) -> None:
        with pytest.raises(FhirError, match="No answer"):
            await send(b"x", port=server.port, patience=0.1)

    serving(run, handler=never)


class TestEnhancedMode:
    """MSH-15 and MSH-16 (table 0155): the accept acknowledgement after the inbox write."""

    @pytest.mark.parametrize(
        ("accept", "apply", "code", "status"),
        [
            (b"AL", b"", "CA", "processed"),
            (b"AL", b"AL", "CA", "processed"),
            (b"SU", b"NE", "CA", "processed"),
            (b"NE", b"AL", "AA", "processed"),
            (b"ER", b"SU", "AA", "processed"),
        ],
    )
    def test_who_asks_for_what_gets_it(self, accept: bytes, apply: bytes, code: str, status: str, message: Read) -> None:
        endpoint = MemoryEndpoint()
        raw = message("a01_admission", (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||" + accept + b"|" + apply + b"|FRA"))

        async def run() -> bytes:
            async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
                return await send(raw, port=server.port)

        assert acknowledgement_code(asyncio.run(run())) == code
        assert endpoint.inbox.rows[0].status == status

    def test_who_asks_for_nothing_gets_nothing_and_is_processed(self, message: Read) -> None:
        endpoint = MemoryEndpoint()
        raw = message("a01_admission", (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||NE|NE|FRA"))

        async def run() -> list[bytes]:
            async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
                return await exchange(server.port, frame(raw))

        assert asyncio.run(run()) == []
        assert endpoint.inbox.rows[0].status == "processed"

    def test_a_content_that_cannot_be_used_is_kept_with_its_error_after_ca(self, message: Read) -> None:
        endpoint = MemoryEndpoint()
        raw = message("a01_admission", (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||AL|NE|FRA"), (b"|19400517|", b"|19401317|"))

        async def run() -> bytes:
            async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
                return await send(raw, port=server.port)

        assert acknowledgement_code(asyncio.run(run())) == "CA"
        assert (endpoint.inbox.rows[0].status, "PID-7" in (endpoint.inbox.rows[0].note or "")) == ("failed", True)


@pytest.mark.parametrize(("named", "zone"), [("REUNION", "Indian/Reunion"), ("REUNION|CHU", "Indian/Reunion"), ("AUTRE", "Europe/Paris")])
def test_a_senders_zone_is_told_by_its_application_with_or_without_its_facility(named: str, zone: str) -> None:
    settings = settings_by_sender(ZoneInfo("Europe/Paris"), {named: ZoneInfo("Indian/Reunion")})
    assert settings("REUNION|CHU").zone.key == zone
