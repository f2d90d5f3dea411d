"""The page that tells a person who looked at the record: in both languages, for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fhir_server.console import console_routes
from fhir_server.console.access_history import AccessHistoryDesk
from fhir_server.model.issue import Category, fault
from fhir_server.security.caller import EVERYTHING, OPEN, Caller
from fhir_server.settings import Settings
from fhir_server.store.audit import AuditEntry, AuditPage, AuditRecord

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
ENTRIES = (
    AuditEntry(START, "read", "R", 0, "nurse", "app", "Léa <Roy>", entities=(("Observation", "o", 1),), patients=("a",), purpose="TREAT"),
    AuditEntry(START, "read", "R", 4, "stranger", "app", entities=(("Patient", "a", None),), patients=("a",), reason="urgence"),
)


class Trail:
    """Two entries of every person, and an older page behind them."""

    async def of_person(self, patient: str, count: int, after: Any = None) -> AuditPage:
        records = tuple(AuditRecord(1, number, entry, b"") for number, entry in enumerate(ENTRIES, 1))
        return AuditPage((), None) if after else AuditPage(records, (START, 1, 2))


def client_of(caller: Caller | None) -> TestClient:
    async def caller_of(_: Any) -> Caller:
        if caller is None:
            raise fault(Category.FORBIDDEN, "login", "no token")
        return caller

    trail: Any = Trail()
    return TestClient(Starlette(routes=console_routes(Settings(), accesses=AccessHistoryDesk(trail, caller_of))))


@pytest.fixture
def person() -> TestClient:
    return client_of(Caller("person", "app", EVERYTHING, patient="a"))


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("fr", ("Qui a consulté votre dossier", "Consulté : refusé", "mesures et observations", "soins", "urgence", "Accès plus anciens")),
        ("en", ("Who looked at your record", "Viewed: refused", "measures and observations", "care", "Earlier accesses")),
    ],
)
def test_a_person_reads_who_saw_what_when_and_why(person: TestClient, language: str, texts: tuple[str, ...]) -> None:
    page = person.get("/persons/a/access-history", headers={"accept-language": language})
    assert (page.status_code, page.headers["content-language"]) == (200, language)
    assert all(text in page.text for text in texts)
    assert "Léa &lt;Roy&gt;" in page.text
    assert '<th scope="col">' in page.text
    assert '<time datetime="2026-01-01T00:00:00.000Z">' in page.text


def test_the_next_page_goes_on_where_this_one_ended(person: TestClient) -> None:
    address = person.get("/persons/a/access-history").text.partition('rel="next" href="')[2].partition('"')[0]
    assert "No access is recorded." in person.get(address).text


@pytest.mark.parametrize("caller", [None, OPEN, Caller("other", "app", EVERYTHING, patient="b")])
def test_nobody_else_learns_anything(caller: Caller | None) -> None:
    refused = client_of(caller).get("/persons/a/access-history")
    assert (refused.status_code, "Roy" in refused.text) == (404, False)
