"""docs/threat-model.md names for each defence a test, and each is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
TEXT = (TOP / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def test_many_are_named():
    assert len(NAMED) > 50


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_test_of_a_defence_exists(file, name):
    assert re.search(rf"^\s*(async )?def {name}\(", (TOP / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_threat_has_a_test():
    rows = [row for row in TEXT.splitlines() if row.startswith("| ") and not row.startswith(("| threat", "| ---"))]
    assert [row for row in rows if "::test_" not in row] == []
