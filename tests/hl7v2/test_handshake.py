"""A TLS handshake that the MLLP listener refuses leaves one line in the log and a count, on both event loops, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from adapters.exchange.answer import Answer
from adapters.hl7v2.client import send
from adapters.hl7v2.handshake import NO_CERTIFICATE, Refusals, reason_of
from adapters.hl7v2.mllp import frame
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from adapters.hl7v2.tls import client_context, server_context
from fhir_server.model.issue import FhirError
from tests.certificates import Authority
from tests.patience import PATIENCE

MESSAGE = b"MSH|^~\\&|||||||ADT^A01|1\r"


class Site:
    """A listener that asks for certificates, and those who knock."""

    def __init__(self, folder: Path):
        self.authority, self.stranger = Authority(folder), Authority(folder, "stranger")
        shown = self.authority.certified("listener")
        self.tls = server_context(shown.certificate, shown.key, self.authority.file)

    def client(self, of: Authority | None, trusts: Authority | None = None) -> ssl.SSLContext:
        own = of.certified("sender") if of else None
        return client_context((trusts or self.authority).file, *((own.certificate, own.key) if own else ()))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


async def answered(message: bytes, _: Peer) -> Answer:
    return Answer(b"MSH|^~\\&|||||||ACK\rMSA|AA|1\r")


def knocked(site: Site, knock: Callable[[int], Awaitable[Any]], loop: Callable[[], Any], times: int = 1) -> list[str]:
    """The reasons that were counted; afterwards a good sender is served as ever."""
    counted: list[str] = []

    async def run() -> None:
        server = MllpServer(answered, port=0, tls=site.tls, refusals=Refusals(counted.append))
        await server.start()
        try:
            for _ in range(times):
                with pytest.raises((FhirError, OSError, asyncio.IncompleteReadError)):
                    await knock(server.port)
            async with asyncio.timeout(PATIENCE):
                while len(counted) < times:  # noqa: ASYNC110 - counted by the listener, which tells nobody
                    await asyncio.sleep(0.01)
            assert b"MSA|AA" in await send(MESSAGE, port=server.port, patience=PATIENCE, tls=site.client(site.authority))
        finally:
            await server.stop(grace=2)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())
    return counted


async def in_the_clear(port: int, text: bytes = frame(MESSAGE)) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(text)
        await asyncio.wait_for(reader.readexactly(1000), PATIENCE)
    finally:
        writer.close()


async def only_a_probe(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    raise OSError


def by_tls(context: Callable[[Site], ssl.SSLContext]) -> Callable[[Site], Callable[[int], Awaitable[Any]]]:
    return lambda site: lambda port: send(MESSAGE, port=port, patience=PATIENCE, tls=context(site))


KNOCKS: list[tuple[Callable[[Site], Callable[[int], Awaitable[Any]]], str, str]] = [
    (by_tls(lambda site: site.client(None)), "no_certificate", "mllp_client_authorities"),
    (by_tls(lambda site: site.client(site.stranger)), "untrusted_certificate", "unable to get local issuer certificate"),
    (by_tls(lambda site: site.client(site.authority, trusts=site.stranger)), "ended", "does not trust us"),
    (lambda _: in_the_clear, "no_tls", "speak TLS"),
    (lambda _: lambda port: in_the_clear(port, b"GET / HTTP/1.1\r\n\r\n"), "no_tls", "speak TLS"),
    (lambda _: only_a_probe, "ended", "a probe"),
]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize(("knock", "reason", "says"), KNOCKS)
def test_a_refused_handshake_leaves_one_line_and_a_count(
    site: Site, knock: Callable[[Site], Any], reason: str, says: str, loop: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert knocked(site, knock(site), loop, times=3) == [reason] * 3
    (line,) = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert line.startswith("TLS with 127.0.0.1 refused: ")
    assert says in line
    assert "MSH" not in line


def test_a_flood_is_counted_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[str] = []
    now = [0.0]
    refusals = Refusals(counted.append, clock=lambda: now[0], seconds=60, most=3)
    for at in range(1000):
        refusals.refused(f"10.0.0.{at % 250}", ConnectionResetError())
    assert (len(counted), len(caplog.records)) == (1000, 3)
    now[0] = 60.0
    refusals.refused("10.0.0.9", ConnectionResetError())
    assert caplog.records[-1].getMessage().endswith("; 997 more were refused and not told")
    assert len(caplog.records) == 4


def test_one_reason_does_not_hide_another_and_the_clock_starts_anew(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    refusals = Refusals(clock=lambda: now[0])
    without = ssl.SSLError(1, "x")
    without.reason = "PEER_DID_NOT_RETURN_A_CERTIFICATE"
    for moment in (0, 1, 59.9, 60, 61):
        now[0] = moment
        refusals.refused("10.0.0.1", without)
        refusals.refused("10.0.0.1", TimeoutError())
    assert reason_of(without) is NO_CERTIFICATE
    assert [one.getMessage().count("within 10 seconds") for one in caplog.records] == [0, 1, 0, 1]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_stop_does_not_wait_for_who_never_shakes_hands(site: Site, loop: Callable[[], Any]) -> None:
    async def run() -> None:
        server = MllpServer(answered, port=0, tls=site.tls)
        await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.sleep(0.1)
        await server.stop(grace=2)
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())
