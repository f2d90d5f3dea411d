"""The whole exchange under load: messages come in by MLLP and HTTP, a server applies them, a worker tells a partner of each.

    senders --MLLP original, MLLP enhanced, HTTP transaction--> server --outbox--> worker --HTTP--> partner

Each sender has one message in hand, and repeats it until it is acknowledged, as a hospital does. Server and worker are killed meanwhile,
or lose their database; `Account` says afterwards what became of everything.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from adapters.hl7v2.acknowledgement import acknowledgement_code, may_come_again
from adapters.hl7v2.client import MllpClient, Place, as_sent
from fhir_server.model.issue import FhirError
from fhir_server.store.opening import open_store
from fhir_server.store.outbox import OutboxFilter
from tests.patience import PATIENCE
from tests.reliability.forked import Forked
from tests.reliability.server_process import ForkedServer
from tests.reliability.sink import Sink

PAUSE = 0.15
"""Seconds before a message that was not acknowledged is sent again: enough for nine senders to leave a server room to start in."""
ADMISSION = as_sent((Path(__file__).parent.parent / "hl7v2" / "messages" / "a01_admission.er7").read_bytes())
INS = b"~240053399901230^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240105"
STEPS_OF_A_PERSON = 20
KEY_SYSTEM = "http://passerelle.care/test/key"
DESTINATION = """[partner]
transport = "http"
url = "http://127.0.0.1:{port}/"
seconds = 1
first_pause = 0.05
longest_pause = 0.2
failures = 1000
at_once = 16
"""


def admission(lane: str, step: int, enhanced: bool) -> bytes:
    """Of one sender for each lane; a person has some stays, then the next person comes."""
    key = f"{lane}.{step}"
    changed = ADMISSION.replace(INS, b"").replace(b"700123", f"{lane}-{step // STEPS_OF_A_PERSON}".encode())
    changed = changed.replace(b"26030001^", f"{key}^".encode()).replace(b"|90001^", f"|{key}^".encode())
    header, rest = changed.split(b"\r", 1)
    fields = header.split(b"|")
    fields[2], fields[9] = lane.encode(), key.encode()
    if enhanced:
        fields[14], fields[15] = b"AL", b"NE"
    return b"|".join(fields) + b"\r" + rest


def transaction(lane: str, step: int) -> dict[str, Any]:
    """Applied once however often it comes (If-None-Exist)."""
    identifier = {"system": KEY_SYSTEM, "value": f"{lane}.{step}"}
    basic = {"resourceType": "Basic", "identifier": [identifier], "code": {"text": "step"}}
    request = {"method": "POST", "url": "Basic", "ifNoneExist": f"identifier={KEY_SYSTEM}|{lane}.{step}"}
    return {
        "resourceType": "Bundle", "type": "transaction", "identifier": identifier, "entry": [{"resource": basic, "request": request}]
    }  # fmt: skip


class Worker:
    """`passerelle worker`, forked; the partner listens on `port`."""

    def __init__(self, folder: Path, database: str, port: int):
        file = folder / "destinations.toml"
        file.write_text(DESTINATION.format(port=port))
        options = ["--data", str(folder), "--database", database, "--destinations", str(file), "--allowed-hosts", "127.0.0.1"]
        self._command, self._log = ["worker", *options], folder / "worker.log"

    def begin(self) -> None:
        self.process = Forked(self._command, self._log, os.environ)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


class Exchange:
    """`acknowledged`: the newest step of each lane that was; `answers`: how often each answer was heard, by the sender's way."""

    def __init__(self, folder: Path, database: str):
        self.server = ForkedServer(folder / "data", tells=True, PASSERELLE_DATABASE=database, PASSERELLE_DELIVER="off")
        self.sink = Sink(misbehaves=10)
        self.acknowledged: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self._folder, self._database = folder, database
        self._enough = asyncio.Event()

    async def __aenter__(self) -> Exchange:
        self.sink.__enter__()
        self.worker = Worker(self._folder, self._database, self.sink.port)
        await asyncio.to_thread(self.server.start)
        self.worker.begin()
        ways: list[tuple[str, Callable[[str], Any]]] = [("original", self._mllp), ("enhanced", self._mllp), ("http", self._http)]
        self._senders = [asyncio.create_task(send(f"{way[0].upper()}{number}")) for way, send in ways for number in range(3)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._senders:
            task.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        for one in (self.server, self.worker):
            if one.process is not None and one.process.poll() is None:
                one.kill()
        self.server.stop()
        self.sink.__exit__()

    async def progress(self, of_partner: int = 0) -> None:
        """Until some more messages were acknowledged, and some more told to the partner."""
        aim, told = self.acknowledged.total() + 1, len(self.sink.took) + of_partner
        await self.until(lambda: self.acknowledged.total() >= aim and len(self.sink.took) >= told)

    async def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            self._look_at_senders()
            assert time.monotonic() < deadline, f"nothing more came: {self.acknowledged}, {len(self.sink.took)} taken, {self.answers}"
            await asyncio.sleep(0.01)

    async def settle(self) -> None:
        """Every sender gets its last acknowledgement; all are applied, and told."""
        self._enough.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._senders)
        store = await open_store(self._database)
        async with asyncio.timeout(PATIENCE):
            while await store.inbox.find("received", 1) or await store.outbox.find(OutboxFilter("waiting"), 1):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await store.close()

    async def stop(self) -> None:
        """Server and worker end when they are told to."""
        assert await asyncio.to_thread(self.server.terminate) == 0
        assert await asyncio.to_thread(self.worker.terminate) == 0

    def _look_at_senders(self) -> None:
        for task in self._senders:
            if task.done() and not task.cancelled():
                task.result()

    async def _mllp(self, lane: str) -> None:
        enhanced = lane.startswith("E")
        client = MllpClient(Place(port=self.server.mllp_port), patience=10)

        async def attempt(step: int) -> str:
            try:
                answer = await client.exchange(admission(lane, step, enhanced))
            except FhirError as error:
                return error.issues[0].code
            return acknowledgement_code(answer) + (" retry" if may_come_again(answer) else "")

        await self._send(lane, attempt, "CA" if enhanced else "AA")
        await client.close()

    async def _http(self, lane: str) -> None:
        async with httpx.AsyncClient(timeout=10) as client:

            async def attempt(step: int) -> str:
                try:
                    return str((await client.post(self.server.base, json=transaction(lane, step))).status_code)
                except httpx.TransportError:
                    return "none"

            await self._send(lane, attempt, "200")

    async def _send(self, lane: str, attempt: Callable[[int], Awaitable[str]], yes: str) -> None:
        """Step after step, each until it is acknowledged. Who is answered early pauses, not to be far ahead of what is applied."""
        while not self._enough.is_set():
            while (answer := await attempt(self.acknowledged[lane])) != yes:
                self.answers[f"{lane[0]} {answer}"] += 1
                await asyncio.sleep(PAUSE)
            self.answers[f"{lane[0]} {answer}"] += 1
            self.acknowledged[lane] += 1
            await asyncio.sleep(0.04 if lane.startswith("E") else 0)
