"""What Passerelle emits, read by software nobody here wrote: fhir.resources (R4B models) for JSON, lxml for XML.

R4B differs from R4 in few places; none of the types below is touched by them.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from lxml import etree

from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.client import as_sent
from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.demo import demonstration
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.settings import Settings
from fhir_server.store.sqlite import SqliteStore

MESSAGES = sorted((Path(__file__).parent.parent / "hl7v2" / "messages").glob("*.er7"))
DEMONSTRATION = [entry["resource"] for entry in demonstration()["entry"]]


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory, definitions: Definitions) -> list[dict[str, Any]]:
    """Every resource that the demonstration and our messages leave in a store, as it is served."""
    folder = tmp_path_factory.mktemp("emitted")

    async def fill() -> list[dict[str, Any]]:
        store = SqliteStore(folder / "store.db")
        parts = put_together(definitions, store, Settings(data=folder))
        await parts.interactions.transaction(demonstration())
        interpreter = AdtInterpreter(load_maps())
        for message in MESSAGES:
            meaning = await interpreter.interpret(as_sent(message.read_bytes()), parts.endpoint)
            if meaning.bundle is not None:
                await parts.endpoint.transaction(meaning.bundle)
        page = await store.history(None, None, count=10_000)
        await store.close()
        return [decode_resource(stored.content) for stored in page.versions if stored.content]

    return asyncio.run(fill())


def test_fhir_resources_reads_everything_that_is_served(emitted: list[dict[str, Any]]) -> None:
    types = {resource["resourceType"] for resource in emitted}
    assert {"CarePlan", "CareTeam", "Encounter", "Patient", "Task", "Organization", "Location", "Practitioner"} <= types
    for resource in emitted:
        model = get_fhir_model_class(resource["resourceType"])
        model.model_validate_json(encode_json(resource))


def test_lxml_reads_the_xml_and_finds_the_elements_of_the_json(emitted: list[dict[str, Any]], definitions: Definitions) -> None:
    for resource in emitted:
        text = encode_xml(resource, definitions.schema)
        root = etree.fromstring(text)
        assert root.tag == f"{{http://hl7.org/fhir}}{resource['resourceType']}"
        assert root.find("{*}id").get("value") == resource["id"]
        assert decode_xml(etree.tostring(root, encoding="utf-8"), definitions.schema) == _elements(resource)


def _elements(value: Any) -> Any:
    """Without lists of nulls alone: they say where extensions stand, and are no elements of their own."""
    if isinstance(value, dict):
        return {name: _elements(one) for name, one in value.items() if not (isinstance(one, list) and set(map(type, one)) == {type(None)})}
    return [_elements(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("resource", DEMONSTRATION, ids=lambda resource: f"{resource['resourceType']}/{resource['id']}")
def test_the_demonstration_says_the_same_after_fhir_resources_wrote_it(resource: dict[str, Any]) -> None:
    model = get_fhir_model_class(resource["resourceType"]).model_validate_json(encode_json(resource))
    assert json.loads(model.model_dump_json(exclude_none=True)) == json.loads(encode_json(resource))
