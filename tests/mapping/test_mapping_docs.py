"""docs/mapping.md and docs/hospital.md speak of all there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.hl7v2.adt import codes, load_maps
from adapters.hl7v2.fault import ErrorCode
from adapters.hl7v2.map_functions import FUNCTIONS
from adapters.mapping.compiler import CODE_FUNCTIONS, TEXT_FUNCTIONS
from adapters.mapping.document import default_folder

DOCS = Path(__file__).parents[2] / "docs"
MAPPING = (DOCS / "mapping.md").read_text("utf-8")
HOSPITAL = (DOCS / "hospital.md").read_text("utf-8")
SCHEMA = json.loads((default_folder() / "schema" / "map.schema.json").read_text("utf-8"))


def test_every_function_is_told() -> None:
    for name in (*CODE_FUNCTIONS, *TEXT_FUNCTIONS, *FUNCTIONS, "naming-system"):
        assert f"`{name}" in MAPPING, name


def test_every_instruction_and_key_is_told() -> None:
    for name in (*SCHEMA["$defs"]["object"]["properties"], *SCHEMA["$defs"]["merge"]["properties"], *SCHEMA["properties"]):
        assert name in MAPPING, name


def test_every_event_taken_is_told() -> None:
    taken = [(code, event) for one in load_maps().maps.values() for code in codes(one) for event in one.accepts["event"]]
    assert [f"{code}^{event}" for code, event in taken if event not in HOSPITAL] == []


@pytest.mark.parametrize("code", list(ErrorCode), ids=lambda code: code.name)
def test_every_error_code_is_told(code: ErrorCode) -> None:
    assert code.code in HOSPITAL


def test_every_destination_of_the_table_is_told() -> None:
    table = json.loads((default_folder() / "hl7v2/concept-maps/pmsi-discharge.json").read_text("utf-8"))
    codes = {target["code"] for group in table["group"][:2] for element in group["element"] for target in element["target"]}
    assert {code for code in codes if code not in HOSPITAL} == set()


def test_every_path_of_the_field_table_is_read_by_the_maps() -> None:
    text = "".join(file.read_text("utf-8") for file in (default_folder() / "hl7v2").glob("*.yaml"))
    rows = [
        line.split("|")[1]
        for line in HOSPITAL.split("## What each field becomes")[1].split("An **empty field**")[0].splitlines()
        if "|" in line
    ]
    fields = {
        word.strip(",") for row in rows for word in row.split() if word[:3] in ("PID", "PV1", "PV2", "ZBE", "ZFM", "ZFD") and "-" in word
    }
    assert len(fields) > 20
    assert {field for field in fields if field not in text} == set()
