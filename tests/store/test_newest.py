"""The newest messages of the inbox and the outbox: what a list finds is what a scan finds, and no list goes through all that is kept."""

from __future__ import annotations

from dataclasses import astuple
from itertools import product
from typing import Any

import pytest

from fhir_server.store.audit_statements import numbered
from fhir_server.store.inbox import KEPT as INBOX
from fhir_server.store.inbox import InboxFilter
from fhir_server.store.newest import Before, newest
from fhir_server.store.outbox import KEPT as OUTBOX
from fhir_server.store.outbox import OutboxEntry, OutboxFilter
from fhir_server.store.postgresql import PostgresqlStore
from fhir_server.store.postgresql.connection import WRITER, connect
from fhir_server.store.sqlite import SqliteStore
from fhir_server.store.store import Store

SENDERS = ("GAM|CHU", "LAB|CHU", "GAM|")
MOMENTS = (50, 10, 20, 20, 90, 30, 40, 80, 70, 60, 65, 15)
"""Not in the order of the numbers: several processes receive, and clocks differ."""


@pytest.fixture
def inbox(store: Store, run: Any) -> list[Any]:
    async def fill() -> list[Any]:
        for at, moment in enumerate(MOMENTS):
            row = await store.inbox.receive("hl7v2", SENDERS[at % 3], str(at // 4), b"MSH|%d" % at, moment)
            if at % 2:
                await store.inbox.fail(row.number, "bad", b"AE")
        return await store.inbox.find(None, 1000)

    return run(fill())  # type: ignore[no-any-return]


def test_the_inbox_lists_what_a_scan_finds_the_newest_first(store: Store, run: Any, inbox: list[Any]) -> None:
    statuses, senders, keys = (None, "received", "failed", "processed"), (None, *SENDERS, "gam|chu"), (None, "0", "2", "9", "")
    for status, sender, key, since in product(statuses, senders, keys, (None, 0, 20, 75, 91)):
        wanted = InboxFilter(status, sender, key)  # type: ignore[arg-type]
        expected = [
            row
            for row in reversed(inbox)
            if all(value in (None, getattr(row, name)) for name, value in wanted.columns().items()) and row.received >= (since or 0)
        ]
        for count in (100, 2):
            assert run(store.inbox.newest(wanted, Before(count, since=since))) == expected[:count], (wanted, since)


def test_pages_go_backwards_through_all_once(store: Store, run: Any, inbox: list[Any]) -> None:
    seen: list[Any] = []
    while rows := run(store.inbox.newest(InboxFilter(), Before(5, seen[-1].number if seen else None))):
        seen += rows
        if len(rows) == 5:  # what comes meanwhile is newer than any page that is left
            run(store.inbox.receive("hl7v2", "GAM|CHU", "late", b"MSH|late%d" % len(seen), 99))
    assert seen == inbox[::-1]


def test_recovery_still_gets_the_oldest_first(store: Store, run: Any, inbox: list[Any]) -> None:
    assert run(store.inbox.find("failed", 3)) == [row for row in inbox if row.status == "failed"][:3]


def test_the_outbox_lists_the_newest_first_by_every_part(store: Store, run: Any) -> None:
    run(store.outbox.add([OutboxEntry(name, str(at), b"", lane=f"Patient/{at % 2}") for at in range(4) for name in ("chu", "lab")]))
    rows = run(store.outbox.find(OutboxFilter()))
    parts = product((None, "waiting", "dead"), (None, "chu"), (None, "Patient/1"), (None, rows[3].number), (None, "1", "9"))
    for status, destination, lane, number, key in parts:
        wanted = OutboxFilter(status, destination, lane, number, key)  # type: ignore[arg-type]
        expected = [row for row in reversed(rows) if all(v in (None, getattr(row, name)) for name, v in wanted.columns().items())]
        assert run(store.outbox.newest(wanted, Before())) == expected, astuple(wanted)
    assert run(store.outbox.newest(OutboxFilter(), Before(2, rows[4].number))) == [rows[3], rows[2]]
    assert run(store.outbox.newest(OutboxFilter(), Before(since=rows[0].created + 1))) == [
        row for row in rows[::-1] if row.created > rows[0].created
    ]


LISTS = [
    (INBOX, {"sender": "rare"}, Before(), "inbox_sender"),
    (INBOX, {"key": "rare"}, Before(), "inbox_key"),
    (INBOX, {"sender": "rare"}, Before(since=9_000), "inbox_received"),
    (INBOX, {}, Before(since=9_000), "inbox_received"),
    (OUTBOX, {"key": "rare"}, Before(), "outbox_key"),
    (OUTBOX, {}, Before(since=9_000), "outbox_created"),
]


@pytest.mark.parametrize(("kept", "equal", "page", "index"), LISTS)
def test_a_list_asks_an_index_on_sqlite(tmp_path: Any, run: Any, kept: Any, equal: dict[str, object], page: Before, index: str) -> None:
    store = SqliteStore(tmp_path / "passerelle.db", clock=lambda: 1)
    sql, values = newest(kept, equal, page)
    plan = " / ".join(row[3] for row in store._reader.execute(f"EXPLAIN QUERY PLAN {sql}", tuple(values)))
    run(store.close())
    assert index in plan
    assert "USE TEMP B-TREE" not in plan, "in the order of the numbers already"


FILL = """INSERT INTO inbox (channel, sender, key, digest, received, raw, status)
SELECT 'hl7v2', 'GAM|CHU', n::text, 'd', n, 'MSH', 'processed' FROM generate_series(1, 10000) n"""
FILL_OUTBOX = """INSERT INTO outbox (destination, lane, key, address, content_type, body, about, created, expires, due)
SELECT 'chu', '', n::text, '', '', '', '', n, 0, 0 FROM generate_series(1, 10000) n"""


@pytest.mark.parametrize("analyzed", [False, True])
def test_a_list_asks_an_index_on_postgresql(postgresql_store: PostgresqlStore, postgresql_url: str, run: Any, analyzed: bool) -> None:
    async def plans() -> list[str]:
        connection = await connect(postgresql_url, WRITER)
        try:
            await connection.execute(f"{FILL}; {FILL_OUTBOX}")
            if analyzed:
                await connection.execute("ANALYZE inbox; ANALYZE outbox")
            asked = [newest(kept, equal, page) for kept, equal, page, _ in LISTS]
            return ["\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {numbered(sql)}", *values)) for sql, values in asked]
        finally:
            await connection.close()

    for plan, (_, _, _, index) in zip(run(plans()), LISTS, strict=True):
        assert index in plan
        assert "Seq Scan" not in plan
