"""What became of every message of an exchange, read from its database once everything has ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fhir_server.model.json_format import decode_json
from fhir_server.store.opening import open_store
from fhir_server.store.outbox import OutboxFilter
from fhir_server.store.store import Store
from fhir_server.store.stored import Stored
from tests.reliability.exchange import KEY_SYSTEM, Exchange

Lanes = dict[str, list[int]]
PAGE = 500


async def account(exchange: Exchange, database: str) -> str:
    """One line of counts; AssertionError where a message was lost, applied twice, or came out of order."""
    store = await open_store(database)
    try:
        expected = {lane: list(range(count)) for lane, count in exchange.acknowledged.items()}
        _require_same("applied", await _applied(store), expected)
        _require_same("first told to the partner", _by_lane(dict.fromkeys(exchange.sink.took)), expected)
        assert await _provenance(store) == {f"{lane}.{step}": 1 for lane in expected for step in expected[lane] if lane[0] != "H"}
        assert not await store.inbox.find("received"), "nothing is left to be processed"
        assert not await store.inbox.find("failed")
        for status in ("waiting", "dead"):
            assert not await store.outbox.find(OutboxFilter(status)), status  # type: ignore[arg-type]
    finally:
        await store.close()
    again = len(exchange.sink.took) - len(set(exchange.sink.took))
    answers = ", ".join(f"{answer}: {count}" for answer, count in sorted(exchange.answers.items()))
    return f"{exchange.acknowledged.total()} messages acknowledged, applied once and told; {again} told again; {answers}"


def _require_same(what: str, found: Lanes, expected: Lanes) -> None:
    """Each message once, in the order of its lane, none beside them."""
    for lane in expected | found:
        assert found.get(lane) == expected.get(lane), f"{what} of {lane}"


async def _applied(store: Store) -> Lanes:
    """By lane the steps in the order of the change sequence; what was applied twice is there twice."""
    keys = [key async for one in _versions(store, ["Encounter", "Basic"]) for key in _keys(decode_json(one.content or b"{}"))]
    return _by_lane(keys)


async def _versions(store: Store, types: Sequence[str]) -> AsyncIterator[Stored]:
    after = 0
    while page := await store.changes(after, types, PAGE):
        for one in page:
            yield one
        after = page[-1].seq


def _keys(resource: dict[str, Any]) -> list[str]:
    """Of a stay the visit number, of a transaction what it is known by."""
    of = {"Encounter": lambda one: "." in one["value"], "Basic": lambda one: one["system"] == KEY_SYSTEM}[resource["resourceType"]]
    return list({one["value"] for one in resource["identifier"] if of(one)})


async def _provenance(store: Store) -> dict[str, int]:
    """How often each message of the hospital was applied: each time leaves a Provenance that names it."""
    found: Counter[str] = Counter()
    async for one in _versions(store, ["Provenance"]):
        display = decode_json(one.content or b"{}")["entity"][0]["what"]["display"]
        found[display.rpartition(" ")[2]] += 1
    return dict(found)


def _by_lane(keys: Any) -> Lanes:
    lanes: defaultdict[str, list[int]] = defaultdict(list)
    for key in keys:
        lane, _, step = key.partition(".")
        lanes[lane].append(int(step))
    return dict(lanes)
