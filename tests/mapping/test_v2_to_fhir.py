"""Our maps beside HL7's v2-to-FHIR tables: every departure is listed in docs/v2-to-fhir.md with its reason, and none that is not one.

Compared field by field: which elements of the resource a field goes to, by their first name (`Patient.name`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.hl7v2.field_page import map_outlines

pytestmark = pytest.mark.conformance

TABLES = (
    "PID[Patient]", "PV1[Encounter]", "PV2[Encounter]", "TXA[DocumentReference]", "OBX[DocumentReference]",
    "SCH[Appointment]", "AIS[Appointment]", "AIP[Appointment]", "AIL[Appointment]",
)  # fmt: skip
PAGE = Path(__file__).parents[2] / "docs" / "v2-to-fhir.md"
FIELD, ATTRIBUTE = 1, 9
Pair = tuple[str, str]
"""A field and an element: ("PID-5", "Patient.name")."""


def of_hl7(folder: Path) -> Iterator[Pair]:
    for table in TABLES:
        segment, type_name = table.rstrip("]").split("[")
        (file,) = (one for one in folder.glob("*.csv") if f" {table} " in one.name)
        with file.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.reader(lines) if len(row) > ATTRIBUTE and re.fullmatch(rf"{segment}-\d+", row[FIELD])]
        for row in rows:
            if name := re.match(r"[a-z][A-Za-z]*", row[ATTRIBUTE].strip()):
                yield row[FIELD], f"{type_name}.{name[0]}"


def of_ours() -> set[Pair]:
    """Only what the tables speak of: their segments and resources."""
    segments = {table[:3] for table in TABLES}
    types = {table[4:-1] for table in TABLES}
    lines = (line for one in map_outlines() for line in one.lines)
    fields = ((re.match(r"[A-Z0-9]{3}-\d+", line.source), line.element.split(".")) for line in lines)
    return {(field[0], ".".join(element[:2])) for field, element in fields if field and field[0][:3] in segments and element[0] in types}


def listed() -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| [A-Z0-9]{3}-", line)]
    return [[cell.strip().replace("`", "") for cell in row] for row in rows]


def test_every_departure_is_listed_and_nothing_else(test_data: Path) -> None:
    theirs, ours = set(of_hl7(test_data / "v2-to-fhir" / "mappings" / "segments")), of_ours()
    told = {(field, element) for field, element, _, _ in listed()}
    assert sorted(theirs ^ ours) == sorted(told)


def test_every_departure_says_which_side_it_is_of_and_why(test_data: Path) -> None:
    theirs = set(of_hl7(test_data / "v2-to-fhir" / "mappings" / "segments"))
    wrong = [row for row in listed() if row[2] != ("HL7" if (row[0], row[1]) in theirs else "ours") or not row[3]]
    assert wrong == []
