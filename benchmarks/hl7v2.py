"""ADT^A01 messages sent to the listener, beside decoding frames and storing raw messages.

Original mode: the answer comes after the commit of the resources. Enhanced mode: CA comes after the commit of the inbox row, and the
message is applied afterwards; a round ends with the last CA, and the next begins when all is applied.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from random import Random
from statistics import quantiles

import uvloop

from adapters.hl7v2.mllp import Frame, FrameDecoder, frame
from benchmarks.measurement import Comparison, Figure
from benchmarks.process import Process, passerelle
from benchmarks.synthetic import admission
from benchmarks.workbench import Workbench
from fhir_server.store.sqlite.connection import connect
from fhir_server.store.sqlite.migration import migrate

SENDERS = 8
FLOOR = "frame decoded, raw message committed"
ENHANCED = (b"|2.5^FRA^2.11|||||", b"|2.5^FRA^2.11|||AL|NE|")
_INSERT = "INSERT INTO inbox (channel, sender, key, digest, received, raw, status) VALUES ('hl7v2', ?, ?, ?, ?, ?, 'received')"
Latencies = list[float]


def measure(bench: Workbench, each_round: int) -> list[Comparison]:
    """Original and enhanced mode; empty where this server has no MLLP listener."""
    with passerelle(bench.folder / "hl7v2", bench.folder / "hl7v2.log") as server:
        port = server.announced("mllp_port")
        return [_measured(bench, server, port, each_round, mode) for mode in ("original", "enhanced")] if port else []


def _measured(bench: Workbench, server: Process, port: int, each_round: int, mode: str) -> Comparison:
    comparison = Comparison(f"HL7 v2, ADT^A01, {mode} mode", "messages/s", FLOOR)
    inbox = _inbox(bench.folder / f"hl7v2-floor-{mode}.db")
    random, latencies = Random(mode), Latencies()
    for number in range(bench.rounds):
        messages = [
            _messages(random, sender, f"{mode[0].upper()}{number}S{sender}N", each_round // SENDERS, mode) for sender in range(SENDERS)
        ]
        comparison.subject.append(_sent(server, port, messages, latencies))
        comparison.floor.append(_kept(inbox, list(chain(*messages))))
        _until_applied(server)
    inbox.close()
    comparison.note = f"{SENDERS} connections, a sender each; {_told(latencies)}"
    return comparison


def _messages(random: Random, sender: int, run: str, count: int, mode: str) -> list[bytes]:
    plain = [admission(random, number, sender, run) for number in range(count)]
    return plain if mode == "original" else [message.replace(*ENHANCED) for message in plain]


def _told(latencies: Latencies) -> str:
    cuts = quantiles(latencies, n=100)
    return f"answer after {1000 * cuts[49]:.1f} ms in the median, {1000 * cuts[98]:.1f} ms for 99 of 100"


def _sent(server: Process, port: int, messages: Sequence[Sequence[bytes]], latencies: Latencies) -> Figure:
    count = sum(map(len, messages))
    cpu, began = server.cpu_seconds(), time.perf_counter()
    latencies += uvloop.run(_all(port, messages))
    seconds = time.perf_counter() - began
    return Figure(count / seconds, 1e6 * (server.cpu_seconds() - cpu) / count)


async def _all(port: int, messages: Sequence[Sequence[bytes]]) -> Latencies:
    return list(chain(*await asyncio.gather(*(_one_sender(port, part) for part in messages))))


async def _one_sender(port: int, messages: Sequence[bytes]) -> Latencies:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies = []
    for message in messages:
        began = time.perf_counter()
        writer.write(frame(message))
        answer = await reader.readuntil(b"\x1c\r")
        latencies.append(time.perf_counter() - began)
        if b"MSA|AA|" not in answer and b"MSA|CA|" not in answer:
            raise RuntimeError(f"a message was not accepted: {answer.decode('latin-1')}")
    writer.close()
    return latencies


def _until_applied(server: Process) -> None:
    """The processor rests: what was accepted early has been applied."""
    while True:
        before = server.cpu_seconds()
        time.sleep(0.5)
        if server.cpu_seconds() - before < 0.05:
            return


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
