"""Documents and appointments against the real server in process, on both stores: its searches and its transaction rules."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import StoreInbox
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store

Read = Callable[..., bytes]
Scene = Callable[..., Any]


@pytest.fixture
def playing(database_url: str, tmp_path: Path, definitions: Definitions) -> Callable[[list[bytes], Scene], None]:
    """`playing(messages, scene)`: the messages are taken, all answered AA; then the scene looks at the server."""

    async def play(messages: list[bytes], scene: Scene) -> None:
        store = await open_store(database_url)
        parts = put_together(definitions, store, Settings(data=tmp_path))
        intake = Intake(parts.endpoint, StoreInbox(store.inbox), AdtInterpreter(load_maps()))
        try:
            assert [acknowledgement_code(await intake.take(raw) or b"") for raw in messages] == ["AA"] * len(messages)
            await scene(parts)
        finally:
            await store.close()

    return lambda messages, scene: asyncio.run(play(messages, scene))


async def invalid(parts: Parts, resource: dict[str, Any]) -> list[str]:
    """What R4 and the profiles that it claims have against a resource."""
    outcome = await parts.endpoint.validate(resource)
    return [issue["diagnostics"] for issue in outcome["issue"] if issue["severity"] in ("error", "fatal")]


def test_a_document_leads_to_its_file_and_its_stay(playing: Callable[..., None], message: Read) -> None:
    async def scene(parts: Parts) -> None:
        (document,) = await parts.endpoint.search("DocumentReference", [])
        binary = await parts.endpoint.read(*document["content"][0]["attachment"]["url"].split("/"))
        assert binary is not None
        assert base64.b64decode(binary["data"]).startswith(b"<?xml")
        assert binary["securityContext"] == {"reference": f"DocumentReference/{document['id']}"}
        (stay,) = await parts.endpoint.search("Encounter", [])
        assert document["context"]["encounter"] == [{"reference": f"Encounter/{stay['id']}"}]
        assert await invalid(parts, document) == []

    playing([message("a01_admission"), message("documents/mdm_t02_nouveau")], scene)


@pytest.mark.parametrize("late", [False, True], ids=["in order", "the replaced one comes last"])
def test_one_document_replaces_another_in_either_order(late: bool, playing: Callable[..., None], message: Read) -> None:
    async def scene(parts: Parts) -> None:
        found = await parts.endpoint.search("DocumentReference", [])
        assert {one["masterIdentifier"]["value"][-1]: one["status"] for one in found} == {"1": "superseded", "2": "current"}
        assert [problem for one in found for problem in await invalid(parts, one)] == []

    both = [message("documents/mdm_t02_nouveau"), message("documents/mdm_t10_remplacement")]
    playing(both[::-1] if late else both, scene)


def test_an_appointment_is_made_and_cancelled(playing: Callable[..., None], message: Read) -> None:
    async def scene(parts: Parts) -> None:
        (appointment,) = await parts.endpoint.search("Appointment", [])
        assert (appointment["status"], appointment["end"]) == ("cancelled", "2026-04-02T15:15:00+02:00")
        assert await invalid(parts, appointment) == []

    playing([message("appointments/siu_s12_nouveau"), message("appointments/siu_s15_annulation")], scene)
