"""The official GraphQL tests of R4, against their own resources: what each query answers, or that it is refused."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fhir_server.graphql import Edge, Found, GraphQLRequest, execute
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_resource

pytestmark = pytest.mark.conformance

FOLDER = Path("hl7-tests") / "graphql-r4"
CASES = (
    "simple", "filter-fhirpath", "using wrong field", "polymorphic", "reference", "reference-type-in", "reference-type-out",
    "reference-broken", "reference-optional", "reference-fragment-type", "extension-complex", "extension-complex-in",
    "extension-complex-out", "extension-simple", "search-single", "search-simple", "search-full", "reference-reverse",
    "directive-skip", "directive-include", "directive-variable", "flatten", "flatten-first", "flatten-singleton1",
    "flatten-singleton2", "flatten-singleton3", "flatten-slice1", "flatten-slice2", "list-sub",
)  # fmt: skip
VARIABLES = {"directive-variable": {"var": True}}
"""The manifest names the operation, not its variable; the answer has the identifier, so it is true."""

WANTED = re.compile(
    r"/(Patient-(example|xds|glossy|newborn)|Observation-(example|20minute-apgar-score)|Condition-example|List-long|MedicationDispense-meddisp008)\.json$"
)


class Examples:
    """R4's examples as a source. Its searches answer what the suite's own server answers: example and xds, or the one condition."""

    base = "http://example.org/fhir"

    def __init__(self, resources: dict[tuple[str, str], dict[str, Any]], definitions: Any):
        self._resources, self._definitions = resources, definitions
        self.schema = definitions.schema

    def search_parameters(self, type_name: str) -> Sequence[str]:
        return list(self._definitions.search_parameters(type_name))

    async def read(self, type_name: str, id_: str, version: str | None = None) -> dict[str, Any]:
        if (type_name, id_) not in self._resources:
            raise fault(Category.NOT_FOUND, "not-found", f"There is no {type_name}/{id_}.")
        return self._resources[(type_name, id_)]

    async def search(self, type_name: str, pairs: Sequence[tuple[str, str]]) -> Found:
        asked = dict(pairs)
        if type_name == "Condition":
            assert asked["patient"] == "Patient/example"
            return Found([Edge(await self.read("Condition", "example"))], 1)
        assert asked["active"] == "true"
        first, second = [await self.read("Patient", one) for one in ("example", "xds")]
        is_paged = asked["_total"] == "accurate"
        return Found([Edge(first, None), Edge(second, "match", 0.5)], 50, "a place of the server's own" if is_paged else None)


@pytest.fixture(scope="module")
def suite(test_data: Path) -> dict[str, dict[str, str]]:
    return {one.attrib["name"]: one.attrib for one in ElementTree.parse(test_data / FOLDER / "manifest.xml").getroot()}


@pytest.fixture(scope="module")
def examples(test_data: Path, definitions: Any) -> Examples:
    found = {}
    with tarfile.open(test_data / "r4-examples-4.0.1.tar.xz") as archive:
        for member in archive:
            if WANTED.search(member.name):
                resource = decode_resource(archive.extractfile(member).read())
                found[(resource["resourceType"], resource["id"])] = resource
    listed = found[("List", "long")]
    found[("List", "example-long")] = listed
    return Examples(found, definitions)


def test_the_table_has_every_test_of_the_suite(suite):
    assert tuple(suite) == CASES


@pytest.mark.parametrize("name", CASES)
def test_official_graphql_test(name, suite, examples, test_data, run):
    case = suite[name]
    query = (test_data / FOLDER / case["source"]).read_text()
    type_name, _, rest = case["context"].partition("/")
    focus = (type_name, rest.partition("/")[0]) if type_name else None
    asked = GraphQLRequest(query, case.get("operation"), VARIABLES.get(name, {}))
    if case["output"] == "$error":
        with pytest.raises(FhirError):
            run(execute(asked, examples, focus))
        return
    expected = json.loads((test_data / FOLDER / case["output"]).read_text())
    answer = json.loads(json.dumps(run(execute(asked, examples, focus))["data"], default=float))
    assert without_cursor(answer) == without_cursor(expected)


def without_cursor(answer: dict[str, Any]) -> dict[str, Any]:
    """The page's token is each server's own; that there is one is compared."""
    return {name: one | {"next": "next" in one} if name.endswith("Connection") else one for name, one in answer.items()}
