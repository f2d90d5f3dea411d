"""A load generator for HTTP/1.1 on loopback: keep-alive, one request at a time on each connection, answers read by Content-Length only.

It runs in processes of its own (`LoadProcesses`), so that it does not share an interpreter with what it measures. It does so little
for each answer that a server in Python is slower than it; `read.client_limit` checks that in every report.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import cycle
from multiprocessing import get_context
from time import perf_counter
from typing import cast

import uvloop

PATIENCE = 300.0
"""Seconds after which answers are no longer waited for."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """`requests` as they go over the wire. With `seconds` they are repeated until then, else each is sent once."""

    port: int
    connections: int
    requests: Sequence[bytes]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """`latencies` in seconds, sorted; `statuses` counts the answers by status."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def quantile(self, share: float) -> float:
        return self.latencies[min(self.count - 1, int(self.count * share))]


class LoadProcesses:
    """Client processes that live through a whole report, so that their start is never measured."""

    def __init__(self, most: int = 2):
        self._pool = ProcessPoolExecutor(most, mp_context=get_context("spawn"))

    def run(self, load: Load, processes: int = 1) -> Answers:
        """The answers of one load, its connections shared out among the processes. RuntimeError where a status is not 2xx."""
        part = replace(load, connections=load.connections // processes)
        answers = _together(list(self._pool.map(run, [part] * processes)))
        if refused := {status: count for status, count in answers.statuses.items() if not 200 <= status < 300}:
            raise RuntimeError(f"port {load.port} refused requests, by status: {refused}")
        return answers

    def close(self) -> None:
        self._pool.shutdown()


def request(method: str, path: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """One request as it goes over the wire; a body is sent as FHIR JSON."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/fhir+json", *(f"{n}: {v}" for n, v in headers)]
    if body:
        lines += ["Content-Type: application/fhir+json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run(load: Load) -> Answers:
    """In this process, until all is answered."""
    return uvloop.run(_run(load))


async def _run(load: Load) -> Answers:
    loop = asyncio.get_running_loop()
    begin = perf_counter()
    end = begin + load.seconds if load.seconds else float("inf")
    source = cycle(load.requests) if load.seconds else iter(load.requests)
    made = [await loop.create_connection(lambda: _Connection(source, end), "127.0.0.1", load.port) for _ in range(load.connections)]
    connections = [connection for _, connection in made]
    try:
        await asyncio.wait_for(asyncio.gather(*(connection.done for connection in connections)), (load.seconds or 0) + PATIENCE)
    finally:
        for connection in connections:
            connection.abandon()
    return _collect(connections, perf_counter() - begin)


class _Connection(asyncio.Protocol):
    """Sends the next request of a shared source as soon as the answer to the last one is whole."""

    def __init__(self, source: Iterator[bytes], end: float):
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._source, self._end = source, end
        self._buffer = b""
        self._wanted = 0
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next(perf_counter())

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._wanted:
            self._wanted = _whole_length(self._buffer)
        if self._wanted and len(self._buffer) >= self._wanted:
            self._answered(perf_counter())

    def abandon(self) -> None:
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection before its answer"))

    def _answered(self, now: float) -> None:
        self.latencies.append(now - self._sent)
        self.statuses[int(self._buffer[9:12])] += 1
        self._buffer, self._wanted = b"", 0
        self._next(now)

    def _next(self, now: float) -> None:
        following = next(self._source, None) if now < self._end else None
        if following is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = now
        self._transport.write(following)


def _whole_length(buffer: bytes) -> int:
    """Bytes of the answer that begins the buffer; 0 while its head is not whole."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    found = _LENGTH.search(buffer, 0, head)
    return head + 4 + (int(found[1]) if found else 0)


def _collect(connections: Sequence[_Connection], seconds: float) -> Answers:
    latencies = sorted(latency for connection in connections for latency in connection.latencies)
    return Answers(seconds, latencies, dict(sum((connection.statuses for connection in connections), Counter())))


def _together(parts: Sequence[Answers]) -> Answers:
    latencies = sorted(latency for part in parts for latency in part.latencies)
    statuses = sum((Counter(part.statuses) for part in parts), Counter[int]())
    return Answers(max(part.seconds for part in parts), latencies, dict(statuses))
