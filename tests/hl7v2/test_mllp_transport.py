"""The engine's messages by MLLP: what each acknowledgement means, which connection a message goes over, what a table may say."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.endpoint import OutboxMessage
from adapters.exchange.answer import Answer as Heard
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from adapters.hl7v2.client import Place
from adapters.hl7v2.listener import hl7v2_listener
from adapters.hl7v2.mllp_transport import MllpTransport, answer_of
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from adapters.hl7v2.tls import server_context
from fhir_server.destinations import Surroundings, destination
from fhir_server.model.issue import FhirError
from fhir_server.security.outgoing import Outgoing
from tests.certificates import Authority
from tests.memory_endpoint import MemoryEndpoint

BODY = b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|7|P|2.5\r"
MESSAGE = OutboxMessage(12, "gam", "key-1", BODY, "application/hl7-v2", "Patient/1", "", "", 0, 0, 1, "me")


def reply(code: str, *errors: str) -> bytes:
    return "\r".join([f"MSH|^~\\&|C|D|A|B|20260101||ACK|X9|P|2.5\rMSA|{code}|7", *errors, ""]).encode()


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (reply("AA"), Receipt("AA X9")),
        (reply("CA"), Receipt("CA X9", delivered=False)),
        (b"", Receipt("sent; no acknowledgement was asked for", delivered=False)),
        (reply("AE", "ERR||PID^1^7|102^x^HL70357|E||||Mr SECRET"), Refused("answered AE 102 PID-7")),
        (reply("AR", "ERR||MSH^1^9^1^2|201|E"), Refused("answered AR 201 MSH-9")),
        (reply("CR"), Refused("answered CR")),
        (reply("AE", "ERR|||207|E||retry"), Later("answered AE 207", unreachable=False)),
        (reply("AE", "ERR||PID^1^3|101|E||retry"), Later("answered AE 101 PID-3", unreachable=False)),
        (reply("AE", "ERR|||206|E"), Later("answered AE 206", unreachable=False)),
        (reply("CE", "ERR|||101|E"), Later("answered CE 101", unreachable=False)),
        (reply("XX"), Later("answered with something that is no acknowledgement")),
        (b"HTTP/1.1 400 Bad Request", Later("answered with something that is no HL7 message")),
    ],
)
def test_what_an_acknowledgement_means(answer: bytes, meaning: Answer) -> None:
    assert answer_of(answer) == meaning


def test_a_message_that_would_break_its_frame_is_refused() -> None:
    transport = MllpTransport(Place(port=9))
    assert isinstance(asyncio.run(transport.deliver(replace(MESSAGE, body=BODY + b"\x1c\r"))), Refused)


def test_one_persons_messages_go_over_one_connection_in_order_and_others_beside_them() -> None:
    seen: dict[int, list[int]] = {}

    async def run() -> list[Answer]:
        async def handler(raw: bytes, peer: Peer) -> Heard:
            await asyncio.sleep(0.001)
            number = int(raw.split(b"|")[9])
            seen.setdefault(number // 100, []).append(number)
            return Heard(reply("AA").replace(b"|7\r", b"|%d\r" % number))

        server = MllpServer(handler, port=0)
        await server.start()
        transport = MllpTransport(Place(port=server.port), connections=3)
        messages = [
            replace(MESSAGE, lane=f"Patient/{person}", body=BODY.replace(b"|7|", b"|%d|" % (100 * person + number)))
            for number in range(5) for person in range(1, 7)
        ]  # fmt: skip
        answers = await asyncio.gather(*map(transport.deliver, messages))
        await transport.close()
        await server.stop(grace=2)
        return list(answers)

    assert asyncio.run(run()) == [Receipt("AA X9")] * 30
    assert seen == {person: [100 * person + number for number in range(5)] for person in range(1, 7)}


def test_a_partner_that_cannot_be_reached_raises_what_the_engine_takes_for_later() -> None:
    with pytest.raises(FhirError, match="No MLLP connection"):
        asyncio.run(MllpTransport(Place(port=9), patience=5).deliver(MESSAGE))


def table(tmp_path: Path, **said: Any) -> Any:
    return destination("gam", {"transport": "mllp", **said}, Surroundings(tmp_path, Outgoing((), ("10.1.0.0/16",))))


def test_a_table_leads_over_tls_with_certificates_of_both_sides_to_the_listener(tmp_path: Path, message: Any) -> None:
    authority, endpoint = Authority(tmp_path), MemoryEndpoint()
    own = authority.certified("listener")
    authority.certified("sender")

    async def run() -> Answer:
        context = server_context(own.certificate, own.key, authority.file)
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0, tls=context) as server:
            said = {
                "host": "127.0.0.1",
                "port": server.port,
                "authorities": "authority.pem",
                "certificate": "sender.pem",
                "key": "sender.key",
            }
            transport = table(tmp_path, **said, at_once=1).transport
            try:
                return await transport.deliver(replace(MESSAGE, body=message("a01_admission")))  # type: ignore[no-any-return]
            finally:
                await transport.close()

    answer = asyncio.run(run())
    assert isinstance(answer, Receipt)
    assert answer.delivered
    assert [row.status for row in endpoint.inbox.rows] == ["processed"]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3"])
def test_what_lies_inside_may_be_reached_in_the_clear(host: str, tmp_path: Path) -> None:
    assert table(tmp_path, host=host, tls=False).rules.seconds == 30


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"host": "192.0.2.1", "tls": False}, "in the clear"),
        ({"host": "gam.example.org", "tls": False}, "in the clear"),
        ({}, "host"),
        ({"host": "x", "port": 0}, "port"),
        ({"host": "x", "authorities": "gone.pem"}, "gone.pem"),
        ({"host": "x", "until": "never"}, "until"),
        ({"host": "x", "unknown": 1}, "unknown"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(said: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, FhirError), match=words):
        table(tmp_path, **said)
