"""The official R4 examples through the REST interface: stored, read back equal but for meta, in JSON and XML, and cut to summaries."""

from __future__ import annotations

import re
import tarfile
from functools import cache
from pathlib import Path

import pytest

from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.model.xml_format import decode_xml
from fhir_server.rest.media_type import JSON
from fhir_server.rest.summary import subset
from fhir_server.rest.view import View
from fhir_server.validation.structure import StructureCheck

pytestmark = pytest.mark.conformance

AT_ONCE = 200
PARTS = 4
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@cache
def read_archive(path):
    """Every example that has an id it can be stored under, the last of each id."""
    with tarfile.open(path) as archive:
        sources = [stream.read() for member in archive if member.name.endswith(".json") and (stream := archive.extractfile(member))]
    resources = [decode_json(source) for source in sources]
    return list({(one["resourceType"], one["id"]): one for one in resources if ID.fullmatch(one.get("id", ""))}.values())


@pytest.fixture
def examples(test_data: Path):
    return read_archive(test_data / "r4-examples-4.0.1.tar.xz")


def without_meta(resource):
    return {name: value for name, value in resource.items() if name != "meta"}


def only_stored(resource):
    """A Subscription that is over, and without the headers, which are never shown: one that asks would have this server send to a place of
    the example (tests/subscriptions)."""
    if resource["resourceType"] != "Subscription":
        return resource
    return resource | {"status": "off", "channel": {name: value for name, value in resource["channel"].items() if name != "header"}}


def put(resource):
    return {"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_example_is_stored_and_read_back_equal(client, definitions, examples, part):
    sent = [only_stored(one) for one in examples[part::PARTS]]
    assert len(sent) > 1000
    for start in range(0, len(sent), AT_ONCE):
        entries = [put(one) for one in sent[start : start + AT_ONCE]]
        answer = client.post("/", encode_json({"resourceType": "Bundle", "type": "batch", "entry": entries}))
        refused = [one["response"] for one in answer.json()["entry"] if one["response"]["status"] != "201 Created"]
        assert refused == []
    for number, resource in enumerate(sent):
        path = f"/{resource['resourceType']}/{resource['id']}"
        assert without_meta(decode_json(client.get(path, accept="application/fhir+json").content)) == without_meta(resource), path
        if number % 5:
            continue  # all of them go through XML in tests/conformance
        as_xml = client.get(path, accept="application/fhir+xml")
        assert without_meta(decode_xml(as_xml.content, definitions.schema)) == without_meta(resource), path


@pytest.mark.parametrize("view", [*({"summary": name} for name in ("true", "text", "data")), {"elements": ("status", "name")}], ids=str)
def test_a_cut_example_is_still_a_resource_of_its_type(definitions, examples, view):
    structure = StructureCheck(definitions.schema)
    asked = View(JSON, JSON.content_type, **view)
    for resource in examples[::5]:
        cut = subset(resource, asked, definitions.schema)
        elements = definitions.schema[resource["resourceType"]].elements
        assert structure.check(cut) == []
        assert {name for name in resource if name in elements and elements[name].min} <= cut.keys()
        assert subset(cut, asked, definitions.schema) == cut
