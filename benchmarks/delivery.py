"""Draining the outbox: messages that wait on PostgreSQL, delivered by `passerelle worker` processes to a sink on this machine.

    python -m benchmarks.delivery [--messages 10000] [--workers 2] [--rounds 3] [--lanes 500] [--file]

Beside it, in turn, the bare floor: as many processes that send the same bodies by the same HTTP transport, without an outbox. --file: the
file transport instead (no floor). The sink is a process of its own that reads each request whole and answers 200. Where others use the
machine too, the processor time for a message says more than the rate: of the workers, of PostgreSQL and of the sink, while they drain.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg

from adapters.endpoint import OutboxMessage
from adapters.exchange.http_transport import HttpTransport
from benchmarks import postgresql
from benchmarks.process import cpu_seconds, free_port
from fhir_server.security.outgoing import Outgoing
from fhir_server.security.sending import Sending
from fhir_server.store.opening import open_store
from fhir_server.store.outbox import OutboxEntry

BODY = b'{"resourceType": "Bundle", "type": "message", "entry": [{"resource": {"resourceType": "Basic", "text": "' + b"x" * 2000 + b'"}}]}'
AT_ONCE = 32
PATIENCE = 300.0
WAITING = "SELECT EXISTS (SELECT 1 FROM outbox WHERE destination = 'sink' AND status = 'waiting')"


Costs = dict[str, float]
"""Who -> seconds of processor time."""

Pids = dict[str, Callable[[], list[int]]]
"""Who -> the processes that are counted now."""


class SinkProtocol(asyncio.Protocol):
    """Counts requests; GET tells how many POSTs there were since the last GET, and when the first and the last came."""

    seen: list[float] = []  # noqa: RUF012 - of the process

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"post"):
            self.seen.append(time.time())
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            return
        told = json.dumps([len(self.seen), min(self.seen, default=0), max(self.seen, default=0)]).encode()
        self.seen.clear()
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(told), told))


def sink(port: int) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(SinkProtocol, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


def bare(port: int, count: int) -> None:
    """The floor: one process that sends."""

    async def run() -> None:
        url = f"http://127.0.0.1:{port}/"
        transport = HttpTransport(Sending(Outgoing(("127.0.0.1",)), url), url)
        numbers = iter(range(count))

        async def one() -> None:
            for number in numbers:
                await transport.deliver(OutboxMessage(number, "sink", str(number), BODY, "application/fhir+json", "", "", "", 0, 0, 1, ""))

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))

    asyncio.run(run())


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    place = postgresql.programs()
    if place is None:
        sys.exit("PostgreSQL is not installed (on Debian: apt install postgresql).")
    with tempfile.TemporaryDirectory(prefix="passerelle-bench-") as folder, postgresql.Cluster(place, Path(folder) / "pg") as cluster:
        port = free_port()
        process = multiprocessing.Process(target=sink, args=(port,), daemon=True)
        process.start()
        floors, rates = [], []
        for number in range(options.rounds):
            if not options.file:
                floors.append(_floor(port, options))
            pids = {"PostgreSQL": cluster.pids, "sink": lambda: [process.pid or 0]}
            rate, costs = asyncio.run(_drained(Path(folder), cluster.database(f"round{number}"), port, options, pids))
            rates.append(rate)
            floor = f", floor {floors[-1]:.0f}/s" if floors else ""
            print(f"round {number + 1}: {rate:.0f}/s{floor}{_told(costs, options)}", flush=True)
        process.terminate()
    beside = f", floor {median(floors):.0f}/s, ratio {median(r / f for r, f in zip(rates, floors, strict=True)):.2f}" if floors else ""
    print(f"{options.messages} messages of {len(BODY)} bytes, {options.workers} workers: {median(rates):.0f}/s{beside}")


def _told(costs: Costs, options: argparse.Namespace) -> str:
    """Milliseconds of processor time for one message, in all and of whom."""
    each = {who: seconds / options.messages * 1000 for who, seconds in costs.items()}
    return f"; {sum(each.values()):.2f} ms of processor a message: " + ", ".join(f"{who} {one:.2f}" for who, one in each.items())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lanes", type=int, default=500)
    parser.add_argument("--file", action="store_true")
    return parser.parse_args(arguments)


def _floor(port: int, options: argparse.Namespace) -> float:
    share = options.messages // options.workers
    processes = [multiprocessing.Process(target=bare, args=(port, share)) for _ in range(options.workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return asyncio.run(_rate(port))


async def _rate(port: int) -> float:
    """Messages a second, from the first to the last that came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    told = json.loads(await reader.readexactly(int(head.partition(b"content-length: ")[2])))
    writer.close()
    count, first, last = told
    return float(count / (last - first))


async def _drained(folder: Path, url: str, port: int, options: argparse.Namespace, pids: Pids) -> tuple[float, Costs]:
    """Messages a second, and what they cost while they drained."""
    store, asking = await open_store(url), await asyncpg.connect(url)
    for start in range(0, options.messages, 1000):
        numbers = range(start, min(start + 1000, options.messages))
        await store.outbox.add([OutboxEntry("sink", str(one), BODY, lane=f"Patient/{one % options.lanes}") for one in numbers])
    await store.outbox.pause("sink")
    with _workers(folder, url, port, options) as workers:
        await asyncio.sleep(6)  # all are started and wait
        began, before = time.perf_counter(), _costs(pids | {"workers": lambda: workers})
        await store.outbox.resume("sink")
        while await asking.fetchval(WAITING):
            if time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"not drained within {PATIENCE:.0f} s")
            await asyncio.sleep(0.1)
        seconds, after = time.perf_counter() - began, _costs(pids | {"workers": lambda: workers})
    await asking.close()
    await store.close()
    costs = {who: after[who] - before[who] for who in after}
    return (options.messages / seconds if options.file else await _rate(port)), costs


def _costs(pids: Pids) -> Costs:
    return {who: sum(cpu_seconds(pid) for pid in found()) for who, found in pids.items()}


@contextlib.contextmanager
def _workers(folder: Path, url: str, port: int, options: argparse.Namespace) -> Iterator[list[int]]:
    (folder / "out").mkdir(exist_ok=True)
    rules = f"at_once = {AT_ONCE}\n"
    to = 'transport = "file"\nfolder = "out"\n' if options.file else f'transport = "http"\nurl = "http://127.0.0.1:{port}/"\n'
    file = folder / "destinations.toml"
    file.write_text(f"[sink]\n{to}{rules}")
    command = [sys.executable, "-m", "fhir_server", "worker", "--data", str(folder), "--database", url, "--destinations", str(file)]
    with (folder / "workers.log").open("ab") as log:
        processes = [subprocess.Popen([*command, "--allowed-hosts", "127.0.0.1"], stdout=log, stderr=log) for _ in range(options.workers)]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


if __name__ == "__main__":
    main()
