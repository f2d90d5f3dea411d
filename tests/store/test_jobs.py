"""Asynchronous requests as the store keeps them, and the state at one moment of the change sequence."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.store.change import Commit, Deletion
from fhir_server.store.job import SENT, SILENT, Job
from fhir_server.store.job_file import JobFileWriter, lines, packed, unpacked
from fhir_server.store.opening import open_store
from tests.store.conftest import written

NOW = 10**15


def job(id_: str, created: int = NOW, **more: Any) -> Job:
    return Job(id_, "request", b"{}", "waiting", "", 0, created, created, NOW + 10**9, **more)


def test_a_job_comes_back_as_it_was_until_it_expires(store, run):
    run(store.jobs.add(job("a", state=b"s", progress="p")))
    assert run(store.jobs.read("a", NOW)) == job("a", state=b"s", progress="p")
    assert run(store.jobs.read("a", NOW + 2 * 10**9)) is None
    assert run(store.jobs.read("b", NOW)) is None


def test_the_oldest_is_claimed_first_and_each_once(store, run):
    for id_, created in (("later", NOW + 1), ("first", NOW)):
        run(store.jobs.add(job(id_, created)))
    claimed = [run(store.jobs.claim("me", NOW, 0)) for _ in range(3)]
    assert [one and (one.id, one.status, one.owner, one.attempts) for one in claimed] == [
        ("first", "running", "me", 1), ("later", "running", "me", 1), None,
    ]  # fmt: skip


def test_two_processes_never_claim_the_same(database_url, store, run):
    async def race() -> list[str]:
        other = await open_store(database_url)
        for number in range(20):
            await store.jobs.add(job(f"j{number:02}"))
        claims = [one.jobs.claim(owner, NOW, 0) for _ in range(15) for one, owner in ((store, "a"), (other, "b"))]
        found = [one.id for one in await asyncio.gather(*claims) if one]
        await other.close()
        return found

    assert sorted(run(race())) == [f"j{number:02}" for number in range(20)]


def test_what_is_preparing_or_has_expired_is_not_claimed(store, run):
    run(store.jobs.add(Job("a", "request", b"", "preparing", "", 0, NOW, NOW, NOW + 5)))
    assert run(store.jobs.claim("me", NOW, 0)) is None
    run(store.jobs.ready("a"))
    assert run(store.jobs.claim("me", NOW + 6, 0)) is None
    assert run(store.jobs.claim("me", NOW, 0)).id == "a"


def test_an_owner_that_was_silent_loses_its_job(store, run):
    run(store.jobs.add(job("a")))
    run(store.jobs.claim("dead", NOW, 0))
    assert run(store.jobs.claim("me", NOW + 5, NOW)) is None
    taken = run(store.jobs.claim("me", NOW + SILENT, NOW + 1))
    assert (taken.owner, taken.attempts) == ("me", 2)
    assert not run(store.jobs.report("a", "dead", NOW, "", b""))
    assert not run(store.jobs.finish("a", "dead", NOW + 1, b""))
    assert run(store.jobs.report("a", "me", NOW + 7, "half", b"state"))
    assert run(store.jobs.finish("a", "me", NOW + 9, b"done"))
    found = run(store.jobs.read("a", NOW))
    assert (found.status, found.progress, found.state, found.result, found.expires) == ("done", "half", b"state", b"done", NOW + 9)


def test_who_runs_what_was_cancelled_learns_it(store, run):
    run(store.jobs.add(job("a")))
    run(store.jobs.claim("me", NOW, 0))
    assert run(store.jobs.expire("a", NOW))
    assert not run(store.jobs.expire("a", NOW))
    assert not run(store.jobs.report("a", "me", NOW, "", b""))
    assert not run(store.jobs.finish("a", "me", NOW, b""))


def test_what_has_expired_is_removed_with_its_files_once_nobody_runs_it(store, run):
    for id_ in ("kept", "running", "waiting"):
        run(store.jobs.add(job(id_, NOW if id_ != "running" else NOW - 1)))
        run(store.jobs.append(id_, "f", 0, b"x"))
    run(store.jobs.claim("me", NOW, 0))
    for id_ in ("running", "waiting"):
        run(store.jobs.expire(id_, NOW))
    while run(store.jobs.sweep(NOW)):
        pass
    assert [run(store.jobs.part(id_, "f", 0)) for id_ in ("kept", "running", "waiting")] == [b"x", b"x", None]
    while run(store.jobs.sweep(NOW + SILENT + 1)):
        pass
    assert [run(store.jobs.part(id_, "f", 0)) for id_ in ("kept", "running", "waiting")] == [b"x", None, None]


def test_a_file_is_read_as_it_was_written_in_pieces_and_lines(store, run):
    content = [os.urandom(50_000).hex().encode() + b"\n" for _ in range(40)]

    async def through() -> tuple[list[bytes], list[bytes]]:
        file = JobFileWriter(store.jobs, "a", "f")
        for one in content:
            await file.write(one)
        await file.close()
        found = [one async for one in lines(unpacked(store.jobs, "a", "f"), 10**6)]
        return found, [one async for one in packed(store.jobs, "a", "f")]

    run(store.jobs.add(job("a")))
    found, pieces = run(through())
    assert found == [one[:-1] for one in content]
    assert len(pieces) > 1


def test_a_job_that_begins_anew_keeps_only_what_was_sent(store, run):
    for file in (SENT, "f"):
        run(store.jobs.append("a", file, 0, b"x"))
    run(store.jobs.clear("a"))
    assert (run(store.jobs.part("a", SENT, 0)), run(store.jobs.part("a", "f", 0))) == (b"x", None)


def test_a_line_may_not_be_longer_than_is_read(run):
    async def source() -> Any:
        for _ in range(10):
            yield b"x" * 100

    async def read() -> None:
        async for _ in lines(source(), 500):
            pass

    with pytest.raises(FhirError, match="500 bytes"):
        run(read())


def moments(store: Any, run: Any) -> list[int]:
    """Three states: a and b are made; a is changed and c made; b is deleted and a changed again."""
    steps = [
        [written("Patient", "a", active=True), written("Patient", "b")],
        [written("Patient", "a", active=False), written("Patient", "c"), written("Group", "g")],
        [Deletion("Patient", "b"), written("Patient", "a", gender="other")],
    ]
    return [max(result.stored.seq for result in run(store.commit(Commit(step)))) for step in steps]


def state(store: Any, run: Any, seq: int, **more: Any) -> dict[str, int | None]:
    return {one.id: one.version if one.content else None for one in run(store.as_of(seq, "Patient", **more))}


def test_the_state_at_a_moment_is_what_it_was(store, run):
    first, second, third = moments(store, run)
    assert state(store, run, first) == {"a": 1, "b": 1}
    assert state(store, run, second) == {"a": 2, "b": 1, "c": 1}
    assert state(store, run, third) == {"a": 3, "b": None, "c": 1}
    assert state(store, run, 0) == {}


def test_only_what_was_changed_since_and_until(store, run):
    first, second, third = moments(store, run)
    times = {one.seq: one.updated for one in run(store.history(None, None, count=10)).versions}
    assert state(store, run, third, since=times[first]) == {"a": 3, "b": None, "c": 1}
    assert state(store, run, third, since=times[second]) == {"a": 3, "b": None}
    assert state(store, run, third, until=times[second]) == {"a": 2, "b": 1, "c": 1}
    assert state(store, run, third, since=times[first], until=times[second]) == {"a": 2, "c": 1}


def test_the_state_comes_in_pages(store, run):
    *_, third = moments(store, run)
    found: list[str] = []
    after = 0
    while page := run(store.as_of(third, "Patient", after=after, count=1)):
        found += [one.id for one in page]
        after = page[-1].seq
    assert sorted(found) == ["a", "b", "c"]
