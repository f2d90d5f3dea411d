"""Messages in and out over HTTP: for the administrator, without content."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.security.caller import OPEN
from fhir_server.store.outbox import OutboxClaim, OutboxEntry, OutboxSettlement
from fhir_server.store.store import Store
from tests.access.conftest import Server, server, validator  # noqa: F401 - fixtures

LATE = 2**60


@pytest.fixture(autouse=True)
def _messages(store: Store, run: Any) -> None:
    async def fill() -> None:
        row = await store.inbox.receive("hl7v2", "GAM|CHU", "42", b"MSH|SECRET", 1_000_000)
        await store.inbox.fail(row.number, "PID-3 is required.", b"MSA|AE|42")
        await store.outbox.add([OutboxEntry("gp", key, b"SECRET", lane=f"Patient/{key}") for key in "ab"])
        (first,) = await store.outbox.claim(OutboxClaim("gp", "me", LATE, LATE + 1, 1))
        await store.outbox.settle([OutboxSettlement(first.number, "me", "dead", LATE, "answered 422")])

    run(fill())


def ids(answer: Any) -> set[str]:
    return {one["id"] for one in answer.json()["messages"]}


def test_messages_are_listed_without_content_and_narrowed(server: Server) -> None:  # noqa: F811
    answer = server.ask(OPEN, "GET", "/_exchange")
    assert ids(answer) == {"in-1", "out-1", "out-2"}
    assert "SECRET" not in answer.text
    assert answer.json()["destinations"] == ["gp  open  1 waiting  1 dead"]
    assert ids(server.ask(OPEN, "GET", "/_exchange?direction=&status=")) == {"in-1", "out-1", "out-2"}
    assert ids(server.ask(OPEN, "GET", "/_exchange?status=dead")) == {"out-1"}
    assert ids(server.ask(OPEN, "GET", "/_exchange?direction=in")) == {"in-1"}
    assert ids(server.ask(OPEN, "GET", "/_exchange?about=Patient/b")) == {"out-2"}
    assert ids(server.ask(OPEN, "GET", "/_exchange?sender=GAM%7CCHU&key=42")) == {"in-1"}
    assert ids(server.ask(OPEN, "GET", "/_exchange?key=b")) == {"out-2"}
    assert ids(server.ask(OPEN, "GET", "/_exchange?direction=in&_since=1970-01-01T00:00:02Z")) == set()


def test_the_newest_come_first_and_the_older_ones_are_a_page_further(server: Server) -> None:  # noqa: F811
    first = server.ask(OPEN, "GET", "/_exchange?_count=1&direction=out").json()
    assert ([one["id"] for one in first["messages"]], first["more"]) == (["out-2"], ["out-2"])
    then = server.ask(OPEN, "GET", "/_exchange?_count=1&before=out-2").json()
    assert ([one["id"] for one in then["messages"]], then["more"]) == (["out-1"], [])


def test_one_is_read_and_one_that_is_not_there_is_said_so(server: Server) -> None:  # noqa: F811
    answer = server.ask(OPEN, "GET", "/_exchange/out-1")
    assert (answer.json()["status"], answer.json()["note"]) == ("dead", "answered 422")
    assert server.ask(OPEN, "GET", "/_exchange/out-9").status_code == 404


def test_one_or_all_are_sent_again(server: Server) -> None:  # noqa: F811
    assert server.ask(OPEN, "POST", "/_exchange/_replay?id=out-1").json() == {"replayed": 1}
    assert server.ask(OPEN, "POST", "/_exchange/_replay?status=dead").json() == {"replayed": 0}
    assert server.ask(OPEN, "POST", "/_exchange/_replay?status=failed").json() == {"replayed": 1}


def test_several_are_sent_again_by_their_ids_and_those_that_are_not_say_why(server: Server) -> None:  # noqa: F811
    answer = server.ask(OPEN, "POST", "/_exchange/_replay?id=out-1&id=out-2&id=in-1")
    assert answer.json() == {"replayed": 2, "why": "out-2 is waiting: it will be sent without a replay."}


def test_what_failed_is_processed_again_by_its_sender_or_number(server: Server) -> None:  # noqa: F811
    """Of another sender's nothing is touched."""
    assert server.ask(OPEN, "POST", "/_exchange/_replay?sender=LAB%7CCHU").json() == {"replayed": 0}
    assert server.ask(OPEN, "POST", "/_exchange/_replay?status=failed&key=43").json() == {"replayed": 0}
    assert server.ask(OPEN, "POST", "/_exchange/_replay?sender=GAM%7CCHU&key=42").json() == {"replayed": 1}


def test_a_destination_is_paused_and_goes_on(server: Server) -> None:  # noqa: F811
    assert server.ask(OPEN, "POST", "/_exchange/_pause?destination=gp").json()["destinations"] == ["gp  paused  1 waiting  1 dead"]
    assert server.ask(OPEN, "POST", "/_exchange/_resume?destination=gp").json()["destinations"] == ["gp  open  1 waiting  1 dead"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "?status=lost"), ("GET", "?direction=up"), ("GET", "?about=%00"), ("GET", "?key=%00"),
        ("GET", "?_since=yesterday"), ("GET", "?before=7"), ("GET", "?before=in-7&direction=out"),
        ("GET", "/7"), ("POST", "/_replay"), ("POST", "/_replay?id=7"), ("POST", "/_replay?status=failed&_since=2026"),
        ("POST", "/_pause"), ("POST", "/_resume?destination="),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused(server: Server, method: str, path: str) -> None:  # noqa: F811
    assert server.ask(OPEN, method, f"/_exchange{path}").status_code == 400
