"""The hospital's promise: whatever was acknowledged survives `kill -9`, and a message that is sent again is applied once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import as_sent, send
from fhir_server.model.issue import FhirError
from tests.reliability.server_process import ServerProcess

KILLS = int(os.environ.get("PASSERELLE_KILLS", "20"))
ADMISSION = (Path(__file__).parent.parent / "hl7v2" / "messages" / "a01_admission.er7").read_bytes()


def admission(number: int) -> bytes:
    """An admission of its own: another message number, visit and movement."""
    message = as_sent(ADMISSION)
    segments = message.split(b"\r")
    header = segments[0].split(b"|")
    header[9] = b"K%d" % number
    return b"\r".join([b"|".join(header), *segments[1:]]).replace(_visit(message), b"K%d" % number)


def _visit(message: bytes) -> bytes:
    """PV1-19.1 of the message that the others are made from."""
    visit = next(line for line in message.split(b"\r") if line.startswith(b"PV1|"))
    return visit.split(b"|")[19].split(b"^")[0]


async def send_until_it_dies(port: int, numbers: range, acknowledged: list[int]) -> None:
    for number in numbers:
        try:
            answer = await send(admission(number), port=port, patience=10)
        except FhirError:
            return
        assert acknowledgement_code(answer) == "AA", answer
        acknowledged.append(number)


async def load_and_kill(server: ServerProcess, first: int, seconds: float) -> list[int]:
    acknowledged: list[int] = []
    sender = asyncio.create_task(send_until_it_dies(server.mllp_port, range(first, first + 100_000), acknowledged))
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.kill)
    await sender
    return acknowledged


def stays(client: httpx.Client, server: ServerProcess, number: int) -> int:
    return int(client.get(f"{server.base}/Encounter", params={"identifier": f"K{number}"}).json()["total"])


@pytest.mark.slow
def test_no_acknowledged_message_is_lost_and_a_repeat_changes_nothing(server: ServerProcess) -> None:
    acknowledged: list[int] = []
    server.start()
    for round_number in range(KILLS):
        acknowledged += asyncio.run(load_and_kill(server, round_number * 100_000, 0.15 + 0.05 * (round_number % 4)))
        server.start()
    with httpx.Client() as client:
        lost = [number for number in acknowledged if stays(client, server, number) != 1]
        print(f"{KILLS} kills, {len(acknowledged)} acknowledged messages, {len(lost)} lost or doubled")
        assert acknowledged
        assert lost == []
        before = client.get(f"{server.base}/_history", params={"_count": "1"}).json()["total"]
        assert acknowledgement_code(asyncio.run(send(admission(acknowledged[-1]), port=server.mllp_port))) == "AA"
        assert client.get(f"{server.base}/_history", params={"_count": "1"}).json()["total"] == before
