"""Two servers on one PostgreSQL: what one acknowledged the other serves, also after the first was killed under load."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE
from tests.reliability.server_process import ServerProcess
from tests.reliability.test_kill import load_and_kill, write_until_it_dies


@pytest.fixture
def servers(tmp_path: Path, postgresql_url: str) -> Iterator[list[ServerProcess]]:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    both = [ServerProcess(tmp_path / name / "data", PASSERELLE_DATABASE=postgresql_url) for name in ("a", "b")]
    for one in both:
        one.start()
    yield both
    for one in both:
        one.stop()


def versions_of(server: ServerProcess, path: str) -> list[int]:
    """The versions of a history, newest first, page after page."""
    url, found = f"{server.base}/{path}/_history?_count=1000", list[int]()
    while url:
        bundle = httpx.get(url).json()
        found += [int(entry["response"]["etag"].strip('W/"')) for entry in bundle["entry"]]
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    return found


def test_what_a_killed_server_acknowledged_the_other_serves_while_it_writes_on(servers: list[ServerProcess]) -> None:
    first, second = servers

    async def both() -> tuple[list[int], list[int]]:
        beside: list[int] = []
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            writer = asyncio.create_task(write_until_it_dies(client, second.base, 10_000_000, beside))
            killed = await load_and_kill(first, 0, 1.0)
            before = len(beside)
            async with asyncio.timeout(PATIENCE):
                while len(beside) <= before:  # noqa: ASYNC110 - the other server tells nobody
                    await asyncio.sleep(0.05)
            writer.cancel()
            await asyncio.wait([writer])
        return killed, beside

    killed, beside = asyncio.run(both())
    assert killed
    with httpx.Client() as client:
        missing = [number for number in killed + beside if client.get(f"{second.base}/CarePlan/c{number}").status_code != 200]
    assert missing == []
    assert second.count("Patient") == second.count("CarePlan")


def test_updates_through_both_servers_make_one_history_without_gaps(servers: list[ServerProcess]) -> None:
    async def updates(server: ServerProcess, side: int) -> None:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            for number in range(60):
                patient = {"resourceType": "Patient", "id": "shared", "multipleBirthInteger": 2 * number + side}
                assert (await client.put(f"{server.base}/Patient/shared", json=patient)).status_code in (200, 201)

    async def both() -> None:
        await asyncio.gather(*(updates(server, side) for side, server in enumerate(servers)))

    asyncio.run(both())
    assert versions_of(servers[0], "Patient/shared") == list(range(120, 0, -1))
