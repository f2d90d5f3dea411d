"""The outgoing half as the server runs it: it delivers on SQLite by itself, lets old messages go, and counts what waits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.delivery import delivering_where_asked, delivers_here
from fhir_server.exchange_keeping import DAY, let_go
from fhir_server.exchange_metrics import ExchangeGauges
from fhir_server.fhir_base import fhir_service
from fhir_server.settings import Settings
from fhir_server.store.change import InboxSettlement
from fhir_server.store.outbox import OutboxClaim, OutboxEntry, OutboxFilter, OutboxSettlement
from fhir_server.store.store import Store
from tests.patience import PATIENCE

LATE = 2**52


@pytest.mark.parametrize(
    ("database", "deliver", "expected"),
    [
        ("sqlite:///x.db", "auto", True), ("sqlite:///x.db", "off", False),
        ("postgresql://u@h/n", "auto", False), ("postgresql://u@h/n", "on", True),
    ],
)  # fmt: skip
def test_the_server_delivers_on_sqlite_and_where_it_is_told_to(database: str, deliver: Any, expected: bool) -> None:
    assert delivers_here(Settings(database=database, deliver=deliver)) is expected


def test_a_server_delivers_what_it_commits(store: Store, run: Any, definitions: Definitions, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "destinations.toml").write_text('[archive]\ntransport = "file"\nfolder = "out"\n')
    settings = Settings(data=tmp_path, destinations=tmp_path / "destinations.toml", deliver="on")
    parts = put_together(definitions, store, settings)

    async def scene() -> None:
        async with delivering_where_asked(parts, settings, fhir_service(parts, settings)):
            await store.outbox.add([OutboxEntry("archive", "k", b"a letter")])
            while await store.outbox.find(OutboxFilter("waiting")):  # noqa: ASYNC110 - another worker could have done it
                await asyncio.sleep(0.05)

    run(asyncio.wait_for(scene(), PATIENCE))
    (file,) = (tmp_path / "out").iterdir()
    assert file.read_bytes() == b"a letter"


async def _messages(store: Store) -> None:
    for number, key in enumerate("ab", 1):
        await store.inbox.receive("hl7v2", "GAM|CHU", key, b"one", number)
    await store.inbox.settle(InboxSettlement(1, b"AA"))
    await store.outbox.add([OutboxEntry("gp", key, b"") for key in "abc"])
    first, second = await store.outbox.claim(OutboxClaim("gp", "me", LATE, LATE + 1, 2))
    for row, status in ((first, "delivered"), (second, "dead")):
        await store.outbox.settle([OutboxSettlement(row.number, "me", status, 10, "")])  # type: ignore[arg-type]


def test_what_went_well_is_let_go_after_its_days_and_nothing_else(store: Store, run: Any) -> None:
    run(_messages(store))
    assert run(let_go(store, 0, 0, lambda: 100 * DAY)) == (0, 0)
    assert run(let_go(store, 200, 200, lambda: 100 * DAY)) == (0, 0)
    assert run(let_go(store, 30, 30, lambda: 100 * DAY)) == (1, 1)
    assert [row.status for row in run(store.outbox.find(OutboxFilter()))] == ["dead", "waiting"]
    assert [row.status for row in run(store.inbox.find())] == ["received"]


def test_the_metrics_count_what_waits_and_what_is_dead_by_destination(store: Store, run: Any) -> None:
    run(_messages(store))
    run(store.outbox.pause("gp"))
    gauges = ExchangeGauges(clock=lambda: 5_000_002)
    run(gauges.look(store))
    told = {(one.name, *one.labels.values()): one.value for family in gauges.collect() for one in family.samples}
    assert told["passerelle_inbox_messages", "received"] == 1
    assert told["passerelle_inbox_oldest_seconds", "received"] == 5
    assert told["passerelle_outbox_messages", "gp", "waiting"] == 1
    assert told["passerelle_outbox_attempts", "gp", "dead"] == 1
    assert told["passerelle_destination_open", "gp"] == 0
