"""`kill -9` under load loses nothing that was acknowledged and leaves nothing half done; SIGTERM finishes what runs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE
from tests.reliability.kills import KILLS
from tests.reliability.server_process import ServerProcess

WRITERS = 8
SOME_KILLS = KILLS * 2 // 5
"""The others are in `test_exchange_kills`."""


def pair(number: int) -> dict[str, Any]:
    """A transaction of two resources, one referring to the other."""
    patient: dict[str, Any] = {"resourceType": "Patient", "id": f"p{number}"}
    plan: dict[str, Any] = {"resourceType": "CarePlan", "id": f"c{number}", "status": "draft", "intent": "plan"}
    plan["subject"] = {"reference": f"Patient/p{number}"}
    entries = [{"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}} for one in (patient, plan)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def write_until_it_dies(client: httpx.AsyncClient, base: str, first: int, acknowledged: list[int]) -> None:
    """Post transactions one after the other; those that were answered with 200 are acknowledged."""
    number = first
    while True:
        try:
            answer = await client.post(base, json=pair(number))
        except httpx.TransportError:
            return
        assert answer.status_code == 200, answer.text
        acknowledged.append(number)
        number += WRITERS


async def load_and_kill(server: ServerProcess, start: int, seconds: float) -> list[int]:
    acknowledged: list[int] = []
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        writers = [asyncio.create_task(write_until_it_dies(client, server.base, start + one, acknowledged)) for one in range(WRITERS)]
        async with asyncio.timeout(PATIENCE):
            while not acknowledged:  # noqa: ASYNC110 - the load has begun
                await asyncio.sleep(0.01)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.kill)
        await asyncio.gather(*writers)
    return acknowledged


@pytest.mark.slow
def test_a_killed_server_keeps_every_acknowledged_transaction_whole(any_server: ServerProcess) -> None:
    acknowledged: list[int] = []
    any_server.start()
    for round_number in range(SOME_KILLS):
        acknowledged += asyncio.run(load_and_kill(any_server, round_number * 1_000_000, 0.2 + 0.05 * (round_number % 5)))
        any_server.start()
    with httpx.Client() as client:
        missing = [number for number in acknowledged if client.get(f"{any_server.base}/CarePlan/c{number}").status_code != 200]
    print(f"{SOME_KILLS} kills, {len(acknowledged)} acknowledged transactions, {len(missing)} lost")
    assert acknowledged
    assert missing == []
    assert any_server.count("Patient") == any_server.count("CarePlan")
    assert any_server.count("CarePlan") >= len(acknowledged)


def test_sigterm_finishes_running_requests_and_ends_with_status_zero(any_server: ServerProcess) -> None:
    any_server.start()

    async def requests_and_term() -> list[int]:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            tasks = [asyncio.create_task(client.post(any_server.base, json=pair(number))) for number in range(30)]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            status = asyncio.create_task(asyncio.to_thread(any_server.terminate))
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            assert await status == 0
            return [number for number, answer in enumerate(answers) if isinstance(answer, httpx.Response) and answer.status_code == 200]

    acknowledged = asyncio.run(requests_and_term())
    any_server.start()
    assert acknowledged
    assert any_server.count("Patient") == any_server.count("CarePlan") >= len(acknowledged)
