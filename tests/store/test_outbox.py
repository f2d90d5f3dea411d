"""The outbox: a message is written with the commit that it tells of, given to one worker at a time, in order, and never dropped."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.store.audit_statements import numbered
from fhir_server.store.change import Commit
from fhir_server.store.erasure import ERASED_MESSAGE
from fhir_server.store.opening import now, open_store
from fhir_server.store.outbox import OutboxClaim, OutboxEntry, OutboxFilter, OutboxRow, OutboxSettlement
from fhir_server.store.outbox_statements import claimed as outbox_claimed
from fhir_server.store.outbox_statements import settled
from fhir_server.store.postgresql.connection import WRITER, connect
from fhir_server.store.store import Store
from tests.patience import PATIENCE
from tests.store.conftest import written

SECOND = 1_000_000
NOW = now() + 3600 * SECOND
LATER = NOW + 3600 * SECOND
CLAIM = OutboxClaim("chu", "me", NOW, NOW + 60 * SECOND, 100)


def entry(key: str, lane: str = "", **more: Any) -> OutboxEntry:
    return OutboxEntry("chu", key, b"{}", lane=lane, **more)


def settlement(row: OutboxRow, status: Any = "delivered", **more: Any) -> OutboxSettlement:
    return OutboxSettlement(row.number, row.owner, status, NOW, "note", **more)


def keys(rows: list[OutboxRow]) -> list[str]:
    return [row.key for row in rows]


def claimed(store: Store, run: Any, **more: Any) -> list[OutboxRow]:
    rows: list[OutboxRow] = run(store.outbox.claim(replace(CLAIM, **more)))
    return rows


def test_a_commit_writes_its_messages(store, run):
    one = OutboxEntry("chu", "k", b"\x00\xff", "text/plain", "Patient/a", "/there", "Communication/c", 77)
    run(store.commit(Commit([written("Patient", "a")], sends=(one,))))
    (row,) = run(store.outbox.find(OutboxFilter()))
    assert (row.destination, row.key, row.body, row.content_type, row.lane) == ("chu", "k", b"\x00\xff", "text/plain", "Patient/a")
    assert (row.address, row.about, row.expires, row.status, row.attempts) == ("/there", "Communication/c", 77, "waiting", 0)
    assert [(one.name, one.paused, one.held) for one in run(store.outbox.destinations())] == [("chu", False, 0)]


def test_a_refused_commit_writes_none(store, run):
    with pytest.raises(FhirError):
        run(store.commit(Commit([written("Patient", "a", if_match=3)], sends=(entry("k"),))))
    assert run(store.outbox.find(OutboxFilter())) == []


def test_the_same_key_to_the_same_destination_is_kept_once(store, run):
    run(store.outbox.add([entry("k"), entry("k"), OutboxEntry("lab", "k", b"")]))
    run(store.outbox.add([entry("k")]))
    assert [(one.destination, one.key) for one in run(store.outbox.find(OutboxFilter()))] == [("chu", "k"), ("lab", "k")]


def test_what_is_claimed_is_nobody_elses_until_its_lease_is_over(store, run):
    run(store.outbox.add([entry("1"), entry("2")]))
    assert keys(claimed(store, run, limit=1)) == ["1"]
    assert keys(claimed(store, run, owner="other")) == ["2"]
    again = claimed(store, run, owner="third", now=NOW + 61 * SECOND)
    assert keys(again) == ["1", "2"]
    assert [row.attempts for row in again] == [2, 2]


def test_a_lane_waits_for_its_first_and_others_do_not(store, run):
    run(store.outbox.add([entry("a1", "Patient/a"), entry("a2", "Patient/a"), entry("b1", "Patient/b")]))
    assert keys(claimed(store, run, limit=1)) == ["a1"]
    assert keys(claimed(store, run, owner="other")) == ["b1"]


def test_a_worker_gets_several_of_a_lane_in_order(store, run):
    run(store.outbox.add([entry("a1", "Patient/a"), entry("b1", "Patient/b"), entry("a2", "Patient/a")]))
    assert keys(claimed(store, run)) == ["a1", "b1", "a2"]


def test_a_lane_waits_while_its_first_is_to_be_tried_later(store, run):
    run(store.outbox.add([entry("a1", "Patient/a"), entry("a2", "Patient/a")]))
    first, second = claimed(store, run)
    later = settlement(first, "waiting", due=NOW + 5 * SECOND)
    run(store.outbox.settle([later, settlement(second, "waiting", tried=0)]))
    assert claimed(store, run) == []
    rows = claimed(store, run, now=NOW + 6 * SECOND)
    assert [(row.key, row.attempts, row.note) for row in rows] == [("a1", 2, "note"), ("a2", 1, "note")]


def test_behind_a_dead_letter_a_lane_goes_on_unless_it_is_strict(store, run):
    run(store.outbox.add([entry("a1", "Patient/a"), entry("a2", "Patient/a"), entry("b1", "Patient/b")]))
    rows = claimed(store, run)
    run(store.outbox.settle([settlement(rows[0], "dead"), *(settlement(row, "waiting", tried=0) for row in rows[1:])]))
    assert keys(claimed(store, run, strict=True)) == ["b1"]
    assert keys(claimed(store, run)) == ["a2"]


def test_what_is_settled_by_who_lost_it_stays_as_it_is(store, run):
    run(store.outbox.add([entry("1")]))
    (mine,) = claimed(store, run)
    (theirs,) = claimed(store, run, owner="other", now=NOW + 61 * SECOND)
    run(store.outbox.settle([settlement(mine, "dead")]))
    assert run(store.outbox.find(OutboxFilter("dead"))) == []
    run(store.outbox.settle([settlement(theirs)]))
    (row,) = run(store.outbox.find(OutboxFilter("delivered")))
    assert (row.ended, row.note, row.owner, row.leased) == (NOW, "note", "", 0)


@pytest.mark.parametrize("count", [1, 3, 200])
def test_any_number_is_settled_at_once_and_each_once(store, run, count):
    """Statements are filled up to a few sizes; what fills them up counts for nothing."""
    run(store.outbox.add([entry(str(number)) for number in range(count + 1)]))
    *mine, kept = claimed(store, run, limit=count + 1)
    run(store.outbox.settle([settlement(row, "waiting", due=NOW * 2) for row in mine]))
    rows = run(store.outbox.find(OutboxFilter(), 1000))
    assert [(row.attempts, row.owner, row.due) for row in rows] == [(1, "", NOW * 2)] * count + [(1, "me", kept.due)]


def test_settling_looks_at_what_is_settled_and_not_at_all_that_waits(postgresql_url, run):
    """Ten thousand that wait made each settlement take 80 ms, by the plan alone."""

    async def plan() -> str:
        connection = await connect(postgresql_url, WRITER)
        sql, values = next(settled([OutboxSettlement(number, "me", "delivered", NOW, "") for number in range(32)]))
        rows = await connection.fetch(f"EXPLAIN {numbered(sql)}", *values)
        await connection.close()
        return "\n".join(row[0] for row in rows)

    assert "Index Scan using outbox_pkey on outbox" in (found := run(plan())), found


def test_a_claim_looks_only_at_what_can_hold_up_a_lane(database_url, store, run):
    """Of a thousand that wait in a lane each had looked at all before it: a claim of a hundred thousand behind dead letters never ended."""
    run(store.outbox.add([entry(f"{lane} {step}", lane) for lane in "abcd" for step in range(1000)]))
    rows = claimed(store, run, limit=4000)
    run(store.outbox.settle([settlement(row, "waiting", tried=0) for row in rows]))
    found = run(planned(database_url, replace(CLAIM, strict=True)))
    assert "outbox_put_off" in found, found
    assert "outbox_dead" in found, found


async def planned(database_url: str, claim: OutboxClaim) -> str:
    """How the database goes about a claim."""
    work = outbox_claimed(claim)
    next(work)
    sql, values = work.send([("chu", 0, 0, 0)])
    if database_url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
            return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
    connection = await connect(database_url, WRITER)
    rows = await connection.fetch(f"EXPLAIN {numbered(sql)}", *values)
    await connection.close()
    return "\n".join(row[0] for row in rows)


def test_what_is_behind_an_erased_dead_letter_goes_on_where_order_is_strict(store, run):
    """It cannot be replayed any more."""
    run(store.outbox.add([entry("a1", "Patient/a"), entry("a2", "Patient/a")]))
    (first,) = claimed(store, run, limit=1)
    run(store.outbox.settle([replace(settlement(first, "dead"), note=ERASED_MESSAGE)]))
    assert keys(claimed(store, run, strict=True)) == ["a2"]


def test_who_names_no_owner_settles_nothing(store, run):
    run(store.outbox.add([entry("1"), entry("2")]))
    run(store.outbox.settle([settlement(*claimed(store, run, limit=1))]))
    for row in run(store.outbox.find(OutboxFilter())):
        run(store.outbox.settle([replace(settlement(row, "dead"), owner="")]))
    assert [row.status for row in run(store.outbox.find(OutboxFilter()))] == ["delivered", "waiting"]


def test_a_commit_settles_what_it_tells_of(store, run):
    run(store.outbox.add([entry("1")]))
    (row,) = claimed(store, run)
    run(store.commit(Commit([written("Communication", "c")], delivered=settlement(row))))
    assert keys(run(store.outbox.find(OutboxFilter("delivered")))) == ["1"]


def test_a_paused_destination_gives_nothing_until_it_goes_on(store, run):
    run(store.outbox.pause("chu"))
    run(store.outbox.add([entry("1")]))
    assert claimed(store, run) == []
    run(store.outbox.resume("chu"))
    assert keys(claimed(store, run)) == ["1"]


def test_after_its_circuit_was_open_a_destination_gives_one_to_try(store, run):
    run(store.outbox.add([entry("1"), entry("2")]))
    run(store.outbox.hold("chu", NOW + 5 * SECOND))
    assert claimed(store, run) == []
    assert keys(claimed(store, run, now=NOW + 6 * SECOND)) == ["1"]
    assert claimed(store, run, now=NOW + 7 * SECOND) == []
    run(store.outbox.hold("chu", 0))
    assert keys(claimed(store, run, now=NOW + 7 * SECOND)) == ["2"]


def test_a_rate_lets_a_seconds_worth_go_at_once_and_then_each_in_its_time(store, run):
    run(store.outbox.add([entry(str(number)) for number in range(20)]))
    sent = [len(claimed(store, run, now=NOW + step * SECOND // 4, interval=SECOND // 4)) for step in (0, 0, 1, 2, 4)]
    assert sent == [4, 0, 1, 1, 2]


def test_the_dead_and_the_delivered_are_replayed_by_number_and_by_filter(store, run):
    run(store.outbox.add([entry(key, f"Patient/{key}") for key in "abcd"]))
    a, b, c, d = claimed(store, run)
    run(
        store.outbox.settle(
            [settlement(a, "dead"), settlement(b, "dead"), settlement(c), settlement(d, "waiting", due=NOW + 3600 * SECOND)]
        )
    )
    assert run(store.outbox.replay(OutboxFilter(number=a.number))) == 1
    assert run(store.outbox.replay(OutboxFilter(number=a.number))) == 0
    assert run(store.outbox.replay(OutboxFilter("dead", "lab"))) == 0
    assert run(store.outbox.replay(OutboxFilter("dead", "chu"))) == 1
    assert run(store.outbox.replay(OutboxFilter(lane="Patient/c"))) == 1
    rows = claimed(store, run)
    assert [(row.key, row.expires) for row in rows] == [("a", -1), ("b", -1), ("c", -1)]


def test_only_what_has_ended_long_ago_is_purged(store, run):
    run(store.outbox.add([entry(key) for key in "abc"]))
    a, b, _ = claimed(store, run)
    run(store.outbox.settle([settlement(a), settlement(b, "dead")]))
    assert run(store.outbox.purge(OutboxFilter("waiting"), NOW * 2)) == 0
    assert run(store.outbox.purge(OutboxFilter("delivered"), NOW)) == 0
    assert run(store.outbox.purge(OutboxFilter("delivered"), NOW + 1)) == 1
    assert keys(run(store.outbox.find(OutboxFilter()))) == ["b", "c"]


def test_the_tally_counts_what_waits_and_what_is_dead_by_destination(store, run):
    run(store.outbox.add([entry("a"), entry("b"), entry("d"), OutboxEntry("lab", "c", b"")]))
    a, _, d = claimed(store, run)
    run(store.outbox.settle([settlement(a, "dead"), settlement(d)]))
    found = {(one.destination, one.status): (one.depth, one.attempts) for one in run(store.outbox.tally())}
    assert found == {("chu", "dead"): (1, 1), ("chu", "waiting"): (1, 1), ("lab", "waiting"): (1, 0)}


def test_workers_never_share_a_message_nor_a_lane(database_url, store, run):
    """Two stores claim and settle at once; each lane comes out in its order, each message once."""
    lanes = [f"Patient/{number}" for number in range(7)]
    entries = [entry(f"{lane} {step}", lane) for step in range(20) for lane in lanes]
    out: list[str] = []
    held: set[str] = set()

    async def work(mine: Store, owner: str) -> None:
        moments = itertools.count(NOW)
        while len(out) < len(entries):
            rows = await mine.outbox.claim(replace(CLAIM, owner=owner, now=next(moments), limit=5))
            assert not held & {row.lane for row in rows}
            held.update(row.lane for row in rows)
            await asyncio.sleep(0)
            out.extend(keys(rows))
            held.difference_update(row.lane for row in rows)
            if rows:
                await mine.outbox.settle([settlement(row) for row in rows])

    async def race() -> None:
        other = await open_store(database_url)
        await store.outbox.add(entries)
        await asyncio.wait_for(asyncio.gather(work(store, "a"), work(other, "b")), PATIENCE)
        await other.close()

    run(race())
    assert sorted(out) == sorted(one.key for one in entries)
    for lane in lanes:
        assert [key for key in out if key.startswith(lane + " ")] == [f"{lane} {step}" for step in range(20)]


def test_only_where_something_waits_is_looked_at(store, run):
    async def scene():
        await store.outbox.add([OutboxEntry(name, "k", b"") for name in ("gone", "held", "paused", "waits")])
        (row,) = await store.outbox.claim(replace(CLAIM, destination="gone"))
        await store.outbox.settle([OutboxSettlement(row.number, row.owner, "delivered", NOW, "")])
        await store.outbox.hold("held", NOW + 1)
        await store.outbox.pause("paused")
        assert await store.outbox.waited_for(NOW) == ["waits"]
        assert await store.outbox.waited_for(NOW + 1) == ["held", "waits"]

    run(scene())
