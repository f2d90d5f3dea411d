"""The MLLP listener takes new certificates while it runs, on both event loops."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from adapters.exchange.answer import Answer
from adapters.hl7v2.client import send
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.server import MllpServer
from adapters.hl7v2.tls import client_context, server_context
from adapters.hl7v2.tls_renewal import renewing
from fhir_server.model.issue import FhirError
from tests.certificates import Authority, Certified
from tests.patience import PATIENCE

MESSAGE = b"MSH|^~\\&|||||||ADT^A01|1\r"
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def handler(message: bytes, peer: Peer) -> Answer:
    return Answer(b"MSH|^~\\&|||||||ACK\rMSA|AA|1\r")


def install(made: Certified, folder: Path) -> tuple[Path, Path]:
    """As an operator does: under the same names."""
    return shutil.copy(made.certificate, folder / "chain.pem"), shutil.copy(made.key, folder / "key.pem")


async def taken(port: int, trusted: ssl.SSLContext) -> bool:
    try:
        return b"MSA|AA" in await send(MESSAGE, port=port, patience=PATIENCE, tls=trusted)
    except FhirError:
        return False


async def eventually(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what another machine would see has no event
            await asyncio.sleep(0.05)


async def connected(port: int, trusted: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, ssl=trusted, server_hostname="127.0.0.1")


async def exchanged(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
    reader, writer = connection
    writer.write(b"\x0b" + MESSAGE + b"\x1c\r")
    return await asyncio.wait_for(reader.readuntil(b"\x1c\r"), PATIENCE)


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_new_files_count_for_new_connections_and_open_ones_stay(tmp_path: Path, loop: Any) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new = Authority(tmp_path / "old"), Authority(tmp_path / "new")
    files = install(old.certified("listener"), tmp_path)
    trusting_old, trusting_new = client_context(old.file), client_context(new.file)

    async def scene() -> None:
        server = MllpServer(handler, port=0, tls=server_context(*files))
        await server.start()
        port = server.port
        async with renewing(server, files, lambda: server_context(*files), 0.02):
            open_one = await connected(port, trusting_old)
            assert b"MSA|AA" in await exchanged(open_one)
            install(new.certified("listener"), tmp_path)
            await eventually(lambda: taken(port, trusting_new))
            assert not await taken(port, trusting_old)
            assert b"MSA|AA" in await exchanged(open_one)
            open_one[1].close()
        await server.stop(grace=2)
        assert not await taken(port, trusting_new)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scene())


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_authorities_that_are_taken_away_let_nobody_in(tmp_path: Path, loop: Any) -> None:
    for name in ("ours", "first", "second"):
        (tmp_path / name).mkdir()
    ours, first, second = (Authority(tmp_path / name) for name in ("ours", "first", "second"))
    files = (*install(ours.certified("listener"), tmp_path), Path(shutil.copy(first.file, tmp_path / "authorities.pem")))
    shown = [one.certified("hospital") for one in (first, second)]
    of_first, of_second = (client_context(ours.file, one.certificate, one.key) for one in shown)

    async def scene() -> None:
        server = MllpServer(handler, port=0, tls=server_context(*files))
        await server.start()
        async with renewing(server, files, lambda: server_context(*files), 0.02):
            assert (await taken(server.port, of_first), await taken(server.port, of_second)) == (True, False)
            shutil.copy(second.file, files[2])
            await eventually(lambda: taken(server.port, of_second))
            assert not await taken(server.port, of_first)
        await server.stop(grace=2)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scene())


def test_files_that_cannot_be_used_change_nothing_until_they_can(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new = Authority(tmp_path / "old"), Authority(tmp_path / "new")
    files = install(old.certified("listener"), tmp_path)
    made = new.certified("listener")

    async def told() -> bool:
        return "goes on with those it had" in caplog.text

    async def scene() -> None:
        server = MllpServer(handler, port=0, tls=server_context(*files))
        await server.start()
        async with renewing(server, files, lambda: server_context(*files), 0.02):
            shutil.copy(made.certificate, files[0])  # and not yet its key
            await eventually(told)
            assert await taken(server.port, client_context(old.file))
            shutil.copy(made.key, files[1])
            await eventually(lambda: taken(server.port, client_context(new.file)))
        await server.stop(grace=2)

    asyncio.run(scene())
