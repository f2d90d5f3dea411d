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
    "PID[Patient]", "PD1[Patient]", "NK1[Patient]", "PV1[Encounter]", "PV1[Patient]", "PV2[Encounter]",
    "ROL[Patient-GeneralPractitioner]", "ROL[Encounter-PractitionerRole]", "TXA[DocumentReference]", "OBX[DocumentReference]",
    "NTE[DocumentReference]", "SCH[Appointment]", "PID[Appointment]", "AIS[Appointment]", "AIP[Appointment]", "AIL[Appointment]",
    "AIG[Appointment]", "NTE[Appointment-Comment]",
)  # fmt: skip
FRENCH = {"ZBE": 9, "ZFA": 12, "ZFD": 8, "ZFM": 5, "ZFP": 2, "ZFS": 8, "ZFV": 11}
"""How many fields the segments have that IHE PAM France adds."""
PAGE = Path(__file__).parents[2] / "docs" / "v2-to-fhir.md"
FIELD, ATTRIBUTE = 1, 9
Pair = tuple[str, str]
"""A field and an element: ("PID-5", "Patient.name")."""


def of_hl7(folder: Path) -> Iterator[Pair]:
    for table in TABLES:
        segment, type_name = re.split(r"[\[\]-]", table)[:2]
        (file,) = (one for one in folder.glob("*.csv") if f" {table} " in one.name)
        with file.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.reader(lines) if len(row) > ATTRIBUTE and re.fullmatch(rf"{segment}-\d+", row[FIELD])]
        for row in rows:
            if name := re.match(r"[a-z][A-Za-z]*", row[ATTRIBUTE].strip()):
                yield row[FIELD], f"{type_name}.{name[0]}"


def of_ours() -> set[Pair]:
    """Only what the tables speak of: their segments and resources."""
    segments = {table[:3] for table in TABLES}
    types = {re.split(r"[\[\]-]", table)[1] for table in TABLES}
    lines = (line for one in map_outlines() for line in one.lines)
    fields = ((re.match(r"[A-Z0-9]{3}-\d+", line.source), line.element.split(".")) for line in lines)
    return {(field[0], ".".join(element[:2])) for field, element in fields if field and field[0][:3] in segments and element[0] in types}


def rows(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the page."""
    section = PAGE.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if re.match(r"\| [A-Z0-9]{3}[-\[ ]", line)]
    return [[cell.strip().replace("`", "") for cell in line] for line in lines]


def listed() -> list[list[str]]:
    return rows("Field by field")


def test_every_departure_is_listed_and_nothing_else(test_data: Path) -> None:
    theirs, ours = set(of_hl7(test_data / "v2-to-fhir" / "mappings" / "segments")), of_ours()
    told = {(field, element) for field, element, _, _ in listed()}
    assert sorted(theirs ^ ours) == sorted(told)


def test_every_departure_says_which_side_it_is_of_and_why(test_data: Path) -> None:
    theirs = set(of_hl7(test_data / "v2-to-fhir" / "mappings" / "segments"))
    wrong = [row for row in listed() if row[2] != ("HL7" if (row[0], row[1]) in theirs else "ours") or not row[3]]
    assert wrong == []


def test_every_table_of_hl7_is_compared_or_said_not_to_be_followed(test_data: Path) -> None:
    files = (test_data / "v2-to-fhir" / "mappings" / "segments").glob("*.csv")
    theirs = {re.sub(r"^.*FHIR R4_ (\S+) - .*$", r"\1", file.name) for file in files}
    left_out = [table for tables, _ in rows("Tables that no map follows") for table in tables.split(", ")]
    assert sorted(left_out) == sorted(theirs - set(TABLES))
    assert all(why for _, why in rows("Tables that no map follows"))


def test_every_field_of_the_french_segments_is_read_or_its_absence_explained() -> None:
    read = {line.source.split(".")[0] for one in map_outlines() for line in one.lines}
    fields = {f"{segment}-{number}" for segment, last in FRENCH.items() for number in range(1, last + 1)}
    told = [field for listed_, *_ in rows("Fields of IHE PAM France that no map reads") for field in spread(listed_)]
    assert sorted(told) == sorted(fields - {field for source in read for field in re.findall(r"Z[A-Z]{2}-\d+", source)})


def spread(listed_: str) -> list[str]:
    """`ZFA-4 to ZFA-6` as the three fields, `ZFV-2, ZFV-3` as the two."""
    first, _, last = listed_.partition(" to ")
    segment, number = first.split("-")[0], first.split("-")[-1]
    return [f"{segment}-{one}" for one in range(int(number), int(last.split("-")[1]) + 1)] if last else listed_.split(", ")
