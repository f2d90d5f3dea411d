"""Requests and answers that end half-way, and transactions whose last entry is at fault: nothing is half written."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from tests.fuzz.asgi_client import AsgiClient, Message
from tests.fuzz.verdict import check, texts_of
from tests.patience import PATIENCE


def count(client: AsgiClient, code: str) -> int:
    return int(client.ask("GET", "/Basic", [("code", code), ("_summary", "count")]).json()["total"])


def basic(code: str) -> dict[str, Any]:
    return {"resourceType": "Basic", "code": {"coding": [{"system": "urn:oid:2.999", "code": code}]}}


def entry(code: str, **request: str) -> dict[str, Any]:
    return {"resource": basic(code), "request": {"method": "POST", "url": "Basic"} | request}


FAULTS: dict[str, tuple[dict[str, Any], int]] = {
    "an unknown type": ({"resource": {"resourceType": "Shoe"}, "request": {"method": "POST", "url": "Shoe"}}, 404),
    "an unknown element": ({"resource": {"resourceType": "Basic", "oops": 1}, "request": {"method": "POST", "url": "Basic"}}, 400),
    "a version that is not there": ({"resource": {"resourceType": "Patient", "id": "p1"}, "request": {
        "method": "PUT", "url": "Patient/p1", "ifMatch": 'W/"99"'}}, 412),
    "no request": ({"resource": {"resourceType": "Basic"}}, 400),
    "a reference to no entry": ({"resource": {"resourceType": "Basic", "code": {"text": "x"},
        "subject": {"reference": "Patient?identifier=nobody"}},
                                 "request": {"method": "POST", "url": "Basic"}}, 412),
    "a condition that cannot be read": (entry("x", ifNoneExist="_lastUpdated=yesterday"), 400),
    "a search that cannot be read": ({"request": {"method": "GET", "url": "Patient?birthdate=yesterday"}}, 400),
    "a resource with NUL for an id": ({"resource": {"resourceType": "Patient", "id": "a\u0000b"},
                                       "request": {"method": "PUT", "url": "Patient/a\u0000b"}}, 400),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_of_1000_entries_with_a_fault_in_the_last_none_is_written(client: AsgiClient, name: str) -> None:
    code = f"fault-{list(FAULTS).index(name)}"
    faulty, status = FAULTS[name]
    answer = client.ask("POST", "/", body={"resourceType": "Bundle", "type": "transaction", "entry": [entry(code)] * 999 + [faulty]})
    check(answer, name)
    assert answer.status == status, answer.body[:300]
    assert "999" in json.dumps(answer.json()["issue"]), texts_of(answer)
    assert count(client, code) == 0


@pytest.mark.parametrize(
    "url", ["Patient/a\u0000b", "Patient/%00", "Patient/a\u0000b/_history/1", "Patient/\u0000/_history", "Patient?_id=\u0000"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_an_entry_about_no_id_is_no_fault_of_ours(client: AsgiClient, kind: str, method: str, url: str) -> None:
    answer = client.ask("POST", "/", body={"resourceType": "Bundle", "type": kind, "entry": [{"request": {"method": method, "url": url}}]})
    check(answer, url)
    assert not [one for one in answer.json().get("entry", []) if one["response"]["status"].startswith("5")], answer.body


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_truncated_body_writes_nothing(client: AsgiClient, keep: int, kind: str) -> None:
    code = f"cut-{kind}-{keep % 1000}"
    xml = f'<Basic xmlns="http://hl7.org/fhir"><code><coding><system value="urn:oid:2.999"/><code value="{code}"/></coding></code></Basic>'
    whole = json.dumps(basic(code)).encode() if kind == "json" else xml.encode()
    part = whole[:keep] if keep else b""
    headers = {"content-type": f"application/fhir+{kind}", "content-length": str(len(whole))}
    answer = client.ask("POST", "/Basic", body=part[: len(whole) - 1], headers=headers)
    check(answer, part)
    assert answer.status == 400
    assert count(client, code) == 0


def body_messages(body: bytes, size: int) -> list[Message]:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return [{"type": "http.request", "body": part, "more_body": True} for part in parts] + [
        {"type": "http.request", "body": b"", "more_body": False}
    ]


def test_a_body_byte_by_byte_is_read(client: AsgiClient) -> None:
    scope = client.scope("POST", "/Basic", "", {"content-type": "application/fhir+json"})
    assert client.exchange(scope, body_messages(json.dumps(basic("byte-by-byte")).encode(), 1)).status == 201
    assert count(client, "byte-by-byte") == 1


@pytest.mark.parametrize("path", ["/Basic", "/Basic/_search", "/", "/Basic/$validate", "/$graphql", "/$import", "/Binary"])
def test_a_client_that_goes_away_within_its_body_leaves_nothing(client: AsgiClient, path: str) -> None:
    kind = "application/fhir+ndjson" if path == "/$import" else "application/fhir+json"
    messages = body_messages(json.dumps(basic("gone")).encode(), 20)[:-2]
    answer = client.exchange(client.scope("POST", path, "", {"content-type": kind}), messages)
    assert answer.status < 500
    assert count(client, "gone") == 0


@pytest.mark.parametrize("taken", [0, 1])
@pytest.mark.parametrize("path", ["/Patient", "/Patient/p1", "/metadata"])
def test_a_client_that_goes_away_within_its_answer_harms_nobody(client: AsgiClient, path: str, taken: int) -> None:
    with pytest.raises((OSError, ValueError)):
        client.exchange(client.scope("GET", path, "", {}), [], goes_after=taken)
    assert client.ask("GET", path).status == 200


@pytest.fixture
def port(client: AsgiClient) -> Iterator[int]:
    """The same application behind uvicorn, on the loop of its store."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(mounted(client.application), log_config=None, lifespan="off", http="httptools"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        thread = threading.Thread(target=client.loop.run_until_complete, args=(server.serve([bound]),))
        thread.start()
        wait_until(lambda: server.started)
        yield int(bound.getsockname()[1])
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def mounted(application: Any) -> Any:
    async def below(scope: Message, receive: Any, send: Any) -> None:
        await application(scope | {"root_path": "/fhir"}, receive, send)

    return below


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def said(port: int, sent: bytes, ends: bool = True) -> bytes:
    """What comes back for these bytes; with `ends` nothing more is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


HEAD = b"POST /fhir/Basic HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nConnection: close\r\n"
RAW = {
    "a head without end": b"GET /fhir/Patient HTTP/1.1\r\nHost: local",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00",
    "a length that lies": HEAD + b"Content-Length: 1000\r\n\r\n" + json.dumps(basic("raw")).encode(),
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 300\r\n\r\n{}",
    "a length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk that is cut": HEAD + b"Transfer-Encoding: chunked\r\n\r\n50\r\n" + json.dumps(basic("raw")).encode()[:40],
    "a chunk of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a huge chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
    "an odd header": b"GET /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nX-\xff\x00: y\r\n\r\n",
    "an odd address": b"GET /fhir/Patient?name=\xff\xfe\x01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "a head of a megabyte": b"GET /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nX-Long: "
    + b"a" * 1_000_000
    + b"\r\nConnection: close\r\n\r\n",
}


def test_broken_connections_leave_a_server_that_serves_and_nothing_written(client: AsgiClient, port: int) -> None:
    for name, sent in RAW.items():
        try:
            status = said(port, sent)[:12]
        except ConnectionError:
            continue
        assert not status.startswith((b"HTTP/1.1 2", b"HTTP/1.1 50")) or name in ("an odd address", "a head of a megabyte"), (name, status)
    asked = b"GET /fhir/Basic?code=raw&_summary=count HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert b'"total":0' in said(port, asked, ends=False)
