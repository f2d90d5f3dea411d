"""MLLP over TLS, with a certificate of one side or of both."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.answer import Answer
from adapters.hl7v2.client import send
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from adapters.hl7v2.tls import client_context, server_context
from fhir_server.model.issue import FhirError
from tests.certificates import Authority, Certified


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def shown(authority: Authority) -> Certified:
    return authority.certified("listener")


def sent(listener: ssl.SSLContext, sender: ssl.SSLContext | None, **more: Any) -> tuple[bytes, list[Peer]]:
    """The answer, and who the listener thinks has sent."""
    peers: list[Peer] = []

    async def handler(message: bytes, peer: Peer) -> Answer:
        peers.append(peer)
        return Answer(b"MSH|^~\\&|||||||ACK\rMSA|AA|1\r")

    async def run() -> bytes:
        server = MllpServer(handler, port=0, tls=listener)
        await server.start()
        try:
            return await send(b"MSH|^~\\&|||||||ADT^A01|1\r", port=server.port, patience=5, tls=sender, **more)
        finally:
            await server.stop(grace=2)

    return asyncio.run(run()), peers


def test_messages_go_over_tls_to_who_trusts_the_listener(authority: Authority, shown: Certified) -> None:
    answer, (peer,) = sent(server_context(shown.certificate, shown.key), client_context(authority.file))
    assert b"MSA|AA" in answer
    assert peer == Peer("127.0.0.1")


def test_who_does_not_trust_the_listener_sends_nothing(shown: Certified, tmp_path: Path) -> None:
    with pytest.raises(FhirError, match=r"No MLLP connection.*self-signed|No MLLP connection.*unable to get local issuer"):
        sent(server_context(shown.certificate, shown.key), client_context(Authority(tmp_path, "another").file))


def test_nothing_is_taken_in_the_clear(shown: Certified) -> None:
    with pytest.raises(FhirError, match=r"may be sent again|No MLLP connection"):
        sent(server_context(shown.certificate, shown.key), None)


def test_the_listener_knows_the_certificate_that_a_sender_shows(authority: Authority, shown: Certified) -> None:
    sender = authority.certified("hospital")
    listener = server_context(shown.certificate, shown.key, authority.file)
    _, (peer,) = sent(listener, client_context(authority.file, sender.certificate, sender.key))
    assert peer == Peer("127.0.0.1", sender.fingerprint)


@pytest.mark.parametrize("of", [None, "a stranger"])
def test_who_shows_no_certificate_of_the_authorities_is_not_let_in(
    of: str | None, authority: Authority, shown: Certified, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger").certified("sender") if of else None
    sender = client_context(authority.file, *((stranger.certificate, stranger.key) if stranger else ()))
    with pytest.raises(FhirError, match=r"No MLLP connection|before an answer came"):
        sent(server_context(shown.certificate, shown.key, authority.file), sender)


def test_tls_before_1_2_is_not_spoken(shown: Certified) -> None:
    assert server_context(shown.certificate, shown.key).minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    "make",
    [
        lambda there, gone: server_context(gone, there),
        lambda there, gone: server_context(there, gone),
        lambda there, gone: client_context(gone),
        lambda there, gone: client_context(None, there),
    ],
)
def test_a_file_that_cannot_be_used_is_named(make: Callable[[Path, Path], object], tmp_path: Path) -> None:
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    with pytest.raises(FhirError, match=r"\.pem: .*Needed as PEM"):
        make(text, tmp_path / "gone.pem")
