"""`kill -9` of server, worker or both under load, at any instant: every acknowledged message is applied exactly once, and told at least
once, in the order of its sender. `PASSERELLE_KILLS` says how often."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import send
from fhir_server.store.opening import open_store
from tests.reliability.account import account
from tests.reliability.exchange import Exchange, admission
from tests.reliability.kills import KILLS

VICTIMS = (("server",), ("server",), ("worker",), ("server", "worker"))
LONGEST_ROUND = 0.4
IN_THE_START = 0.1
"""So many of the kills do not wait until what was killed before is at work again."""


async def kill(exchange: Exchange, chance: random.Random) -> str:
    """One kill at a random instant; who was killed."""
    if chance.random() >= IN_THE_START:
        await exchange.progress(of_partner=1)
    await asyncio.sleep(chance.uniform(0, LONGEST_ROUND))
    names = chance.choice(VICTIMS)
    victims = [getattr(exchange, name) for name in names]
    for one in victims:
        one.process.kill()
    for one in victims:
        await asyncio.to_thread(one.process.wait)
        one.begin()
    return " and ".join(names)


async def repeats_change_nothing(exchange: Exchange, database: str) -> None:
    """The last message of each sender, sent again."""
    store = await open_store(database)
    before = await store.newest()
    for lane, count in exchange.acknowledged.items():
        if lane[0] in "OE":
            again = admission(lane, count - 1, enhanced=lane[0] == "E")
            assert acknowledgement_code(await send(again, port=exchange.server.mllp_port)) in ("AA", "CA")
    assert await store.newest() == before
    await store.close()


@pytest.mark.slow
def test_what_was_acknowledged_is_applied_once_and_told_in_order_whoever_is_killed(database_url: str, tmp_path: Path) -> None:
    async def scene() -> str:
        killed: Counter[str] = Counter()
        async with Exchange(tmp_path, database_url) as exchange:
            chance = random.Random(8)
            for _ in range(KILLS):
                killed[await kill(exchange, chance)] += 1
            await exchange.settle()
            await repeats_change_nothing(exchange, database_url)
            await exchange.stop()
            return f"{KILLS} kills ({dict(killed)}); {await account(exchange, database_url)}"

    print(asyncio.run(scene()))
