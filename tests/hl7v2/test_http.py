"""HL7 v2 over HTTP: one message a request, the same intake as MLLP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.http import hl7v2_route
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.reception import Reception
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
HL7 = {"content-type": "application/hl7-v2; charset=UTF-8"}


@pytest.fixture
def post(intake: Intake, interpreter: AdtInterpreter) -> Callable[..., httpx.Response]:
    async def identify(request: Request) -> Peer | Response:
        return PlainTextResponse("Who are you?", 401) if "x-nobody" in request.headers else Peer("192.0.2.1")

    reception = Reception(intake, interpreter)
    application = Starlette(routes=[hl7v2_route(reception.receive, reception.oversized, identify, 20_000)])

    def ask(content: bytes, headers: dict[str, str] = HL7, method: str = "POST") -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                answer = await client.request(method, "/hl7v2", content=content, headers=headers)
            await intake.drain()
            return answer

        return asyncio.run(run())

    return ask


def test_a_message_is_answered_with_its_acknowledgement(
    post: Callable[..., httpx.Response], message: Read, endpoint: MemoryEndpoint
) -> None:
    answer = post(message("a01_admission"))
    assert (answer.status_code, acknowledgement_code(answer.content)) == (200, "AA")
    assert answer.headers["content-type"] == "application/hl7-v2; charset=UTF-8"
    assert endpoint.inbox.rows[0].raw == message("a01_admission")


def test_the_older_content_type_is_taken_and_answered_in_kind(post: Callable[..., httpx.Response], message: Read) -> None:
    answer = post(message("a03_sortie_domicile"), {"content-type": "x-application/hl7-v2+er7"})
    assert acknowledgement_code(answer.content) == "AA"
    assert answer.headers["content-type"] == "x-application/hl7-v2+er7; charset=ISO-8859-15"


@pytest.mark.parametrize(("old", "new", "code"), [(b"|19400517|", b"|19401317|", "AE"), (b"ADT^A01", b"ADT^Z01", "AR")])
def test_a_refusal_is_an_acknowledgement_too(old: bytes, new: bytes, code: str, post: Callable[..., httpx.Response], message: Read) -> None:
    answer = post(message("a01_admission", (old, new)))
    assert (answer.status_code, acknowledgement_code(answer.content)) == (200, code)


def test_who_asks_for_no_acknowledgement_gets_none(post: Callable[..., httpx.Response], message: Read, endpoint: MemoryEndpoint) -> None:
    raw = message("a01_admission", (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||NE|NE|FRA"))
    assert (post(raw).status_code, post(raw).content) == (204, b"")
    assert endpoint.inbox.rows[0].status == "processed"


@pytest.mark.parametrize(
    ("headers", "method", "size", "status"),
    [
        ({"content-type": "application/json"}, "POST", 1, 415),
        ({"content-type": "application/hl7-v2+xml"}, "POST", 1, 415),
        ({}, "POST", 1, 415),
        ({**HL7, "content-encoding": "gzip"}, "POST", 1, 415),
        (HL7, "GET", 1, 405),
        ({**HL7, "x-nobody": "1"}, "POST", 1, 401),
    ],
)
def test_what_is_no_message_for_here_is_refused_before_it_is_kept(
    headers: dict[str, str], method: str, size: int, status: int, post: Callable[..., httpx.Response], endpoint: MemoryEndpoint
) -> None:
    assert post(b"x" * size, headers, method).status_code == status
    assert endpoint.inbox.rows == []


@pytest.mark.parametrize("length", [{}, {"transfer-encoding": "chunked"}, {"content-length": "900000"}])
def test_of_a_message_that_is_too_large_the_beginning_is_kept(
    length: dict[str, str], post: Callable[..., httpx.Response], message: Read, endpoint: MemoryEndpoint
) -> None:
    large = message("a01_admission") + b"NTE|1||" + b"x" * 20_001
    answer = post(large, {**HL7, **length})
    assert (answer.status_code, "send it in parts" in answer.text) == (413, True)
    (row,) = endpoint.inbox.rows
    assert (row.key, row.raw, row.status) == ("M0001", large[:20_000], "failed")
    assert row.size == int(length.get("content-length", len(large)))
