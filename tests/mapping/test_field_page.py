"""docs/hl7v2-fields.md says what the maps say now. After a change: `passerelle map document > docs/hl7v2-fields.md`."""

from __future__ import annotations

from pathlib import Path

from adapters.hl7v2.adt import load_maps
from adapters.hl7v2.field_page import field_page, map_outlines, position
from adapters.mapping.outline import resolved

PAGE = Path(__file__).parents[2] / "docs" / "hl7v2-fields.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == field_page(), "run `passerelle map document > docs/hl7v2-fields.md` and read the difference"


def test_every_map_is_outlined() -> None:
    assert {one.name for one in map_outlines()} == set(load_maps().maps)


def test_a_field_is_told_by_its_numbers_and_names() -> None:
    assert position("PID-3.authority.universalId") == "PID-3.4.2 (authority.universalId)"
    assert position("XCN.family") == "XCN.2 (family)"
    assert position("PID-7") == "PID-7"


def test_bound_names_are_put_back_and_words_are_not() -> None:
    assert resolved("OBX-2 = ED and exists ED.data and not ED.type in (ED)", {"ED": "OBX-5"}) == (
        "OBX-2 = ED and exists OBX-5.data and not OBX-5.type in (ED)"
    )
    assert resolved("ST", {"ST": "PID-32"}) == "PID-32"
