"""What the tests of asynchronous requests share: asking until there is an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.rest.conftest import Client

NDJSON = "application/fhir+ndjson"


def place(kicked_off: httpx.Response) -> str:
    """Where the request that was just accepted is asked after."""
    assert kicked_off.status_code == 202, kicked_off.text
    return kicked_off.headers["content-location"]


def finished(client: Client, address: str) -> httpx.Response:
    """The first answer that is not 202."""
    for _ in range(500):
        answer = client.get(address)
        if answer.status_code != 202:
            return answer
        client._loop.run_until_complete(asyncio.sleep(0.01))
    raise AssertionError("the request never came to an end")


def manifest(client: Client, kicked_off: httpx.Response) -> dict[str, Any]:
    answer = finished(client, place(kicked_off))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def exported(client: Client, kicked_off: httpx.Response) -> dict[str, list[dict[str, Any]]]:
    """The resources of all output files by type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in manifest(client, kicked_off)["output"]:
        answer = client.get(file["url"])
        assert answer.headers["content-type"] == NDJSON
        lines = [httpx.Response(200, content=line).json() for line in answer.content.splitlines()]
        assert len(lines) == file["count"]
        found.setdefault(file["type"], []).extend(lines)
    return found
