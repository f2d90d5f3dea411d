"""A server whose settings call a faulty identifier an error, and refuse errors at a write, keeps it out; by default it is taken."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.settings import Settings
from fhir_server.store.sqlite import SqliteStore

DOCTOR = {"resourceType": "Practitioner", "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": "10002422978"}]}


def created(folder: Path, definitions: Definitions, **settings: Any) -> None:
    async def scene() -> None:
        store = SqliteStore(folder / "store.db")
        try:
            parts = put_together(definitions, store, Settings(data=folder, validate_on_write="refuse", **settings))
            await parts.interactions.create("Practitioner", DOCTOR)
        finally:
            await store.close()

    asyncio.run(scene())


def test_by_default_it_is_received(tmp_path: Path, definitions: Definitions) -> None:
    created(tmp_path, definitions)


@pytest.mark.parametrize("settings", [{"identifier_checks": "error"}, {"identifier_checks_of": {"rpps": "error"}}], ids=str)
def test_an_error_is_refused(tmp_path: Path, definitions: Definitions, settings: dict[str, Any]) -> None:
    with pytest.raises(FhirError) as refused:
        created(tmp_path, definitions, **settings)
    assert [one.message_id for one in refused.value.issues if one.is_error] == ["identifier-key"]


def test_a_kind_may_be_spared(tmp_path: Path, definitions: Definitions) -> None:
    created(tmp_path, definitions, identifier_checks="error", identifier_checks_of={"rpps": "off"})
