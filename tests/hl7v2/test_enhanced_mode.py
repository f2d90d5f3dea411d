"""The application acknowledgement of enhanced mode on the sender's own connection (HL7 2.5, 2.9.3.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.exchange.answer import Answer
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import MllpClient, Place
from adapters.hl7v2.listener import hl7v2_listener
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import frame
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from fhir_server.model.issue import Category
from tests.hl7v2.test_server import exchange, serving
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
PLAIN = b"2.5^FRA^2.11|||||FRA"


def asking(accept: bytes, application: bytes) -> tuple[bytes, bytes]:
    return PLAIN, b"2.5^FRA^2.11|||" + accept + b"|" + application + b"|FRA"


def answers(*messages: bytes, endpoint: MemoryEndpoint | None = None, close: bool = True) -> list[tuple[str, str]]:
    """MSA-1 and MSA-2 of all that comes back."""
    there = endpoint or MemoryEndpoint()

    async def run() -> list[bytes]:
        async with hl7v2_listener(there, there.inbox, port=0) as server:
            return await exchange(server.port, b"".join(map(frame, messages)))

    return [(acknowledgement_code(one), Message.parse(one).text("MSA", 2)) for one in asyncio.run(run())]


@pytest.mark.parametrize(
    ("accept", "application", "good", "bad"),
    [
        (b"AL", b"AL", ["CA", "AA"], ["CA", "AE"]),
        (b"AL", b"ER", ["CA"], ["CA", "AE"]),
        (b"AL", b"SU", ["CA", "AA"], ["CA"]),
        (b"AL", b"NE", ["CA"], ["CA"]),
        (b"SU", b"AL", ["CA", "AA"], ["CA", "AE"]),
        (b"ER", b"AL", ["AA"], ["AE"]),
        (b"NE", b"ER", [], ["AE"]),
    ],
)
def test_both_acknowledgements_come_as_they_are_asked_for(
    accept: bytes, application: bytes, good: list[str], bad: list[str], message: Read
) -> None:
    assert answers(message("a01_admission", asking(accept, application))) == [(code, "M0001") for code in good]
    wrong = message("a01_admission", asking(accept, application), (b"|19400517|", b"|19401317|"))
    assert answers(wrong) == [(code, "M0001") for code in bad]


def test_each_application_acknowledgement_names_its_message_and_comes_after_the_accept_acknowledgement(message: Read) -> None:
    first = message("a01_admission", asking(b"AL", b"AL"))
    came = answers(first, first.replace(b"|M0001|", b"|M0002|"))
    assert sorted(came) == [("AA", "M0001"), ("AA", "M0002"), ("CA", "M0001"), ("CA", "M0002")]
    for number in ("M0001", "M0002"):
        assert came.index(("CA", number)) < came.index(("AA", number))


def test_who_missed_the_application_acknowledgement_gets_it_by_sending_again(message: Read) -> None:
    endpoint, raw = MemoryEndpoint(), message("a01_admission", asking(b"AL", b"AL"))
    assert answers(raw, endpoint=endpoint) == answers(raw, endpoint=endpoint) == [("CA", "M0001"), ("AA", "M0001")]
    assert len(endpoint.transactions) == 1


def test_a_message_that_could_not_be_kept_is_answered_ce_and_nothing_follows(message: Read) -> None:
    endpoint = MemoryEndpoint()

    async def run() -> list[bytes]:
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
            endpoint.inbox.broken = Category.STORAGE
            return await exchange(server.port, frame(message("a01_admission", asking(b"AL", b"AL"))))

    (reply,) = asyncio.run(run())
    assert acknowledgement_code(reply) == "CE"
    assert b"|retry|" in reply


def test_a_sender_that_leaves_before_it_disturbs_nobody(message: Read) -> None:
    endpoint = MemoryEndpoint()

    async def run() -> list[bytes]:
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(frame(message("a01_admission", asking(b"AL", b"AL"))))
            await writer.drain()
            writer.transport.abort()
            return await exchange(server.port, frame(message("a03_sortie_domicile")))

    assert [acknowledgement_code(one) for one in asyncio.run(run())] == ["AA"]


def test_a_stop_does_not_wait_for_what_cannot_be_applied_yet() -> None:
    kept = asyncio.Event()

    async def never(content: bytes, _: Peer) -> Answer:
        kept.set()
        return Answer(b"kept", asyncio.get_running_loop().create_future())

    async def run(server: MllpServer) -> list[bytes]:
        talk = asyncio.create_task(exchange(server.port, frame(b"1"), close=False))
        await kept.wait()
        await server.stop(grace=5)
        return await talk

    assert serving(run, handler=never) == [b"kept"]


def test_the_client_waits_for_the_application_acknowledgement_where_it_is_asked_to(message: Read) -> None:
    endpoint, raw = MemoryEndpoint(), message("a01_admission", asking(b"AL", b"AL"))

    async def run() -> list[str]:
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0) as server:
            client = MllpClient(Place(port=server.port), 5)
            both = [await client.exchange_all(raw), await client.exchange(raw), await client.exchange_all(raw.replace(b"M0001", b"M2"))]
            await client.close()
            return [acknowledgement_code(one) for one in both]

    assert asyncio.run(run()) == ["AA", "CA", "AA"]
