"""What becomes of messages to a partner that closes, is slow, answers half, twice or nonsense, or is away: on both stores, over real
connections by HTTP and MLLP. A message is delivered only where the partner said so, of that very message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.destinations import Surroundings, destination
from fhir_server.security.outgoing import Outgoing
from fhir_server.store.opening import now
from fhir_server.store.outbox import OutboxEntry
from fhir_server.store.store import Store
from tests.exchange.bench import Bench
from tests.exchange.faulty_partner import END, FaultyPartner, Script
from tests.exchange.partner import HOUR, MINUTE, SECOND, Clock, Partners
from tests.ports import free_port

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


def mllp(content: bytes) -> bytes:
    return b"\x0b" + content + b"\x1c\r"


def answer(code: str, key: str = "{key}", *errors: str) -> bytes:
    return mllp("\r".join([r"MSH|^~\&|C|D|A|B|20260101||ACK|X9|P|2.5", f"MSA|{code}|{key}", *errors, ""]).encode())


AA = answer("AA")
SILENCE = 3600.0
WAITS, DEAD, DONE = "waiting", "dead", "delivered"

HTTP: dict[str, tuple[Script, str, str]] = {
    "closes without a word": ([END], WAITS, "closed before an answer"),
    "closes in the middle of the head": ([b"HTTP/1.1 20", END], WAITS, "closed before an answer"),
    "closes in the middle of the body": ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", END], WAITS, "closed before an answer"),
    "says nothing": ([SILENCE], WAITS, "no answer within 0.5 s"),
    "drips": ([b"HTTP/1.1 200 OK\r\n", *[0.2, b"x: y\r\n"] * 9], WAITS, "no answer within 0.5 s"),
    "is slow with half of the answer": ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", SILENCE], WAITS, "no answer within 0.5 s"),
    "answers twice": ([OK + OK], DONE, "200"),
    "answers a second time later": ([OK, 0.02, OK], DONE, "200"),
    "takes it and then says that it does not": ([OK + http("422 No")], DONE, "200"),
    "answers bytes": ([b"\x00\xff\x16\x03\x01 200 OK\r\n\r\n", END], WAITS, "cannot be read"),
    "answers as MLLP does": ([AA, END], WAITS, "cannot be read"),
    "says 500": ([http("500 Error", b"Mr SECRET")], WAITS, "answered 500"),
    "says 502 with a page": ([http("502 Bad Gateway", PAGE, "content-type: text/html")], WAITS, "answered 502"),
    "says 200 with a page of who stands before it": (
        [http("200 OK", PAGE, "content-type: text/html; charset=utf-8")], WAITS, "answered 200 with a web page",
    ),
    "says 200 with a word": ([http("200 OK", b"ok", "content-type: text/html")], DONE, "200"),
    "sends elsewhere": ([http("302 Found", b"", "location: https://elsewhere.example.org/")], DEAD, "answered 302"),
    "says 422": ([http("422 Unprocessable")], DEAD, "answered 422"),
    "says 400 with a page": ([http("400 Bad Request", PAGE, "content-type: text/html")], DEAD, "answered 400"),
}  # fmt: skip
MLLP: dict[str, tuple[Script, str, str]] = {
    "closes without a word": ([END], WAITS, "closed before an answer"),
    "closes in the middle": ([AA[:20], END], WAITS, "closed before an answer"),
    "says nothing": ([SILENCE], WAITS, "no answer within 0.5 s"),
    "is slow with half of the answer": ([AA[:20], SILENCE], WAITS, "no answer within 0.5 s"),
    "answers twice": ([AA + AA], DONE, "AA X9"),
    "answers a second time later": ([AA, 0.02, AA], DONE, "AA X9"),
    "answers twice and does not say to what": ([answer("AA", "") * 2], DONE, "AA X9"),
    "answers a second time later and does not say to what": ([answer("AA", ""), 0.02, answer("AA", "")], DONE, "AA X9"),
    "takes it and then says that it does not": ([AA + answer("AR")], DONE, "AA X9"),
    "answers another message": ([answer("AA", "other"), SILENCE], WAITS, "no answer within 0.5 s"),
    "answers another message first": ([answer("AR", "other") + AA], DONE, "AA X9"),
    "answers bytes without a frame": ([b"\x00\xff\x16\x03\x01 AA\r", END], WAITS, "closed before an answer"),
    "answers a page without a frame": ([http("200 OK", PAGE), END], WAITS, "closed before an answer"),
    "answers a page in a frame": ([mllp(PAGE)], WAITS, "no HL7 message"),
    "answers nothing in a frame": ([mllp(b"")], WAITS, "no answer within 0.5 s"),
    "answers without MSA": ([mllp(b"MSH|^~\\&|C|D|A|B|20260101||ACK|X9|P|2.5\r")], WAITS, "no acknowledgement"),
    "answers a code that is none": ([answer("OK")], WAITS, "no acknowledgement"),
    "breaks the frame off and starts anew": ([AA[:20] + AA], DONE, "AA X9"),
    "cannot keep it now": ([answer("CE")], WAITS, "answered CE"),
    "has an error of its own": ([answer("AE", "{key}", "ERR|||207|E||||Mr SECRET")], WAITS, "answered AE 207"),
    "cannot use it": ([answer("AE", "{key}", "ERR||PID^1^3|101|E||||Mr SECRET")], DEAD, "answered AE 101 PID-3"),
    "does not take such": ([answer("AR")], DEAD, "answered AR"),
}
CASES = [("http", name) for name in HTTP] + [("mllp", name) for name in MLLP]
ROWS = {"http": HTTP, "mllp": MLLP}
WELL = {"http": OK, "mllp": AA}


def entry(transport: str, key: str, lane: str) -> OutboxEntry:
    body = key if transport == "http" else f"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|{key}|P|2.5\r"
    return OutboxEntry("chu", key, body.encode(), lane=lane)


def partners(transport: str, port: int, folder: Path, **rules: Any) -> Partners:
    """As a table of the operator's file makes them."""
    place = {"url": f"http://127.0.0.1:{port}/"} if transport == "http" else {"host": "127.0.0.1", "port": port, "tls": False}
    found = Partners()
    found.by_name["chu"] = destination("chu", {"transport": transport, **place, **rules}, Surroundings(folder, Outgoing(("127.0.0.1",))))
    return found


