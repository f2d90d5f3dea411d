"""The official French samples of HL7 v2 messages, on a real server: taken or refused with a reason, and what they become is valid."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.message import Message
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import StoreInbox
from fhir_server.settings import Settings
from fhir_server.store.sqlite import SqliteStore

pytestmark = pytest.mark.conformance

BASE = "https://passerelle.care/fhir/StructureDefinition/passerelle-"
PROFILES = {"Practitioner": f"{BASE}practitioner"}
"""Elsewhere what each claims (tests/exchange/test_claims.py says that all do)."""
TYPES = ("Patient", "Encounter", "Practitioner", "Organization", "Location", "DocumentReference", "Provenance")


async def replayed(folder: Path, messages: list[bytes], definitions: Definitions) -> tuple[list[str], list[str]]:
    """The answers to messages that come one after another, and the errors of what they became."""
    store = SqliteStore(folder / "store.db")
    parts = put_together(definitions, store, Settings(data=folder))
    intake = Intake(parts.endpoint, StoreInbox(store.inbox), AdtInterpreter(load_maps()))
    replies = [await intake.take(raw) or b"" for raw in messages]
    wrong = [line for type_name in TYPES for line in await errors(parts, type_name)]
    await store.close()
    return [said(reply) for reply in replies], wrong


async def errors(parts: Parts, type_name: str) -> list[str]:
    found = []
    for one in await parts.endpoint.search(type_name, []):
        outcome = await parts.endpoint.validate(one, PROFILES.get(type_name))
        issues = (issue for issue in outcome["issue"] if issue["severity"] in ("error", "fatal"))
        found += [f"{type_name} {issue['diagnostics']}" for issue in issues]
    return found


def said(reply: bytes) -> str:
    """AA, or AE with the place and its code: `AE TXA^1^12 204`."""
    message = Message.parse(reply)
    error = message.first("ERR")
    return acknowledgement_code(reply) + (f" {error.field(2)} {error.text(3)}" if error else "")


STORIES = {
    "trans_doc/MDM": ["Transmission initiale MDM/*N1.er7", "Remplacement MDM/message*.er7", "Suppression MDM/message*.er7"],
    "mdm_mss": ["Transmission initiale MDM/*N1.er7", "Remplacement MDM/message*.er7", "Suppression MDM/message*.er7"],
    "sgl": ["admission.er7", "sortie.er7"],
    "consentement": ["*.er7"],
}


@pytest.mark.parametrize("folder", STORIES)
def test_the_samples_are_taken_and_valid(folder: str, test_data: Path, tmp_path: Path, definitions: Definitions) -> None:
    files = [file for pattern in STORIES[folder] for file in sorted((test_data / "hl7v2-fr" / folder).glob(pattern))]
    assert len(files) >= len(STORIES[folder])
    replies, wrong = asyncio.run(replayed(tmp_path, [file.read_bytes() for file in files], definitions))
    assert replies == ["AA"] * len(files)
    assert wrong == []
