"""Four server processes on one PostgreSQL behave as one: concurrent reads and If-Match writes of a few registers are linearisable."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE
from tests.reliability.linearisability import Operation, State, is_linearisable
from tests.reliability.server_process import ServerProcess

SECONDS = 60.0 if os.environ.get("PASSERELLE_SOAK") else 3.0
REGISTERS = ("r0", "r1", "r2")
CLIENTS = 8
Histories = dict[str, list[Operation]]


def read(called: float, returned: float, *seen: int) -> Operation:
    return Operation("read", called, returned, (seen[0], seen[1]))


def written(called: float, returned: float, expected: int, value: int) -> Operation:
    return Operation("written", called, returned, (expected + 1, value), expected)


@pytest.mark.parametrize(
    ("history", "holds"),
    [
        ([written(0, 1, 1, 7), read(2, 3, 2, 7)], True),
        ([written(0, 3, 1, 7), read(1, 2, 1, 0)], True),
        ([written(0, 3, 1, 7), read(1, 2, 2, 7)], True),
        ([written(0, 1, 1, 7), read(2, 3, 1, 0)], False),
        ([written(0, 9, 1, 7), read(1, 2, 2, 7), read(3, 4, 1, 0)], False),
        ([written(0, 1, 1, 7), written(0, 1, 1, 8)], False),
        ([written(0, 1, 1, 7), Operation("refused", 0, 1, expected=1)], True),
        ([Operation("refused", 0, 1, expected=1)], False),
        ([Operation("unknown", 0, inf, (0, 9), 1), read(5, 6, 1, 0), read(7, 8, 2, 9)], True),
        ([Operation("unknown", 0, inf, (0, 9), 1), read(5, 6, 2, 9), read(7, 8, 1, 0)], False),
    ],
)
def test_the_checker_tells_right_from_wrong(history: list[Operation], holds: bool) -> None:
    assert is_linearisable(history, (1, 0)) is holds


@pytest.fixture
def servers(tmp_path: Path, postgresql_url: str) -> Iterator[list[ServerProcess]]:
    made = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        made.append(ServerProcess(folder / "data", PASSERELLE_DATABASE=postgresql_url, PASSERELLE_MLLP="false"))
    for one in made:
        one.start()
    yield made
    for one in made:
        one.stop()


def body(register: str, value: int) -> dict[str, Any]:
    return {"resourceType": "Basic", "id": register, "code": {"text": str(value)}}


def state(answer: httpx.Response) -> State:
    resource = answer.json()
    return int(resource["meta"]["versionId"]), int(resource["code"]["text"])


async def client(number: int, bases: list[str], histories: Histories, end: float) -> None:
    """Reads and replaces registers at random, each time on another server."""
    choice = random.Random(number)
    known = dict.fromkeys(REGISTERS, 1)
    async with httpx.AsyncClient(timeout=PATIENCE) as http:
        turn = 0
        while time.monotonic() < end:
            turn += 1
            register, base = choice.choice(REGISTERS), choice.choice(bases)
            value = number * 1_000_000 + turn
            operation = await (read_one if choice.random() < 0.5 else write_one)(http, f"{base}/Basic/{register}", register, value, known)
            histories[register].append(operation)


async def read_one(http: httpx.AsyncClient, url: str, register: str, _: int, known: dict[str, int]) -> Operation:
    called = time.monotonic()
    answer = await http.get(url)
    returned = time.monotonic()
    assert answer.status_code == 200
    seen = state(answer)
    known[register] = seen[0]
    return Operation("read", called, returned, seen)


async def write_one(http: httpx.AsyncClient, url: str, register: str, value: int, known: dict[str, int]) -> Operation:
    expected = known[register]
    called = time.monotonic()
    answer = await http.put(url, json=body(register, value), headers={"if-match": f'W/"{expected}"'})
    returned = time.monotonic()
    if answer.status_code == 412:
        return Operation("refused", called, returned, expected=expected)
    assert answer.status_code == 200, answer.text
    seen = state(answer)
    known[register] = seen[0]
    return Operation("written", called, returned, seen, expected)


async def history_of(bases: list[str]) -> Histories:
    histories: Histories = {register: [] for register in REGISTERS}
    async with httpx.AsyncClient() as http:
        for register in REGISTERS:
            assert (await http.put(f"{bases[0]}/Basic/{register}", json=body(register, 0))).status_code == 201
    end = time.monotonic() + SECONDS
    await asyncio.gather(*(client(number + 1, bases, histories, end) for number in range(CLIENTS)))
    return histories


@pytest.mark.slow
def test_registers_over_four_processes_are_linearisable(servers: list[ServerProcess]) -> None:
    histories = asyncio.run(history_of([one.base for one in servers]))
    kinds = [one.kind for history in histories.values() for one in history]
    print(f"{len(kinds)} operations: {kinds.count('read')} reads, {kinds.count('written')} written, {kinds.count('refused')} refused")
    assert min(kinds.count(kind) for kind in ("read", "written", "refused")) > 10
    assert all(is_linearisable(history, (1, 0)) for history in histories.values())
