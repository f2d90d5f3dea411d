"""$import of NDJSON."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.rest.import_source import check_source
from fhir_server.rest.settings import RestSettings
from tests.rest.asynchronous import NDJSON, finished, manifest, place

LINES = [{"resourceType": "Patient", "id": "a"}, {"resourceType": "Organization", "name": "Clinic"}, {"resourceType": "Patient", "id": "b"}]


def ndjson(*resources: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


def test_lines_are_stored_and_counted(client):
    told = manifest(client, client.post("/$import", ndjson(*LINES), content_type=NDJSON))
    assert told["outcome"] == [{"type": "Organization", "count": 1}, {"type": "Patient", "count": 2}]
    assert (told["refused"], told["error"]) == (0, [])
    assert client.get("/Patient/a").status_code == 200
    assert client.get("/Organization?name=Clinic&_summary=count").json()["total"] == 1


def test_a_packed_body_is_unpacked(client):
    answer = client.post("/$import", gzip.compress(ndjson(*LINES)), content_type=NDJSON, content_encoding="gzip")
    assert sum(one["count"] for one in manifest(client, answer)["outcome"]) == 3


def test_a_wrong_line_keeps_no_other_out_and_is_named(client):
    body = ndjson(LINES[0]) + b"{nonsense\n\n" + ndjson({"resourceType": "Patient", "id": "x", "colour": "red"}, LINES[2])
    told = manifest(client, client.post("/$import", body, content_type=NDJSON))
    assert told["outcome"] == [{"type": "Patient", "count": 2}]
    assert told["refused"] == told["error"][0]["count"] == 2
    errors = [json.loads(line) for line in client.get(told["error"][0]["url"]).content.splitlines()]
    texts = [" ".join(issue["diagnostics"] for issue in one["issue"]) for one in errors]
    assert any("Line 2 of the body" in text and "JSON" in text for text in texts)
    assert any("Line 4 of the body" in text and "colour" in text and "entry" not in text for text in texts)
    assert all("Bundle" not in json.dumps(one) for one in errors)


def test_what_is_imported_again_by_the_same_job_is_no_new_version(interactions, loop):
    from fhir_server.operations.import_ndjson import ImportProgress, NdjsonImport

    async def lines() -> Any:
        for resource in LINES:
            yield json.dumps(resource).encode()

    async def twice() -> None:
        for _ in range(2):
            await NdjsonImport(interactions, "seed", ImportProgress(), lambda _: None).load(0, "x", lines())

    loop.run_until_complete(twice())
    assert loop.run_until_complete(interactions.store.newest()) == 3


def test_an_import_goes_on_behind_its_last_line(interactions, loop):
    from fhir_server.operations.import_ndjson import ImportProgress, NdjsonImport

    async def lines() -> Any:
        for resource in LINES:
            yield json.dumps(resource).encode()

    reached = ImportProgress(source=0, line=2, stored={"Patient": 1, "Organization": 1})
    loop.run_until_complete(NdjsonImport(interactions, "seed", reached, lambda _: None).load(0, "x", lines()))
    assert reached.stored == {"Patient": 2, "Organization": 1}
    assert loop.run_until_complete(interactions.store.newest()) == 1


def parameters(*urls: str) -> dict[str, Any]:
    inputs = [{"name": "input", "part": [{"name": "type", "valueCode": "Patient"}, {"name": "url", "valueUri": url}]} for url in urls]
    return {"resourceType": "Parameters", "parameter": [{"name": "inputFormat", "valueCode": NDJSON}, *inputs]}


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x.ndjson", "file:///etc/passwd", "https://example.org/x", "http://[::1]/x"])
def test_nothing_is_fetched_from_where_it_is_not_allowed(client, issue_of, url):
    answer = client.post("/$import", parameters(url))
    assert answer.status_code == 403
    assert "import_sources" in issue_of(answer)["diagnostics"]


ALLOWED = "https://data.example.org/exports"


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        (ALLOWED, True), (ALLOWED + "/a.ndjson", True), (ALLOWED + "x/a.ndjson", False), (ALLOWED + "/../secret", False),
        ("http://data.example.org/exports/a", False), ("https://data.example.org:444/exports/a", False),
        ("https://data.example.org@evil.example/exports/a", False), ("https://evil.example/exports/a", False),
        ("https://data.example.org\\@evil.example/exports/a", False), (ALLOWED + "/%2e%2e/secret", False),
    ],
)  # fmt: skip
def test_an_address_is_allowed_below_one_that_is_named(url, is_allowed):
    settings = RestSettings(import_sources=(ALLOWED,))
    if is_allowed:
        check_source(url, settings)
    else:
        with pytest.raises(FhirError, match="import_sources"):
            check_source(url, settings)


def test_lines_are_fetched_from_where_it_is_allowed(serve, loop):
    content = ndjson(LINES[0], LINES[1], LINES[2])

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (len(content), content))
        await writer.drain()
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(answered, "127.0.0.1", 0))
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/exports"
    client = serve(import_sources=(base,))
    told = manifest(client, client.post("/$import", parameters(base + "/p.ndjson")))
    assert told["outcome"] == [{"type": "Patient", "count": 2}]
    assert "Organization" in client.get(told["error"][0]["url"]).json()["issue"][0]["diagnostics"]
    server.close()


def test_a_source_that_cannot_be_reached_is_told(serve, issue_of):
    client = serve(import_sources=("http://127.0.0.1:9/x",))
    answer = finished(client, place(client.post("/$import", parameters("http://127.0.0.1:9/x/p.ndjson"))))
    assert answer.status_code == 422
    assert "could not be fetched" in issue_of(answer)["diagnostics"]


def test_a_bomb_is_refused_before_it_is_unpacked(serve):
    client = serve(max_import_bytes=100_000)
    bomb = gzip.compress(b" " * 50_000_000)
    assert client.post("/$import", bomb, content_type=NDJSON, content_encoding="gzip").status_code == 413


def test_a_line_longer_than_a_body_may_be_is_refused(serve):
    client = serve(max_body_bytes=2000)
    answer = finished(client, place(client.post("/$import", b"x" * 5000, content_type=NDJSON)))
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [{"resourceType": "Parameters"}, parameters()])
def test_an_import_of_nothing_is_refused(client, body):
    assert client.post("/$import", body).status_code == 400