Opened = Callable[..., tuple[Bench, FaultyPartner]]


@pytest.fixture
def opened(store: Store, run: Any, tmp_path: Path) -> Iterator[Opened]:
    """A bench with a partner that listens, and its rules."""
    used: list[tuple[Bench, FaultyPartner]] = []

    def open_(transport: str, partner: FaultyPartner, listens: bool = True, **rules: Any) -> tuple[Bench, FaultyPartner]:
        if listens:
            run(partner.listen())
        bench = Bench(store, run, Clock(now() + HOUR), partners(transport, partner.port, tmp_path, failures=100, **rules))
        used.append((bench, partner))
        return bench, partner

    yield open_
    for bench, partner in used:
        run(bench.partners.by_name["chu"].transport.close())
        run(partner.close())


def statuses(bench: Bench) -> dict[str, str]:
    return {row.key: row.status for row in bench.rows()}


def promised(bench: Bench) -> set[str]:
    return {row.key for row in bench.rows(status=DONE)}


@pytest.mark.parametrize(("transport", "name"), CASES, ids=[f"{transport} {name}" for transport, name in CASES])
def test_what_becomes_of_a_message_and_of_those_behind_it(transport: str, name: str, opened: Opened) -> None:
    """The fault meets a1; a2, of the same person, gets no answer the first time; b1 is another person's."""
    script, status, note = ROWS[transport][name]
    slow = "no answer within" in note
    partner = FaultyPartner(WELL[transport], {"a1": [script], "a2": [[END]]}, good=[script] if status == DONE else [])
    bench, _ = opened(transport, partner, seconds=0.5 if slow else 30)
    bench.add(entry(transport, "a1", "Patient/a"))
    bench.once()
    (first,) = bench.rows()
    assert (first.status, note in first.note, "SECRET" in first.note) == (status, True, False), first.note
    bench.add(entry(transport, "a2", "Patient/a"), entry(transport, "b1", "Patient/b"))
    bench.run(asyncio.sleep(0.05))
    bench.once()
    assert promised(bench) <= partner.promised, "what the partner has not answered is not delivered"
    bench.go_on(bench.clock.now + 10 * MINUTE, 30 * SECOND)
    assert statuses(bench) == {"a1": DEAD if status == DEAD else DONE, "a2": DONE, "b1": DONE}
    assert promised(bench) == partner.promised
    assert list(dict.fromkeys(key for key in partner.took if key[0] == "a")) == ["a1", "a2"]
    assert len(partner.took) <= 4 + (status == WAITS) or slow


@pytest.mark.parametrize("transport", ["http", "mllp"])
def test_a_partner_that_nobody_reaches_for_an_hour_gets_everything_in_order_afterwards(transport: str, opened: Opened) -> None:
    partner = FaultyPartner(WELL[transport], {}, port=free_port())
    bench, _ = opened(transport, partner, listens=False, longest_pause=300)
    keys = [f"{lane}{step}" for step in range(10) for lane in "abcdefgh"]
    began = bench.clock.now
    bench.add(*(entry(transport, key, f"Patient/{key[0]}") for key in keys))
    bench.once()
    bench.go_on(began + HOUR, MINUTE)
    attempts = sum(row.attempts for row in bench.rows())
    assert set(statuses(bench).values()) == {WAITS}
    bench.run(partner.listen())
    bench.go_on(bench.clock.now + 10 * MINUTE, MINUTE)
    print(f"{len(keys)} messages, {attempts} attempts in the hour, {len(partner.took)} taken, {len(set(partner.took))} different")
    assert set(statuses(bench).values()) == {DONE}
    assert sorted(partner.took) == sorted(keys)
    assert all([key for key in partner.took if key[0] == lane] == [f"{lane}{step}" for step in range(10)] for lane in "abcdefgh")
