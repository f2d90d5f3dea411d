"""A bulk export, against a server that behaves as the Bulk Data specification says (https://hl7.org/fhir/uv/bulkdata/STU2/export.html)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from fhir_server.client import Export, FhirClient, NotUnderstood, Refused, Unreachable
from fhir_server.client.bulk_export import manifest
from fhir_server.client.connection import Connection
from fhir_server.client.retry import Retry

BASE = "http://fhir.example.org/fhir"
STATE = f"{BASE}/exports/7"
FILES = "http://files.example.org/7/"
MANIFEST = {
    "transactionTime": "2026-03-01T08:00:00Z",
    "request": f"{BASE}/$export",
    "requiresAccessToken": False,
    "output": [{"type": "Patient", "url": f"{FILES}patients", "count": 2}],
    "error": [],
}
LINES = '{"resourceType":"Patient","id":"a","name":[{"family":"x\u2028y\u0085z"}]}\n\n{"resourceType":"Patient","id":"b"}'
Run = Callable[[Awaitable[Any]], Any]


async def cut() -> AsyncIterator[bytes]:
    yield LINES.encode()[:60]
    raise httpx.ReadError("cut")


FILE_ANSWERS = {
    "patients": lambda: httpx.Response(200, content=LINES.encode()),
    "gone": lambda: httpx.Response(404, content=b"no"),
    "broken": lambda: httpx.Response(200, content=cut()),
}


class Exporting:
    """Begins an export, is busy twice, then is ready."""

    def __init__(self, **changed: Any):
        self.asked = list[httpx.Request]()
        self._manifest = MANIFEST | changed
        self._busy = 2

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        url = str(request.url)
        if url.startswith(FILES):
            return FILE_ANSWERS[url.removeprefix(FILES)]()
        return self._state(request) if url == STATE else httpx.Response(202, headers={"Content-Location": STATE})

    def _state(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            return httpx.Response(202)
        self._busy -= 1
        if self._busy >= 0:
            return httpx.Response(202, headers={"X-Progress": f"{self._busy} to go", "Retry-After": "3"})
        return httpx.Response(200, json=self._manifest)

    @property
    def paths(self) -> list[str]:
        return [f"{one.method} {one.url.raw_path.decode()}" for one in self.asked]


def connection(server: Exporting) -> Connection:
    transport = httpx.MockTransport(server)
    return Connection(BASE, auth=httpx.BasicAuth("a", "b"), retry=Retry(), timeout=5, headers=None, transport=transport)


def waiting(server: Exporting) -> tuple[Export, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return Export(connection(server), STATE, sleep), waits


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({}, "/fhir/$export"),
        ({"patients": True}, "/fhir/Patient/$export"),
        ({"group": "g1", "since": "2026-01-01T00:00:00Z"}, "/fhir/Group/g1/$export?_since=2026-01-01T00%3A00%3A00Z"),
        ({"types": ["Patient", "Task"]}, "/fhir/$export?_type=Patient%2CTask"),
    ],
)
def test_an_export_begins_with_this_request(run: Run, asked: dict[str, Any], path: str) -> None:
    server = Exporting()
    export = run(FhirClient(BASE, transport=httpx.MockTransport(server)).export(**asked))
    assert (server.paths, export.url) == ([f"GET {path}"], STATE)
    assert (server.asked[0].headers["prefer"], server.asked[0].headers["accept"]) == ("respond-async", "application/fhir+json")


def test_it_is_asked_for_as_often_as_the_server_wishes(run: Run) -> None:
    export, waits = waiting(Exporting())
    told = run(export.wait())
    assert (waits, export.progress, told.transaction_time, told.output[0].count) == ([3.0, 3.0], "0 to go", "2026-03-01T08:00:00Z", 2)


async def listed(several: Any) -> list[Any]:
    return [one async for one in several]


def test_a_line_ends_only_at_a_line_feed(run: Run) -> None:
    export, _ = waiting(Exporting())
    resources = run(listed(export.resources(manifest(MANIFEST))))
    assert [one["id"] for one in resources] == ["a", "b"]
    assert resources[0]["name"][0]["family"] == "x\u2028y\u0085z"


@pytest.mark.parametrize("needs_token", [True, False])
def test_files_get_the_credentials_only_if_the_manifest_says_so(run: Run, needs_token: bool) -> None:
    server = Exporting()
    export, _ = waiting(server)
    run(listed(export.resources(manifest(MANIFEST | {"requiresAccessToken": needs_token}))))
    assert ("authorization" in server.asked[-1].headers) is needs_token
    assert server.asked[-1].headers["accept"] == "application/fhir+ndjson"


def test_an_export_can_be_cancelled(run: Run) -> None:
    server = Exporting()
    run(waiting(server)[0].cancel())
    assert server.paths == ["DELETE /fhir/exports/7"]


def test_a_file_that_is_gone_is_told(run: Run) -> None:
    export, _ = waiting(Exporting())
    gone = manifest(MANIFEST | {"output": [{"type": "Patient", "url": f"{FILES}gone"}]})
    with pytest.raises(Refused, match="404 for GET /7/gone"):
        run(listed(export.resources(gone)))


def test_a_file_that_breaks_off_is_told(run: Run) -> None:
    export, _ = waiting(Exporting())
    broken = manifest(MANIFEST | {"output": [{"type": "Patient", "url": f"{FILES}broken"}]})
    with pytest.raises(Unreachable, match="cut"):
        run(listed(export.resources(broken)))


def test_a_server_that_begins_none_is_not_waited_for(run: Run) -> None:
    client = FhirClient(BASE, transport=httpx.MockTransport(lambda _: httpx.Response(200, json={})))
    with pytest.raises(NotUnderstood, match="has begun no export"):
        run(client.export())


@pytest.mark.parametrize("lacking", ["transactionTime", "requiresAccessToken"])
def test_a_manifest_says_what_it_must(lacking: str) -> None:
    with pytest.raises(NotUnderstood, match=lacking):
        manifest({name: value for name, value in MANIFEST.items() if name != lacking})
