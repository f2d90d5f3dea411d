"""Messages sent over real connections: only addresses that were checked are connected to, under the destination's own name."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.security.outgoing import Outgoing
from fhir_server.security.sending import Sending
from tests.security.local_server import local_server, reply

INSIDE = ("127.0.0.0/8",)


def sent(url: str, addresses: list[str], networks: tuple[str, ...] = INSIDE, tls: Any = True, path: str = "") -> Any:
    """The answer to one message sent to a name that has these addresses."""

    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    async def send() -> Any:
        sending = Sending(Outgoing((url,), networks), url, tls, resolve)
        try:
            return await sending.send("POST", url + path, {"X-Kept": "as written"}, b"{}")
        finally:
            await sending.close()

    return asyncio.run(send())


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["10.1.2.3"]])
def test_a_name_that_leads_inside_is_not_sent_to(addresses):
    asked: list[bytes] = []
    with local_server(lambda head: asked.append(head) or reply(b"secret")) as port, pytest.raises(FhirError) as refused:
        sent(f"http://good.example:{port}/", addresses, ())
    assert refused.value.category is Category.FORBIDDEN
    assert asked == []


def test_the_next_address_is_tried_where_one_does_not_answer_and_the_name_is_told():
    asked: list[bytes] = []
    with local_server(lambda head: asked.append(head) or reply(b"here")) as port:
        answer = sent(f"http://good.example:{port}/", ["127.0.0.2", "127.0.0.1"], path='a%20b?c="d"')
    assert (answer.status, answer.body) == (200, b"here")
    first, *fields = asked[0].decode().split("\r\n")
    assert first == "POST /a%20b?c=%22d%22 HTTP/1.1"
    expected = {f"host: good.example:{port}", "x-kept: as written", "content-length: 2", "accept-encoding: identity"}
    assert expected <= set(fields)


@pytest.mark.parametrize("addresses", [[], ["127.0.0.1"]])
def test_a_name_without_an_address_and_one_where_nobody_answers_are_told(addresses):
    with pytest.raises(FhirError) as told:
        sent("http://good.example:1/", addresses)
    assert told.value.category is Category.BUSY


def test_an_answer_that_is_packed_is_none():
    packed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nxx"
    with local_server(lambda _: packed) as port, pytest.raises(FhirError, match="packed"):
        sent(f"http://good.example:{port}/", ["127.0.0.1"])


@pytest.mark.parametrize(("name", "is_trusted"), [("good.example", True), ("other.example", False)])
def test_a_certificate_is_checked_for_the_name_not_for_the_address(certificate, name, is_trusted):
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*certificate)
    names: list[str | None] = []
    serving.sni_callback = lambda _, server_name, __: names.append(server_name)
    trust = ssl.create_default_context(cafile=certificate[0])
    with local_server(lambda _: reply(b"secured"), serving) as port:
        if is_trusted:
            assert sent(f"https://{name}:{port}/", ["127.0.0.1"], tls=trust).body == b"secured"
        else:
            with pytest.raises(FhirError, match=r"(?i)certificate"):
                sent(f"https://{name}:{port}/", ["127.0.0.1"], tls=trust)
    assert names == [name]
