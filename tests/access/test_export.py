"""An export as its caller: all that they see, however much is hidden from them."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from fhir_server.access import guarded_store
from tests.access.conftest import Server
from tests.access.people import GP, care_team, observation, patient


def exported(server: Server, path: str) -> list[str]:
    begun = server.get(GP, path)
    place = begun.headers["content-location"].removeprefix(server.BASE)
    for _ in range(1000):
        if (answer := server.get(GP, place)).status_code != 202:
            break
        server.wait(asyncio.sleep(0.002))
    contents = [server.get(GP, file["url"].removeprefix(server.BASE)).content for file in answer.json()["output"]]
    return sorted(httpx.Response(200, content=line).json()["id"] for content in contents for line in content.splitlines())


def test_what_is_seen_is_found_behind_what_is_not(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_store, "SCANNED", 4)
    monkeypatch.setattr(guarded_store, "LOOKED_AT", 2)
    server.store(patient("p"), observation("o", "p"), care_team("t", "p", "Practitioner/gp"))
    server.store(patient("q"), *(observation(f"hidden-{number}", "q") for number in range(20)))
    assert exported(server, "/$export?_type=Observation") == ["o"]
