"""ADT^A01 messages acknowledged in original mode (the answer comes after the commit), beside decoding frames and storing raw messages."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import uvloop

from adapters.hl7v2.mllp import Frame, FrameDecoder, frame
from benchmarks.measurement import Comparison, Figure
from benchmarks.process import Process, passerelle
from benchmarks.synthetic import admission
from benchmarks.workbench import Workbench
from fhir_server.store.sqlite.connection import connect
from fhir_server.store.sqlite.migration import migrate

SENDERS = 4
FLOOR = "frame decoded, raw message committed"
_INSERT = "INSERT INTO inbox (channel, sender, key, digest, received, raw, status) VALUES ('hl7v2', ?, ?, ?, ?, ?, 'received')"


def measure(bench: Workbench, each_round: int) -> Comparison | None:
    """None where this server has no MLLP listener."""
    with passerelle(bench.folder / "hl7v2", bench.folder / "hl7v2.log") as server:
        port = server.announced("mllp_port")
        return _measured(bench, server, port, each_round) if port else None


def _measured(bench: Workbench, server: Process, port: int, each_round: int) -> Comparison:
    comparison = Comparison("HL7 v2, ADT^A01", "messages/s", FLOOR, note=f"{SENDERS} senders on a connection each, original mode")
    inbox = _inbox(bench.folder / "hl7v2-floor.db")
    random = Random(4)
    for number in range(bench.rounds):
        messages = [_messages(random, sender, f"R{number}S{sender}N", each_round // SENDERS) for sender in range(SENDERS)]
        comparison.subject.append(_sent(server, port, messages))
        comparison.floor.append(_kept(inbox, [message for part in messages for message in part]))
    inbox.close()
    return comparison


def _messages(random: Random, sender: int, run: str, count: int) -> list[bytes]:
    return [admission(random, number, sender, run) for number in range(count)]


def _sent(server: Process, port: int, messages: Sequence[Sequence[bytes]]) -> Figure:
    count = sum(map(len, messages))
    cpu, began = server.cpu_seconds(), time.perf_counter()
    uvloop.run(_all(port, messages))
    seconds = time.perf_counter() - began
    return Figure(count / seconds, 1e6 * (server.cpu_seconds() - cpu) / count)


async def _all(port: int, messages: Sequence[Sequence[bytes]]) -> None:
    await asyncio.gather(*(_one_sender(port, part) for part in messages))


async def _one_sender(port: int, messages: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for message in messages:
        writer.write(frame(message))
        answer = await reader.readuntil(b"\x1c\r")
        if b"MSA|AA|" not in answer:
            raise RuntimeError(f"a message was not accepted: {answer.decode('latin-1')}")
    writer.close()


def _kept(inbox: sqlite3.Connection, messages: Sequence[bytes]) -> Figure:
    """The floor: one frame after the other, one commit each."""
    frames = [frame(message) for message in messages]
    decoder = FrameDecoder()
    began, cpu = time.perf_counter(), time.thread_time()
    for wire in frames:
        for event in decoder.feed(wire):
            assert isinstance(event, Frame)
            _keep(inbox, event.content)
    seconds = time.perf_counter() - began
    return Figure(len(frames) / seconds, 1e6 * (time.thread_time() - cpu) / len(frames))


def _keep(inbox: sqlite3.Connection, raw: bytes) -> None:
    fields = raw[: raw.find(b"\r")].split(b"|")
    sender = f"{fields[2].decode()}|{fields[3].decode()}"
    inbox.execute(_INSERT, (sender, fields[9].decode(), hashlib.sha256(raw).hexdigest(), time.time_ns() // 1000, raw))


def _inbox(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    migrate(connection)
    return connection
