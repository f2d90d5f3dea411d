"""PostgreSQL stopped and started under load, in order and by a crash: server and worker come back by themselves, no caller is told of a
success that was none, and every acknowledged message is applied exactly once and told in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fhir_server.store.opening import open_store
from tests.patience import PATIENCE
from tests.postgresql_cluster import Cluster, own_cluster, programs
from tests.reliability.account import account
from tests.reliability.exchange import Exchange
from tests.reliability.kills import SOAK

RESTARTS = 100 if SOAK else 6
LONGEST_STOP = 1.5
POSSIBLE = {
    "O": {"AA", "AE retry", "timeout"},
    "E": {"CA", "CE retry", "timeout"},
    "H": {"200", "503"},
}
"""What a sender may hear, by its way: a success, to send it again (ERR-6), or nothing."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (on Debian: apt install postgresql)")
    with own_cluster() as one:
        yield one


async def restart(exchange: Exchange, cluster: Cluster, mode: str, seconds: float) -> None:
    """Stop it while messages are under way, and start it again."""
    await exchange.progress(of_partner=1)
    await asyncio.sleep(seconds / 3)
    await asyncio.to_thread(cluster.stop, mode)
    assert await ready(exchange) == 503
    await asyncio.sleep(seconds)
    await asyncio.to_thread(cluster.start)


async def ready(exchange: Exchange) -> int:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return (await client.get(f"http://127.0.0.1:{exchange.server.port}/health/ready")).status_code


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_database_is_restarted(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.url(cluster.make())

    async def scene() -> str:
        await (await open_store(url)).close()
        async with Exchange(tmp_path, url) as exchange:
            chance = random.Random(9)
            for number in range(RESTARTS):
                await restart(exchange, cluster, ("immediate", "fast")[number % 2], chance.uniform(0, LONGEST_STOP))
            await exchange.settle()
            assert await ready(exchange) == 200
            await exchange.stop()
            heard = {way: {answer[2:] for answer in exchange.answers if answer[0] == way} for way in POSSIBLE}
            assert all(heard[way] <= POSSIBLE[way] for way in POSSIBLE), heard
            return f"{RESTARTS} restarts; {await account(exchange, url)}"

    print(asyncio.run(scene()))
