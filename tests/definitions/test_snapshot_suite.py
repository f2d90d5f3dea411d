"""HL7's snapshot tests (made for R4B, run here against R4): what comes out has the elements, cardinalities, type codes, values, slice names
and mustSupport of the expected snapshot; what must fail has an issue.

A floor and not a list: the types of R4B differ from those of R4, and a good number of the expected snapshots were written by
generators of several years, which disagree about when a sliced element's minimum is raised.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from test_snapshot_packages import ASPECTS, _is_absent

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.element_tree import located
from fhir_server.definitions.snapshot import Snapshot, generate_snapshot
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import decode_xml

pytestmark = pytest.mark.conformance

EQUAL_FLOOR = 62
FAILING_FLOOR = 8

Resource = dict[str, Any]


class Suite:
    """The tests of the folder, and a resolver that knows all of its definitions."""

    def __init__(self, folder: Path, definitions: Definitions):
        self.folder, self.definitions = folder, definitions
        self.tests = etree.parse(str(folder / "manifest.xml")).getroot().findall("test")
        given = [path for path in sorted(folder.glob("*")) if "expected" not in path.name and path.name != "manifest.xml"]
        known = [found for path in given if (found := _read(path, definitions.schema)) is not None and "url" in found]
        self.known = {found["url"]: found for found in reversed(known)}

    def resolve(self, canonical: str) -> Resource | None:
        return self.known.get(canonical.partition("|")[0]) or self.definitions.resolve(canonical)

    def file(self, name: str) -> Resource | None:
        """The first readable file of this name, whatever its format."""
        paths = (self.folder / f"{name}.{suffix}" for suffix in ("xml", "json"))
        return next((found for path in paths if (found := _read(path, self.definitions.schema))), None)

    def made(self, id_: str) -> Snapshot | None:
        profile = self.file(id_ + "-input")
        return generate_snapshot({**profile, "snapshot": {}}, self.resolve) if profile else None


def _read(path: Path, schema: Schema) -> Resource | None:
    if path.suffix not in (".json", ".xml") or not path.is_file():
        return None
    try:
        found: Resource = decode_json(path.read_bytes()) if path.suffix == ".json" else decode_xml(path.read_bytes(), schema)
    except FhirError:
        return None
    return found


@pytest.fixture(scope="module")
def suite(test_data: Path, definitions: Definitions) -> Suite:
    return Suite(test_data / "hl7-tests" / "snapshot-generation-r4b", definitions)


def test_snapshots_equal_the_expected_ones(suite: Suite) -> None:
    passing = [test for test in suite.tests if test.get("fail") != "true"]
    equal = [test.get("id") for test in passing if _is_as_expected(suite, str(test.get("id")))]
    assert len(equal) >= EQUAL_FLOOR, f"{len(equal)} of {len(passing)}"


def test_what_must_fail_has_issues(suite: Suite) -> None:
    failing = [str(test.get("id")) for test in suite.tests if test.get("fail") == "true"]
    told = [id_ for id_ in failing if (made := suite.made(id_)) and made.issues]
    assert len(told) >= FAILING_FLOOR, f"{len(told)} of {len(failing)}"


def _is_as_expected(suite: Suite, id_: str) -> bool:
    made, expected = suite.made(id_), suite.file(id_ + "-expected")
    if made is None or made.issues or expected is None or "snapshot" not in expected:
        return False
    ours = {tuple(steps): row for steps, row in located(made.elements)}
    theirs = {tuple(steps): row for steps, row in located(expected["snapshot"]["element"])}
    if any(_is_absent(steps, ours) for steps in theirs) or any(_is_absent(steps, theirs) for steps in ours):
        return False
    return all(_aspects(theirs[steps]) == _aspects(ours[steps]) for steps in theirs if steps in ours)


def _aspects(row: Resource) -> list[Any]:
    compared = ("path", "min", "max", "values", "slice name", "mustSupport")
    return [sorted({one.get("code") for one in row.get("type", ())}), *(ASPECTS[name](row) for name in compared)]
