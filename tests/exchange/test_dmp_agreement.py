"""ZFA: what a person says of the DMP becomes two Consents; the last word counts; they open and close nothing of the record here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions_in_use import definitions_in_use
from fhir_server.hospital import StoreInbox
from fhir_server.model.json_format import Resource
from fhir_server.settings import Settings
from fhir_server.store.sqlite import SqliteStore

PROFILE = "https://passerelle.care/fhir/StructureDefinition/passerelle-consent-dmp"
Scene = Callable[[list[bytes]], dict[str, Resource]]


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    """R4 with our guide, as the server has it."""
    return definitions_in_use(Settings(data=tmp_path_factory.mktemp("guide")), say=lambda _: None)


@pytest.fixture
def became(tmp_path: Path, guide: Definitions) -> Scene:
    """`became([message, ...])`: what is there after these messages, all taken, by the code of dmp-use."""

    async def scene(messages: list[bytes]) -> dict[str, Resource]:
        store = SqliteStore(tmp_path / "store.db")
        parts = put_together(guide, store, Settings(data=tmp_path))
        intake = Intake(parts.endpoint, StoreInbox(store.inbox), AdtInterpreter(load_maps()))
        answers = [acknowledgement_code(await intake.take(raw) or b"") for raw in messages]
        assert answers == ["AA"] * len(messages)
        found = await parts.endpoint.search("Consent", [])
        for one in found:
            assert await errors(parts, one) == []
        await store.close()
        return {one["category"][0]["coding"][1]["code"]: one for one in found}

    return lambda messages: asyncio.run(scene(messages))


async def errors(parts: Parts, consent: Resource) -> list[str]:
    outcome = await parts.endpoint.validate(consent, PROFILE)
    return [str(one["diagnostics"]) for one in outcome["issue"] if one["severity"] in ("error", "fatal")]


def saying(raw: bytes, zfa: str, control: str = "M0001", event: bytes = b"ADT^A01^ADT_A01") -> bytes:
    return raw.replace(b"|M0001|", f"|{control}|".encode()).replace(b"ADT^A01^ADT_A01", event) + f"ZFA|{zfa}\r".encode()


def kinds(found: dict[str, Resource]) -> dict[str, Any]:
    return {name: (one["provision"]["type"], one["dateTime"]) for name, one in found.items()}


USES = ("feeding", "consultation")
TIME = "2026-03-01T10:00:00+01:00"
A31 = b"ADT^A31^ADT_A05"


@pytest.mark.parametrize(
    ("zfa", "expected"),
    [
        ("ACTIF|20260301|||||||INO|20260301100000|IC|20260301100000", dict.fromkeys(USES, ("permit", TIME))),
        ("ACTIF||||||||IO|20260301100000|INC|20260301100000", dict.fromkeys(USES, ("deny", TIME))),
        ("ACTIF||||||||INO|20260301100000|NA", {"feeding": ("permit", TIME)}),
        ("ACTIF||||||||NA||IC|20260301100000", {"consultation": ("permit", TIME)}),
        ("ACTIF||||||||IO", {"feeding": ("deny", "2026-03-02T09:30:00+01:00")}),  # EVN-2 where there is no date
        ("ACTIF||||||||NA||NA", {}),
        ("ACTIF", {}),
        ("INEXISTANT||||||||X||Y", {}),
    ],
)
def test_what_is_said_becomes_consents_of_our_profile(
    zfa: str, expected: dict[str, Any], became: Scene, message: Callable[..., bytes]
) -> None:
    found = became([saying(message("a01_admission"), zfa)])
    assert kinds(found) == expected
    for one in found.values():
        assert one["status"] == "active"
        assert one["patient"]["reference"].startswith("Patient/")
        assert one["organization"][0]["reference"].startswith("Organization/")


@pytest.mark.parametrize("event", [b"ADT^A04^ADT_A01", b"ADT^A05^ADT_A05", b"ADT^A28^ADT_A05", A31, b"ADT^A08^ADT_A01"])
def test_every_event_that_may_say_it_is_read(event: bytes, became: Scene, message: Callable[..., bytes]) -> None:
    said = saying(message("a01_admission"), "||||||||IO|20260301100000", event=event)
    assert kinds(became([said])) == {"feeding": ("deny", TIME)}


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("||||||||INO|20260305100000", ("permit", "2026-03-05T10:00:00+01:00")),
        ("||||||||NA", ("deny", TIME)),
        ("||||||||INO|20260201100000", ("deny", TIME)),  # told late
        ("||||||||", ("deny", TIME)),
    ],
    ids=["taken back", "nobody asked", "older than what is known", "not sent"],
)
def test_an_objection_stays_until_it_is_taken_back(later: str, expected: Any, became: Scene, message: Callable[..., bytes]) -> None:
    raw = message("a01_admission")
    found = became([saying(raw, "||||||||IO|20260301100000"), saying(raw, later, "M0002", A31)])
    assert kinds(found) == {"feeding": expected}
    assert ("extension" in found["feeding"]) is (expected[0] == "deny")


def test_the_official_samples_say_what_their_names_say(test_data: Path, became: Scene) -> None:
    folder = test_data / "hl7v2-fr" / "consentement"
    expected = {
        "ConsentementConsultation_NonOppositionAlimentation": {"feeding": "permit", "consultation": "permit"},
        "NonConsentementConsultation_OppositionAlimentation": {"feeding": "deny", "consultation": "deny"},
    }
    for name, said in expected.items():  # of one person: the second, three days later, takes back the first
        found = became([(folder / f"{name}.er7").read_bytes()])
        assert {use: one["provision"]["type"] for use, one in found.items()} == said
